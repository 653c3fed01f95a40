"""`maild run` as a process of its own: until it is ready, until it has drained, or until it is killed."""

import queue
import signal
import subprocess
import threading
from pathlib import Path

READY_SECONDS = 30


class Running:
    """A daemon of ours."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        try:
            line = self._lines.get(timeout=READY_SECONDS)
        except queue.Empty:
            line = ""
        assert line.startswith("ready"), f"not ready: {line!r}"

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(40)
        self._reader.join(5)
        return code

    def kill(self) -> None:
        """kill -9, of this one process; does nothing to one that has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(20)
        self._reader.join(20)

    def left_over(self) -> list[int]:
        """Processes of its session that still live after it."""
        return [pid for pid in _processes() if pid != self.pid and _session_of(pid) == self.pid]

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._lines.put(line.decode(errors="replace").strip())
        self._lines.put("")


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _session_of(pid: int) -> int | None:
    """Of a process that lives; a zombie does not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[3])
