"""A private PostgreSQL: own cluster in a temporary folder, Unix socket only, started once per test process."""

import atexit
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.folders import folder_for
from tests.servers.needed import require

BINARIES = "/usr/lib/postgresql"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the machine is not what fails here, and a cluster lives for one run of the tests
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}
_names = itertools.count(1)


def missing() -> str | None:
    """Why a private PostgreSQL can't be started here."""
    if _binaries() is None:
        return "needs PostgreSQL: apt-get install postgresql"
    if os.geteuid() != 0:
        return "needs root, to become the user that PostgreSQL runs as"
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return "needs the user postgres of the Debian package"
    return None


def fresh_database() -> str:
    """The URL of an empty database; skips the test where there is no PostgreSQL (CI: fails it)."""
    require(missing())
    return running_cluster().fresh_database()


def remove_running() -> None:
    """The cluster of this process, where there is one."""
    if running_cluster.cache_info().currsize:
        running_cluster().remove()


@functools.cache
def running_cluster() -> "Cluster":
    """The cluster of this process."""
    binaries = _binaries()
    assert binaries is not None
    cluster = Cluster(binaries)
    atexit.register(cluster.remove)
    cluster.make()
    cluster.start()
    return cluster


def _binaries() -> Path | None:
    """Of the newest version."""
    found = (path for path in Path(BINARIES).glob("*/bin") if (path / "postgres").exists())
    return max(found, key=lambda path: float(path.parent.name), default=None)


class Cluster:
    """One server. It ends with the process that started it, also when that is killed (`--pdeathsig`)."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self.folder = folder_for("pg")
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        for name in ("data", "socket"):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, "postgres", "postgres")
        (self.folder / "socket").chmod(0o755)
        words = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D", str(self.folder / "data")]
        self._as_postgres("initdb", *words)

    def start(self) -> None:
        settings = [f"-c{key}={value}" for key, value in SETTINGS.items()]
        command = ["postgres", "-D", str(self.folder / "data"), f"-cunix_socket_directories={self.folder / 'socket'}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command(*command, *settings), stdout=log, stderr=log, cwd="/")
        self._wait_until_it_answers()

    def stop(self) -> None:
        """As in a crash: connections are cut, and recovery follows at the next start."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fresh_database(self) -> str:
        name = f"maild_{next(_names)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder / 'socket'}"

    def _dsn(self, database: str) -> str:
        return f"host={self.folder / 'socket'} user=postgres dbname={database}"

    def _command(self, name: str, *words: str) -> list[str]:
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT"]
        return [*become, str(self._binaries / name), *words]

    def _as_postgres(self, name: str, *words: str) -> None:
        done = subprocess.run(self._command(name, *words), capture_output=True, timeout=60, cwd="/")
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._dsn("postgres")).close()
                return
            except psycopg.OperationalError:
                running = self._process is not None and self._process.poll() is None
                assert running and time.monotonic() < until, (self.folder / "log").read_text(errors="replace")
                time.sleep(0.02)
