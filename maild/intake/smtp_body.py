"""Where a mail lies while it arrives: small ones in memory, large ones in a file of the spool folder."""

import asyncio
import os
import tempfile
from concurrent.futures import Executor
from pathlib import Path
from threading import Lock

# Writes go to a thread, as a full or slow disk must not stop every other session: so they had better be few.
BLOCK = 256 * 1024


class Body:
    """Collects one mail. Either `finish` hands it over, or `discard` leaves nothing behind.

    The file is not synced here: it becomes durable when the desk takes it over.
    """

    def __init__(self, folder: Path, inline_bytes: int, threads: Executor) -> None:
        self._folder = folder
        self._inline_bytes = inline_bytes
        self._threads = threads
        self._memory = bytearray()
        self._file: _SpoolFile | None = None

    async def add(self, piece: bytes) -> None:
        """Raises OSError when the disk does not take it."""
        self._memory += piece
        if len(self._memory) > (self._inline_bytes if self._file is None else BLOCK):
            await self._write_out()

    async def finish(self) -> bytes | Path:
        """The whole mail: its bytes, or the path of a file that now belongs to the desk."""
        if self._file is None:
            return bytes(self._memory)
        await self._write_out()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._file.close)

    def discard(self) -> None:
        """Forgets everything, also while a write is still under way in its thread."""
        self._memory = bytearray()
        if self._file is not None:
            self._threads.submit(self._file.remove)

    async def _write_out(self) -> None:
        block, self._memory = self._memory, bytearray()
        if self._file is None:
            self._file = _SpoolFile(self._folder)
        await asyncio.get_running_loop().run_in_executor(self._threads, self._file.write, block)


class _SpoolFile:
    """A file below the spool folder, used by one thread after the other; `remove` waits for a running write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._handle: int | None = None
        self._path: Path | None = None
        self._removed = False

    def write(self, block: bytearray) -> None:
        with self._lock:
            if self._removed:
                return
            if self._handle is None:
                self._handle, name = tempfile.mkstemp(prefix="smtp-", suffix=".part", dir=self._folder)
                self._path = Path(name)
            view = memoryview(block)
            while view:
                view = view[os.write(self._handle, view) :]

    def close(self) -> Path:
        with self._lock:
            assert self._path is not None
            self._close_handle()
            return self._path

    def remove(self) -> None:
        with self._lock:
            self._removed = True
            self._close_handle()
            if self._path is not None:
                self._path.unlink(missing_ok=True)

    def _close_handle(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
