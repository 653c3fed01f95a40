"""Where a mail lies while it arrives: small ones in memory, large ones in a file of the spool folder."""

import asyncio
import errno
import hashlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from threading import Lock

from maild.desk.door import Spooled, SpoolFile
from maild.intake.smtp_weigh import HEADER_BYTES, hops

# Writes go to a thread, as a full or slow disk must not stop every other session: so they had better be few.
# Not less than a header may have: its hops are counted in the first block.
BLOCK = HEADER_BYTES


class Body:
    """Collects one mail. Either it is handed over, as `whole` or as `file`, or `discard` leaves nothing behind.

    The file is not synced here: it becomes durable when the desk takes it over.
    """

    def __init__(self, folder: Callable[[], Path], inline_bytes: int, threads: Executor) -> None:
        self._folder = folder
        self._inline_bytes = inline_bytes
        self._threads = threads
        self._memory = bytearray()
        self._file: _SpoolFile | None = None
        self._hops = 0

    @property
    def is_small(self) -> bool:
        """True for a mail that needs no file."""
        return self._file is None and len(self._memory) <= self._inline_bytes

    @property
    def hops(self) -> int:
        """How many servers have passed the mail on; to be asked once it has arrived."""
        return self._hops if self._file is not None else hops(self._memory)

    async def add(self, piece: bytes) -> None:
        """Raises OSError when the disk does not take it."""
        self._memory += piece
        if len(self._memory) > BLOCK:
            block, self._memory = self._memory, bytearray()
            await asyncio.get_running_loop().run_in_executor(self._threads, self._to_file().write, block)

    def whole(self) -> bytes:
        """A small mail."""
        return bytes(self._memory)

    def file(self) -> SpoolFile:
        """A large mail, whose end is not written yet."""
        file = self._to_file()
        file.rest, self._memory = self._memory, bytearray()
        return file

    def discard(self) -> None:
        """Forgets everything, also while a write is still under way in its thread."""
        self._memory = bytearray()
        if self._file is not None:
            self._threads.submit(self._file.remove)

    def _to_file(self) -> "_SpoolFile":
        if self._file is None:
            self._hops, self._file = self.hops, _SpoolFile(self._folder)
        return self._file


class _SpoolFile:
    """A file below the spool folder, used by one thread after the other; `remove` waits for a running write. What is
    written is hashed meanwhile: reading it again would be one more way through the disk's cache and Python's lock."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._lock = Lock()
        self._handle: int | None = None
        self._path: Path | None = None
        self._removed = False
        self._digest = hashlib.sha256()
        self._size = 0
        self.rest = bytearray()

    def write(self, block: bytearray) -> None:
        """Raises OSError when the disk does not take it."""
        with self._lock:
            self._write(block)

    def complete(self) -> Spooled:
        """See `maild.desk.door.SpoolFile`."""
        with self._lock:
            self._write(self.rest)
            self.rest = bytearray()
            self._close_handle()
            if self._removed or self._path is None:
                raise FileNotFoundError(errno.ENOENT, "the client's mail was given up")
            return Spooled(self._path, self._digest.hexdigest(), self._size)

    def remove(self) -> None:
        """Leaves nothing behind, and lets nothing more be written."""
        with self._lock:
            self._removed = True
            self._close_handle()
            if self._path is not None:
                self._path.unlink(missing_ok=True)

    def _write(self, block: bytearray) -> None:
        if self._removed:
            return
        if self._handle is None:
            self._handle, name = tempfile.mkstemp(prefix="smtp-", suffix=".part", dir=self._folder())
            self._path = Path(name)
        self._digest.update(block)
        self._size += len(block)
        view = memoryview(block)
        while view:
            view = view[os.write(self._handle, view) :]

    def _close_handle(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
