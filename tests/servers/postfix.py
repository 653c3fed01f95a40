"""A private Postfix on a loopback port: own configuration, own queue, nothing of the machine's own service touched."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.folders import folder_for
from tests.servers.needed import require
from tests.servers.product import free_port

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
DAEMONS = Path("/usr/lib/postfix/sbin")
# Column five of every service is `n`: no chroot, as the private queue has no copies of libraries in it.
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n  -  n  60  1  pickup
cleanup   unix  n  -  n  -   0  cleanup
qmgr      unix  n  -  n  1   1  qmgr
rewrite   unix  -  -  n  -   -  trivial-rewrite
bounce    unix  -  -  n  -   0  bounce
defer     unix  -  -  n  -   0  bounce
trace     unix  -  -  n  -   0  bounce
verify    unix  -  -  n  -   1  verify
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -   -  proxymap
smtp      unix  -  -  n  -   -  smtp
lmtp      unix  -  -  n  -   -  lmtp
showq     unix  n  -  n  -   -  showq
error     unix  -  -  n  -   -  error
retry     unix  -  -  n  -   -  error
discard   unix  -  -  n  -   -  discard
local     unix  -  n  n  -   -  local
anvil     unix  -  -  n  -   1  anvil
scache    unix  -  -  n  -   1  scache
postlog   unix-dgram n - n -  1  postlogd
"""
PIPE = "maild     unix  -  n  n  -   2  pipe\n  flags= user=nobody null_sender= argv={command}\n"
SETTINGS = {
    "compatibility_level": "3.6",
    "command_directory": "/usr/sbin",
    "daemon_directory": str(DAEMONS),
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "myhostname": "mx.acme.test",
    "mydestination": "",
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "smtp_dns_support_level": "disabled",
    "smtp_host_lookup": "native",
    "smtpd_peername_lookup": "no",
    "smtpd_recipient_restrictions": "permit_mynetworks, reject",
    "local_recipient_maps": "",
    "alias_maps": "",
    "alias_database": "",
    "recipient_delimiter": "+",
    "lmtp_destination_recipient_limit": "50",
    # Seconds instead of minutes between attempts: the tests wait for them.
    "queue_run_delay": "1s",
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "1s",
    "transport_retry_time": "1s",
}


def missing() -> str | None:
    """Why a private Postfix can't be started here."""
    if shutil.which("postfix", path=PATH) is None:
        return "needs Postfix: apt-get install postfix"
    if os.geteuid() != 0:
        return "needs root, to become the users that Postfix runs as"
    try:
        pwd.getpwnam("postfix")
    except KeyError:
        return "needs the user postfix of the Debian package"
    return None


class Postfix:
    """One instance. `transports`: recipient → next hop in Postfix's words; all other mail goes to `relayhost`."""

    def __init__(
        self, folder: Path, *, relayhost: int, transports: Mapping[str, str], pipe: str | None = None, port: int = 0
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        routes = ", ".join(f"{{ {address} = {hop} }}" for address, hop in transports.items())
        settings = SETTINGS | {
            "queue_directory": str(folder / "queue"),
            "data_directory": str(folder / "data"),
            "maillog_file": str(folder / "log"),
            "maillog_file_prefixes": str(folder),
            "relayhost": f"[127.0.0.1]:{relayhost}",
            "transport_maps": f"inline:{{ {routes} }}" if routes else "",
        }
        (folder / "etc" / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
        (folder / "etc" / "master.cf").write_text(
            MASTER.format(port=self.port) + (PIPE.format(command=pipe) if pipe else "")
        )

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Checks and makes its folders, then runs in the foreground as a child of ours."""
        self._command("postfix", "check")
        command = [str(DAEMONS / "master"), "-c", str(self.folder / "etc"), "-d"]
        with (self.folder / "start.log").open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        self._wait_for_port()

    def stop(self) -> None:
        """What is queued stays on disk."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None

    def queue(self) -> list[dict[str, object]]:
        """The mails that wait, as `postqueue -j` tells them."""
        return [json.loads(line) for line in self._command("postqueue", "-j").splitlines()]

    def hurry(self) -> None:
        """Tries everything that waits."""
        self._command("postqueue", "-f")

    def _command(self, name: str, *words: str) -> str:
        environment = os.environ | {"PATH": PATH}
        command = [f"/usr/sbin/{name}", "-c", str(self.folder / "etc"), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment)
        assert done.returncode == 0, f"{command}: {done.stderr}\n{self.log}"
        return done.stdout

    def _wait_for_port(self) -> None:
        until = time.monotonic() + 20
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                    assert connection.recv(100).startswith(b"220")
                    return
            except OSError:
                running = self._process is not None and self._process.poll() is None
                assert running and time.monotonic() < until, f"Postfix did not start\n{self.log}"
                time.sleep(0.02)


@contextmanager
def running_postfix(
    *, relayhost: int, transports: Mapping[str, str] | None = None, pipe: str | None = None, port: int = 0
) -> Iterator[Postfix]:
    """A started instance in a folder that all of Postfix's users can reach; skips where there is none (CI: fails)."""
    require(missing())
    folder = folder_for("postfix")
    server = Postfix(folder, relayhost=relayhost, transports=transports or {}, pipe=pipe, port=port)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
