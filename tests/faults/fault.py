"""One row of the fault table: what is done to maild, by which script or which tests, or why it cannot be done here."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Trial:
    """One run of one script: what it may use, and what it saw."""

    seed: int
    short: bool
    folder: Path
    figures: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def length(self, short: int, whole: int) -> int:
        """How often, by the form that was asked for."""
        return short if self.short else whole

    def see(self, figure: str) -> None:
        self.figures.append(figure)

    def must(self, words: str, *, hold: bool) -> None:
        """`words` say what must be."""
        if not hold:
            self.wrong.append(f"not so: {words}")


Script = Callable[[Trial], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`tests`: pytest's names, run by the same runner. `reason`: why nothing runs here."""

    name: str
    words: str
    script: Script | None = None
    tests: tuple[str, ...] = ()
    reason: str = ""
    needs: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one fault showed."""

    fault: Fault
    seconds: float
    figures: tuple[str, ...]
    wrong: tuple[str, ...]


def try_out(fault: Fault, seed: int, *, short: bool) -> Outcome:
    """Runs a fault's script in a folder of its own, which stays when something was wrong."""
    assert fault.script is not None
    folder = Path(tempfile.mkdtemp(prefix=f"maild-{fault.name}-"))
    folder.chmod(0o755)
    trial = Trial(seed, short, folder)
    began = time.monotonic()
    try:
        fault.script(trial)
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        trial.wrong.append(f"broken off: {type(error).__name__} {error}")
    if not trial.wrong:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        trial.see(f"left in {folder}")
    return Outcome(fault, time.monotonic() - began, tuple(trial.figures), tuple(trial.wrong))
