"""A wall clock that a test may move for every process it starts, while monotonic clocks go on (faults F17, F19, F30)."""

import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shift.c")


class ClockShift:
    """The shim, compiled once into the folder, and the file that says by how many seconds."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock.shift"
        self._library = folder / "shift.so"
        self.seconds = 0
        self.move_to(0)
        words = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(words, check=True, capture_output=True, timeout=60)

    @property
    def environment(self) -> dict[str, str]:
        """For every process that shall live in this time."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_SHIFT": str(self._file)}

    def move_to(self, seconds: int) -> None:
        """The wall clock is so many seconds ahead (or behind) from now on; in place, as processes have it mapped."""
        self.seconds = seconds
        with self._file.open("r+b" if self._file.exists() else "w+b") as file:
            file.write(struct.pack("l", seconds))

    def go_on(self, seconds: int) -> None:
        self.move_to(self.seconds + seconds)
