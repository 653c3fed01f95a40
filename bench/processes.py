"""Processes under measurement: started, listened to, weighed by /proc, ended."""

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"


@contextmanager
def scratch(name: str, folder: Path = RESULTS) -> Iterator[Path]:
    """A folder of its own for a measurement; it stays when that fails.

    On the disk of the project, not on a /tmp that may be memory: flushes are part of what is measured.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
    yield base
    shutil.rmtree(base, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a tree of processes has used so far: CPU seconds, bytes handed to the disk, largest resident sizes."""

    at: float
    cpu: float
    written: int
    resident_mb: float


class Process:
    """A child of the bench that prints one line once it is ready."""

    def __init__(self, command: list[str], log: Path, ready: str | None = None, seconds: float = 60) -> None:
        self._log = log.open("ab")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._popen = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, env=environment
        )
        self.log = log
        self.pid = self._popen.pid
        self.said = self._wait_for(ready, seconds) if ready else ""

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port in the line that it printed."""
        return int(self.said.rpartition(":")[2].split()[0])

    def _wait_for(self, word: str, seconds: float) -> str:
        deadline, said = time.monotonic() + seconds, b""
        assert self._popen.stdout is not None
        while b"\n" not in said[max(0, said.find(word.encode())) :] or word.encode() not in said:
            readable, _, _ = select.select([self._popen.stdout], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self._popen.stdout.fileno(), 4096) if readable else b""
            if not piece:
                self.stop()
                raise SystemExit(
                    f"bench: a process did not start: {' '.join(self._popen.args[:6])}\n{self.last_words()}"
                )
            said += piece
        return next(line for line in said.decode().splitlines() if word in line)

    def last_words(self) -> str:
        """The end of its log, for a person."""
        return self.log.read_text(errors="replace")[-2000:]

    def alive(self) -> bool:
        """False once it has ended."""
        return self._popen.poll() is None

    def weigh(self, root: int | None = None) -> Weight:
        """The whole tree (its own, or that of another root), with children that were already collected."""
        trees = list(_tree(root or self.pid))
        return Weight(
            time.monotonic(),
            sum(map(_cpu, trees)) / TICKS,
            sum(map(_written, trees)),
            sum(map(_resident, trees)),
        )

    def innermost(self) -> int:
        """The Python process: the child, when it was started under a tracer."""
        if Path(f"/proc/{self.pid}/comm").read_text().strip() != "strace":
            return self.pid
        return next(pid for pid in _tree(self.pid) if pid != self.pid)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when that is not heard."""
        if self._popen.poll() is None:
            os.kill(self.innermost(), signal.SIGTERM)  # a tracer keeps the signal to itself
            try:
                self._popen.wait(40)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        if self._popen.stdout:
            self._popen.stdout.close()
        self._log.close()


def _tree(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                waiting += map(int, children.read_text().split())
            except OSError:
                continue


def _cpu(pid: int) -> int:
    """User and system ticks, its own and of collected children (proc(5), fields 14-17 of stat)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


def _written(pid: int) -> int:
    return _field(f"/proc/{pid}/io", "write_bytes:")


def _resident(pid: int) -> float:
    return _field(f"/proc/{pid}/status", "VmHWM:") / 1024


def _field(path: str, name: str) -> int:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
