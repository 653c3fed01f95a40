"""How much Python took from the heap at most, at any moment of a block."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def most_taken() -> Iterator[Callable[[], int]]:
    """The function gives bytes beyond what was held when the block began."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        yield lambda: tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
