"""A pool of child processes that understand mails; a crash or a hang costs one attempt of one mail, nothing else."""

import os
import queue
import select
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import maild
from maild.errors import PermanentError, TransientError
from maild.mail.model import Hints, InboundMail, Limits
from maild.reading.codec import PREFIX, frame, mail_of, settings_frame, unframe

# As much as a pipe holds (pipe(7)): room for more would be taken from the heap for each read, and given back unused.
_CHUNK = 64 * 1024
_STOP_SECONDS = 2.0


class ReadingFailed(PermanentError):
    """A mail ended its reader; the same mail would do so again. The text is for people: `the reader …`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one mail may cost, and after how many a child is replaced."""

    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    memory_bytes: int = 512 * 1024 * 1024
    mails: int = 500


DEFAULT_BOUNDS = Bounds()


class ReadingPool:
    """At most `size` children, started when first needed. Safe to use from any thread."""

    def __init__(self, size: int, hints: Hints, limits: Limits, bounds: Bounds = DEFAULT_BOUNDS) -> None:
        self._settings = b"".join(settings_frame(hints, limits, bounds.cpu_seconds, bounds.memory_bytes))
        self._bounds = bounds
        self._threads = ThreadPoolExecutor(max_workers=size, thread_name_prefix="reading")
        self._seats: queue.SimpleQueue[_Child | None] = queue.SimpleQueue()
        for _ in range(size):
            self._seats.put(None)
        self._size = size

    def submit(self, source: bytes) -> Future[InboundMail]:
        """The mail in these bytes, understood; the future may raise `ReadingFailed`."""
        return self._threads.submit(self._read, source)

    def warm(self) -> None:
        """Starts all children and returns when each has read something: the first real mail finds them ready."""
        for future in [self.submit(b"\r\n") for _ in range(self._size)]:
            future.exception()

    def close(self) -> None:
        """Finishes what has begun, drops what waits, ends all children."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for _ in range(self._size):
            child = self._seats.get()
            if child is not None:
                child.stop()
            self._seats.put(None)

    def _read(self, source: bytes) -> InboundMail:
        child = self._seats.get()
        try:
            if child is not None and not child.alive():
                child.stop()
                child = None
            if child is None:
                child = _started(self._settings, self._bounds)
            mail = child.read(source)
        except BaseException:
            if child is not None:
                child.stop(at_once=True)
            self._seats.put(None)
            raise
        if child.served >= self._bounds.mails:
            child.stop()
            self._seats.put(None)
        else:
            self._seats.put(child)
        return mail


class _Child:
    """One process and the two pipes to it."""

    def __init__(self, settings: bytes, bounds: Bounds) -> None:
        self.served = 0
        self._bounds = bounds
        self._settings = settings
        self._process = subprocess.Popen(
            [sys.executable, "-m", "maild.reading.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env=_environment(),
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    def alive(self) -> bool:
        return self._process.poll() is None

    def read(self, source: bytes) -> InboundMail:
        """Hands the mail over and waits for the answer, at most the wall time."""
        pieces = frame({}, [source])
        if self._settings:
            pieces.insert(0, self._settings)
        self._settings = b""
        self.served += 1
        document, blobs = self._exchange(pieces, time.monotonic() + self._bounds.wall_seconds)
        if "failed" in document:
            raise ReadingFailed(f"the reader failed with {document['failed']}")
        return mail_of(document["mail"], blobs)

    def _exchange(self, pieces: list[bytes], deadline: float) -> tuple[dict[str, Any], list[bytes]]:
        outgoing = [memoryview(piece) for piece in pieces if piece]
        answer = bytearray()
        poll = select.poll()
        poll.register(self._from, select.POLLIN)
        poll.register(self._to, select.POLLOUT)
        while True:
            left = deadline - time.monotonic()
            ready = dict(poll.poll(max(0.0, left) * 1000)) if left > 0 else {}
            if not ready:
                raise ReadingFailed(f"the reader took more than {self._bounds.wall_seconds:g} s")
            if self._to in ready and not self._write(outgoing):
                poll.unregister(self._to)
            if self._from in ready:
                chunk = os.read(self._from, _CHUNK)
                if not chunk:
                    raise ReadingFailed(self._why_it_ended())
                answer += chunk
                whole = _whole(answer)
                if whole is not None:
                    return whole

    def _write(self, outgoing: list[memoryview]) -> bool:
        """Writes what fits; False when nothing is left or nobody reads (the reading side then tells why)."""
        try:
            while outgoing:
                written = os.write(self._to, outgoing[0][:_CHUNK])
                outgoing[0] = outgoing[0][written:]
                if not outgoing[0]:
                    outgoing.pop(0)
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return False

    def _why_it_ended(self) -> str:
        try:
            code = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return "the reader closed its pipe"
        if code == -signal.SIGXCPU:
            return f"the reader used more than {self._bounds.cpu_seconds} s CPU"
        if code < 0:
            return f"the reader was ended by signal {-code} ({_signal_name(-code)})"
        return f"the reader ended with code {code}"

    def stop(self, *, at_once: bool = False) -> None:
        """Ends the process and collects it: no zombie stays."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        if at_once:
            self._process.kill()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _started(settings: bytes, bounds: Bounds) -> _Child:
    try:
        return _Child(settings, bounds)
    except OSError as problem:
        raise TransientError(f"no reader could be started: {problem}") from problem


def _whole(answer: bytearray) -> tuple[dict[str, Any], list[bytes]] | None:
    if len(answer) < PREFIX.size:
        return None
    head, tail = PREFIX.unpack_from(answer)
    if len(answer) < PREFIX.size + head + tail:
        return None
    begin = PREFIX.size + head
    return unframe(bytes(answer[PREFIX.size : begin]), bytes(answer[begin : begin + tail]))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def _environment() -> dict[str, str]:
    """Nothing of the daemon's secrets, only where Python finds its modules."""
    places = [str(Path(maild.__file__).resolve().parent.parent), *(place for place in sys.path if place)]
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(dict.fromkeys(places)), "PYTHONIOENCODING": "utf-8"}
