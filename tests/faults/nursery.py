"""Starts `maild` by forking an interpreter that has everything loaded: a start costs a tenth, so a campaign can have ten
times the kills. The code that runs is the command line's own.

The mother reads one JSON request a datagram from a socket, with file descriptors beside it, and never has threads.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

MOST = 65_536
PR_SET_PDEATHSIG = 1


def mother(line: socket.socket) -> None:
    """Forks on request, says how its children ended, until the line closes."""
    import maild.daemon  # noqa: F401
    from maild.cli import main

    codes: dict[int, int] = {}
    line.send(b"{}")
    while True:
        readable, _, _ = select.select([line], [], [], 0.05)
        _reap(codes)
        if not readable:
            continue
        content, fds, _, _ = socket.recv_fds(line, MOST, 3)
        if not content:
            return
        asked: dict[str, Any] = json.loads(content)
        if "ended" in asked:
            line.send(json.dumps(codes.get(asked["ended"])).encode())
            continue
        pid = os.fork()
        if pid == 0:
            line.close()
            _become(asked, fds)
            os._exit(_run(main, asked["words"]))
        for fd in fds:
            os.close(fd)
        line.send(str(pid).encode())


def _reap(codes: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            codes[found[0]] = os.waitstatus_to_exitcode(found[1])


def _become(asked: dict[str, Any], fds: Sequence[int]) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # no daemon outlives a trial that was broken off
    os.chdir(asked["cwd"])
    for fd, place in zip(fds, (1, 2, 0), strict=False):
        os.dup2(fd, place)
        os.close(fd)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)  # hers know her files
    if len(fds) > 2:
        os.read(0, 1)  # until whoever watches us is there


def _run(main: Callable[[], None], words: list[str]) -> int:
    """What the entry point does; the code as a shell would see it."""
    sys.argv = ["maild", *words]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


class Forked:
    """A child of the mother, with what `Running` asks of a `Popen`."""

    def __init__(self, nursery: "Nursery", pid: int, stdout: IO[bytes], gate: int | None) -> None:
        self._nursery = nursery
        self.pid = pid
        self.stdout = stdout
        self._gate = gate
        self.returncode: int | None = None

    def open_gate(self) -> None:
        """Lets a child begin that was told to wait."""
        assert self._gate is not None
        os.write(self._gate, b"x")
        os.close(self._gate)
        self._gate = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ended(self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("maild", timeout)
            time.sleep(0.01)
        return code


class Nursery:
    """The mother, seen from outside."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._asking = threading.Lock()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._mother = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, **environment},
                cwd=Path(__file__).parents[2],
            )
        self._line.settimeout(60)
        self._line.recv(MOST)

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()
        self._mother.wait(20)

    def start(self, words: list[str], cwd: Path, stderr: int, *, gated: bool = False) -> Forked:
        read, write = os.pipe()
        fds = [write, stderr]
        gate: int | None = None
        if gated:
            theirs, gate = os.pipe()
            fds.append(theirs)
        with self._asking:
            socket.send_fds(self._line, [json.dumps({"words": words, "cwd": str(cwd)}).encode()], fds)
            pid = int(self._line.recv(MOST))
        for fd in {*fds} - {stderr}:
            os.close(fd)
        return Forked(self, pid, os.fdopen(read, "rb"), gate)

    def ended(self, pid: int) -> int | None:
        with self._asking:
            self._line.send(json.dumps({"ended": pid}).encode())
            code: int | None = json.loads(self._line.recv(MOST))
        return code


if __name__ == "__main__":
    mother(socket.socket(fileno=int(sys.argv[1])))
