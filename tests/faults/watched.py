"""A daemon under strace, which kills it at its N-th call of one kind, or lets a call fail (faults F01 to F03, F10).

strace counts calls by thread, so each role is watched in a process of its own (`maild run --only`).
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.house import ForkedRunning, QuickDesk
from tests.servers.product import eventually

FILES = ("write", "fsync", "rename")  # of large contents
WRITES = ("pwrite64", "fdatasync", *FILES, "unlink")
TALKS = ("sendto",)
TRACER_SECONDS = 20


def missing() -> str | None:
    """Why nothing can be watched here."""
    return None if shutil.which("strace") else "needs strace: apt-get install strace"


@contextmanager
def watched(
    desk: QuickDesk, injection: str, *words: str, ready: bool = True, first: str = "run"
) -> Iterator[ForkedRunning]:
    """`maild run` (or another command) with strace's `-e inject=` in force from its first step on; killed at the end if it still lives."""
    process = desk.begin(*words, gated=True, first=first)
    forked = process.forked
    call = injection.partition(":")[0]
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(process.pid), "-e", f"trace={call}"]
    tracer = subprocess.Popen([*command, "-e", f"inject={injection}"], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _is_traced(process.pid), "strace at work", TRACER_SECONDS)
        forked.open_gate()
        if ready:
            process.wait_until_ready()
        yield process
    finally:
        process.kill()
        tracer.wait(20)


def _is_traced(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in lines)
