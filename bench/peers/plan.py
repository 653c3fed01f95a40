"""Who is measured when: each round asks everybody once, maild between its peers."""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import machine, worlds
from bench.corpus import mails
from bench.desk import Desk, Sample
from bench.peers.peer import KINDS, Peer
from bench.sink import Sink

WARM, CONNECTIONS, SEEDLINGS = 20, 20, 400


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    mails: int
    rounds: int
    large: int
    huge: int
    keep: Path | None = None  # where grown desks stay, for another run of the same maild


@dataclass(slots=True)
class Results:
    """Every sample by the name of who made it."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    tickets: dict[str, int] = field(default_factory=dict)
    growing_seconds: dict[str, float] = field(default_factory=dict)
    loads: list[str] = field(default_factory=list)

    def document(self) -> dict[str, object]:
        """For machines."""
        samples = {name: [asdict(each) for each in found] for name, found in self.samples.items()}
        return {"samples": samples, "tickets": self.tickets, "growing": self.growing_seconds, "loads": self.loads}


class Plan:
    """All of them over one folder and one sink."""

    def __init__(self, base: Path, venvs: Path, sink: Sink, size: Size, tell: Callable[[str], None]) -> None:
        self._base, self._sink, self._size, self._tell = base, sink, size, tell
        self._kept = size.keep
        # A kept desk must not know the mails: each run has others. Roundup and django-helpdesk get the same ones.
        self._first = int(time.time()) if size.keep else 10
        self._roundup, self._helpdesk = (Peer(kind, venvs, base, sink) for kind in KINDS)
        self._grown: dict[str, Desk] = {}
        self.results = Results()

    def run(self) -> Results:
        """Every round."""
        for name, tickets in (("maild, large", self._size.large), ("maild, huge", self._size.huge)):
            if tickets:
                self._grow(name, tickets)
        for number in range(self._size.rounds):
            began = time.monotonic()
            self._round(number)
            self.results.loads.append(machine.load())
            self._tell(f"round {number + 1}: {time.monotonic() - began:.0f} s, load {self.results.loads[-1]}")
        return self.results

    def _round(self, number: int) -> None:
        count, large = self._size.mails, self._size.large
        seed = self._first + number
        self._add("roundup", self._roundup.measure(count, seed, 0))
        self._add("maild", self._empty(count, seed))
        self._add("helpdesk", self._helpdesk.measure(count, seed, 0))
        if large:
            self._add("maild, large", self._at(self._grown["maild, large"], count, seed))
            self.results.tickets["helpdesk, large"] = large
            self._add("helpdesk, large", self._helpdesk.measure(count, seed, large))
        if self._size.huge:
            self._add("maild, huge", self._at(self._grown["maild, huge"], count, seed))

    def _add(self, name: str, sample: Sample) -> None:
        self.results.samples.setdefault(name, []).append(sample)
        self._tell(f"{name}: {sample.per_second:.1f} mails/s, {sample.cpu_ms:.2f} ms CPU, {sample.resident_mb:.0f} MB")

    def _empty(self, count: int, seed: int) -> Sample:
        desk = Desk(worlds.fresh(self._base, None), self._sink)
        sample = self._at(desk, count, seed)
        desk.world.drop()
        return sample

    def _at(self, desk: Desk, count: int, seed: int) -> Sample:
        return desk.end_to_end(mails(count, seed), mails(WARM, seed + 1000), CONNECTIONS)

    def _grow(self, name: str, tickets: int) -> None:
        """A desk that lived a day, then copied by plain SQL; kept through all rounds, and for the next run if asked."""
        began = time.monotonic()
        kept = self._kept / str(tickets) if self._kept else None
        if kept and (kept / "maild.db").exists():
            self._took(name, Desk(worlds.on_sqlite(kept), self._sink), began)
            return
        desk = Desk(worlds.fresh(self._base, None), self._sink)
        desk.end_to_end(mails(SEEDLINGS), mails(WARM, seed=1), CONNECTIONS)
        worlds.grow(desk.world, tickets)
        if kept:
            shutil.move(desk.world.folder, kept)
            desk = Desk(worlds.on_sqlite(kept), self._sink)
        self._took(name, desk, began)

    def _took(self, name: str, desk: Desk, began: float) -> None:
        self.results.tickets[name] = desk.count("SELECT count(*) FROM tickets")
        self.results.growing_seconds[name] = time.monotonic() - began
        self._grown[name] = desk
        self._tell(f"{name}: {self.results.tickets[name]:,} tickets in {self.results.growing_seconds[name]:.0f} s")
