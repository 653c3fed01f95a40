"""What a daemon and its children use: memory, files, threads, read from /proc (I11)."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.servers.process import Running

KB = 1024


def family(daemon: Running) -> list[int]:
    """The daemon and its children that live."""
    return [daemon.pid, *daemon.left_over()]


def resident(pid: int, kind: str = "VmRSS:") -> int:
    """Bytes in memory, of `RssAnon:` those that are its own; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * KB for line in lines if line.startswith(kind))


def open_files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


@dataclass(slots=True)
class Gauge:
    """Looks twice a second until its block ends; keeps the highest."""

    daemon: Running
    most_bytes: int = 0
    most_files: int = 0
    looks: list[tuple[float, int, int]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Gauge":
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        assert self._thread
        self._thread.join(10)

    def look(self) -> tuple[int, int]:
        """Bytes of all, files of the daemon."""
        bytes_, files = sum(resident(pid) for pid in family(self.daemon)), open_files(self.daemon.pid)
        self.most_bytes, self.most_files = max(self.most_bytes, bytes_), max(self.most_files, files)
        self.looks.append((time.monotonic(), bytes_, files))
        return bytes_, files

    def _run(self) -> None:
        while not self._over.wait(0.5):
            self.look()
