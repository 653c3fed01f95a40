"""The daemon's heap is bounded before its threads begin, and what an admin set stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maild.cli import memory

# Eight threads at once take and free; how many arenas glibc then has is what each of them could have kept for itself.
ARENAS = """
import ctypes, pathlib, sys, threading
from maild.cli import memory

memory.bound(memory.heap_of_this_process())
libc, together = ctypes.CDLL(None), threading.Barrier(8)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]

def take() -> None:
    together.wait()
    blocks = [libc.malloc(4000) for _ in range(200)]
    together.wait()
    for block in blocks:
        libc.free(block)

threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, file)
libc.fclose(file)
print(pathlib.Path(sys.argv[1]).read_text().count("<heap nr="))
"""


class Noted:
    """A heap that notes what it is told."""

    def __init__(self) -> None:
        self.told: dict[int, int] = {}
        self.trimmed = 0

    def mallopt(self, what: int, value: int, /) -> int:
        self.told[what] = value
        return 1

    def malloc_trim(self, keep: int, /) -> int:
        self.trimmed += 1
        return keep


def test_arenas_and_both_thresholds_are_set() -> None:
    heap = Noted()

    memory.bound(heap, {})

    assert heap.told == {-8: 2, -3: 2 * memory.MB, -1: 4 * memory.MB}


def test_what_an_admin_set_in_the_environment_stays() -> None:
    heap = Noted()

    memory.bound(heap, {"MALLOC_ARENA_MAX": "4", "HOME": "/var/lib/maild"})

    assert heap.told == {-3: 2 * memory.MB, -1: 4 * memory.MB}


def test_another_c_library_is_left_alone() -> None:
    memory.bound(None, {})
    memory.give_back(None)


@pytest.mark.skipif(memory.heap_of_this_process() is None, reason="the C library is not glibc")
def test_eight_threads_share_two_arenas(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    free = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}

    done = subprocess.run(
        [sys.executable, "-c", ARENAS, str(tmp_path / "arenas")],
        env={**free, "PYTHONPATH": root},
        capture_output=True,
        timeout=30,
        check=True,
    )

    assert 1 <= int(done.stdout) <= 2
