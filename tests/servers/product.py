"""maild as its users run it: a configuration file, `maild run` as a process of its own, everything else by commands."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.servers.interpreters import python_path
from tests.servers.process import Running

T = TypeVar("T")

CONFIG = """
[desk]
name = "Acme Support"
address = "support@acme.test"
admins = ["root@acme.test"]

[database]
url = "{database}"

[smtp]
listen = "127.0.0.1:{port}"
trusted_peers = ["127.0.0.1"]
{smtp}

[authentication]
trusted_authserv_ids = ["mx.acme.test"]

[delivery]
url = "{delivery}"

[[agents]]
name = "alice"
email = "alice@acme.test"
signature = "Alice, Acme Support"
{extra}
"""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def eventually(look: Callable[[], T], what: str, seconds: float = 30) -> T:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return found


class Desk:
    """One desk: its folder, its configuration, its commands. The port is the same at every start."""

    def __init__(
        self,
        folder: Path,
        *,
        delivery: str,
        database: str = "sqlite:///maild.db",
        smtp: str = "",
        extra: str = "",
        owner: int | None = None,
        python: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.config = folder / "maild.toml"
        self.database = database
        self.port = free_port()
        self.owner = owner
        self.command = [*(python or (sys.executable,)), "-m", "maild"]
        text = CONFIG.format(database=database, port=self.port, delivery=delivery, smtp=smtp, extra=extra)
        self.config.write_text(text)
        if owner is not None:
            folder.chmod(0o755)
            for path in (folder, self.config):
                os.chown(path, owner, owner)
        if not database.startswith("sqlite"):
            self.cli("migrate")

    @contextmanager
    def running(self, *words: str) -> Iterator[Running]:
        """`maild run`, ended with SIGTERM, which must drain and exit 0."""
        process = self.start(*words)
        try:
            yield process
            assert process.stop() == 0, self.log
        finally:
            process.kill()

    def start(self, *words: str) -> Running:
        """`maild run`, ready."""
        log = (self.folder / "maild.log").open("ab")
        with log:
            process = subprocess.Popen(
                [*self.command, "run", "-c", str(self.config), *words],
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                **self._as_owner(),
            )
        running = Running(process)
        try:
            running.wait_until_ready()
        except BaseException as error:
            running.kill()
            raise AssertionError(f"{error}\n{self.log}") from error
        return running

    @property
    def log(self) -> str:
        """The end of what the daemon wrote."""
        path = self.folder / "maild.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def call(self, *words: str, source: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """One command, whatever comes of it."""
        command = [*self.command, *words, "-c", str(self.config)]
        return subprocess.run(command, input=source, capture_output=True, timeout=100, **self._as_owner())

    def cli(self, *words: str, source: bytes = b"") -> str:
        """One command that must work."""
        done = self.call(*words, source=source)
        assert done.returncode == 0, f"{words}: {done.returncode} {done.stderr.decode(errors='replace')}"
        return done.stdout.decode()

    def json(self, *words: str) -> Any:
        return json.loads(self.cli(*words, "--json"))

    def ticket(self, number: str = "TICK-1001") -> Any:
        return self.json("ticket", "show", number)

    def tickets(self) -> Any:
        return self.json("ticket", "list")

    def raw(self, number: int) -> bytes:
        """The bytes of a mail in the spool."""
        done = self.call("quarantine", "show", str(number), "--raw")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _as_owner(self) -> dict[str, Any]:
        environment = {**os.environ, "PYTHONPATH": python_path(self.command[0])}
        given: dict[str, Any] = {"cwd": self.folder, "env": environment}
        if self.owner is not None:
            given |= {"user": self.owner, "group": self.owner, "extra_groups": []}
        return given
