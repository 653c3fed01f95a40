"""What a mail took goes back to the system: glibc's heap, bounded before the first thread begins.

By itself glibc gives every thread an arena of its own, up to eight for each core, and moves ever larger buffers into
them: what fourteen threads have freed stays with each of them, and the daemon grows for days although it keeps nothing.
"""

import ctypes
import os
from collections.abc import Mapping
from typing import Protocol

MB = 1024 * 1024
# mallopt(3): which variable of the environment says the same, its number, our value. Two arenas, as hardly more than
# two of our threads are outside Python's lock at once. A large mail is mapped by itself, so that it goes back alone;
# what is smaller is not, as each mapping costs CPU: from 256 KB on, the daemon was no smaller (docs/faults.md).
SETTINGS = (
    ("MALLOC_ARENA_MAX", -8, 2),
    ("MALLOC_MMAP_THRESHOLD_", -3, 2 * MB),
    ("MALLOC_TRIM_THRESHOLD_", -1, 4 * MB),
)


class Heap(Protocol):
    """The two calls of glibc that are needed here."""

    def mallopt(self, what: int, value: int, /) -> int:
        """Nonzero when it took the value."""
        ...

    def malloc_trim(self, keep: int, /) -> int:
        """Nonzero when some memory went back."""
        ...


def heap_of_this_process() -> Heap | None:
    """None on systems with another C library: musl and macOS have neither call, nor arenas that grow so."""
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None


def bound(heap: Heap | None, environment: Mapping[str, str] = os.environ) -> None:
    """Once, before threads start. What an admin has set in the environment stays as he wants it."""
    if heap is None:
        return
    for name, what, value in SETTINGS:
        if name not in environment:
            heap.mallopt(what, value)


def give_back(heap: Heap | None) -> None:
    """Whole pages that lie free between others, too; for now and then, as it walks through the heap (0.4 ms)."""
    if heap is not None:
        heap.malloc_trim(0)
