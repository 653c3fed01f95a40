"""`python -m bench.peers.used COMMAND…`: runs a command to its end and prints what it and its children used, as JSON.

A process of its own: the system counts what a child's parent held when it was begun as the child's memory.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Used:
    """What a process and its children used until its end."""

    seconds: float
    cpu: float
    resident_mb: float
    code: int


def used_by(command: list[str]) -> Used:
    """Its words go to stderr, which is a log."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    return Used(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode)


if __name__ == "__main__":
    print(json.dumps(asdict(used_by(sys.argv[1:]))))
