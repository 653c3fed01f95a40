"""What one mail costs in statements, transactions, flushes and bytes: maild under a count and under strace."""

import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import Mail
from bench.desk import Desk
from bench.processes import Process

TRACE = ("strace", "-f", "-qq", "-y", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o")


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Per mail, of one way of arriving."""

    statements: dict[str, float]
    transactions: dict[str, float]
    flushes: dict[str, float]
    written_kb: float
    kinds: dict[str, float]


def dissect(desk: Desk, bursts: Sequence[Mail], singles: Sequence[Mail], warm: Sequence[Mail]) -> dict[str, Anatomy]:
    """The mails of a burst over 20 connections, and single ones with the desk at rest between them."""
    folder = desk.world.folder
    counts, trace = folder / "counts.json", folder / "trace"
    command = (sys.executable, "-m", "bench.counted", str(counts))
    traced = shutil.which("strace") is not None and desk.world.is_sqlite
    wrapped = (*TRACE, str(trace), *command) if traced else command
    with desk.run(wrapped=wrapped) as process:
        # PostgreSQL flushes in its own processes: there every writing transaction is at most one.
        look = _Look(desk, process, counts, (lambda: _flushes(trace)) if traced else Counter)
        desk.whole(process, warm, 20)
        return {
            "burst": look.of(bursts, lambda: desk.whole(process, bursts, 20)),
            "single": look.of(singles, lambda: [desk.whole(process, [mail], 1) for mail in singles]),
        }


class _Look:
    """Looks before and after."""

    def __init__(self, desk: Desk, process: Process, counts: Path, flushed: Callable[[], Counter[str]]) -> None:
        self._desk, self._process, self._counts, self._flushed = desk, process, counts, flushed

    def of(self, mails: Sequence[Mail], act: Callable[[], object]) -> Anatomy:
        """The difference that an act makes, per mail."""
        before, flushed, written = self._counted(), self._flushed(), self._desk.weigh(self._process).written
        act()
        after, flushes = self._counted(), self._flushed()
        flushes.subtract(flushed)
        written = self._desk.weigh(self._process).written - written
        difference = Counter(after)
        difference.subtract(before)
        return _per_mail(difference, flushes, written, len(mails))

    def _counted(self) -> Counter[tuple[str, str]]:
        self._counts.unlink(missing_ok=True)
        os.kill(self._process.innermost(), signal.SIGUSR2)
        while not self._counts.exists():
            time.sleep(0.005)
        found = json.loads(self._counts.read_text())
        return Counter({(thread, kind): count for thread, kinds in found.items() for kind, count in kinds.items()})


def _per_mail(counted: Counter[tuple[str, str]], flushes: Counter[str], written: int, mails: int) -> Anatomy:
    statements: Counter[str] = Counter()
    transactions: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for (thread, kind), count in counted.items():
        if kind == "writing transactions":
            transactions[thread] += count
        elif kind != "reading transactions":
            statements[thread] += count
            kinds[f"{thread}: {kind}"] += count
    shares = (statements, transactions, flushes, kinds)
    told, begun, flushed, each = (
        {name: count / mails for name, count in share.most_common() if count} for share in shares
    )
    return Anatomy(told, begun, flushed, written / mails / 1024, each)


def _flushes(trace: Path) -> Counter[str]:
    """Calls by what was flushed; a call that was interrupted in the log stands there twice."""
    found: Counter[str] = Counter()
    for line in trace.read_text(errors="replace").splitlines():
        if "sync(" in line and "resumed" not in line:
            path = line.partition("<")[2].partition(">")[0]
            found["log" if path.endswith("-wal") else "database" if path.endswith(".db") else "files"] += 1
    return found
