"""Where a mail lies while it arrives: small ones in memory, large ones in a file of the spool folder."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from threading import Lock

from maild.intake.smtp_weigh import HEADER_BYTES, hops

# Writes go to a thread, as a full or slow disk must not stop every other session: so they had better be few.
# Not less than a header may have: its hops are counted in the first block.
BLOCK = HEADER_BYTES


class Body:
    """Collects one mail. Either `finish` hands it over, or `discard` leaves nothing behind.

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
        """True for a mail that needs no file: `whole` gives its bytes."""
        return self._file is None and len(self._memory) <= self._inline_bytes

    @property
    def hops(self) -> int:
        """How many servers have passed the mail on; to be asked once it has arrived."""
        return self._hops if self._file is not None else hops(bytes(self._memory[:HEADER_BYTES]))

    async def add(self, piece: bytes) -> None:
        """Raises OSError when the disk does not take it."""
        self._memory += piece
        if len(self._memory) > BLOCK:
            await self._in_thread(self._to_file().write)

    def whole(self) -> bytes:
        """A small mail."""
        return bytes(self._memory)

    async def finish(self) -> Path:
        """The path of a file that now belongs to the desk. Raises OSError when the disk does not take it."""
        file = self._to_file()
        await self._in_thread(file.write_last)
        return file.path

    def discard(self) -> None:
        """Forgets everything, also while a write is still under way in its thread."""
        self._memory = bytearray()
        if self._file is not None:
            self._threads.submit(self._file.remove)

    def _to_file(self) -> "_SpoolFile":
        if self._file is None:
            self._hops, self._file = self.hops, _SpoolFile(self._folder)
        return self._file

    async def _in_thread(self, write: Callable[[bytearray], None]) -> None:
        block, self._memory = self._memory, bytearray()
        await asyncio.get_running_loop().run_in_executor(self._threads, write, block)


class _SpoolFile:
    """A file below the spool folder, used by one thread after the other; `remove` waits for a running write."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._lock = Lock()
        self._handle: int | None = None
        self._path: Path | None = None
        self._removed = False

    @property
    def path(self) -> Path:
        """Where it lies, once something was written."""
        assert self._path is not None
        return self._path

    def write(self, block: bytearray) -> None:
        with self._lock:
            self._write(block)

    def write_last(self, block: bytearray) -> None:
        with self._lock:
            self._write(block)
            self._close_handle()

    def remove(self) -> None:
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
        view = memoryview(block)
        while view:
            view = view[os.write(self._handle, view) :]

    def _close_handle(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
