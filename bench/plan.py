"""What is measured, in which order. Every round measures everything once, ceilings and maild side by side."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import anatomy, ceilings, worlds
from bench.anatomy import Anatomy
from bench.corpus import mails
from bench.desk import Desk, Sample
from bench.sink import Sink
from bench.worlds import World

WARM = 20
CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    mails: int
    rounds: int
    tickets: int  # of the large desk; 0 leaves it out
    dissected: int


@dataclass(slots=True)
class Results:
    """Every sample of every step by name, in the order of the rounds."""

    steps: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    anatomy: dict[str, Anatomy] = field(default_factory=dict)
    tickets: int = 0

    def add(self, step: str, sample: Sample | dict[str, float]) -> None:
        """One more sample of a step."""
        values = asdict(sample) if isinstance(sample, Sample) else sample
        self.steps.setdefault(step, []).append(values)


class Plan:
    """All steps over one folder, one sink and one kind of database."""

    def __init__(self, base: Path, database: str | None, sink: Sink, size: Size, tell: Callable[[str], None]) -> None:
        self._base, self._database, self._sink, self._size, self._tell = base, database, sink, size, tell
        self._mails, self._warm = mails(size.mails), mails(WARM, seed=1)
        self._large: World | None = None
        self.results = Results()

    def run(self) -> Results:
        """Everything."""
        for number in range(1, self._size.rounds + 1):
            began = time.monotonic()
            self._round()
            self._tell(f"round {number} of {self._size.rounds}: {time.monotonic() - began:.0f} s")
        self._once()
        return self.results

    def _round(self) -> None:
        """A ceiling, then ours, step by step. Ours fills one database; it is the next step's start."""
        corpus, warm, add, log = self._mails, self._warm, self.results.add, self._base / "ceiling.log"
        add("ceiling accept 20", ceilings.accept(corpus, CONNECTIONS, WARM, log))
        desk = self._desk()
        add("accept 20", desk.accept(corpus, warm, CONNECTIONS))
        add("ceiling accept 1", ceilings.accept(corpus, 1, WARM, log))
        other = self._desk()
        add("accept 1", other.accept(corpus, warm, 1))
        other.world.drop()
        add("ceiling parse", ceilings.parse(corpus))
        add("handle", desk.handle(corpus, warm))
        add("ceiling deliver", ceilings.smtplib_one_connection(self._sink, len(corpus)))
        add("deliver", desk.deliver(corpus, warm))
        self._end_to_end(desk.world)

    def _end_to_end(self, filled: World) -> None:
        desk = self._desk()
        self.results.add("end to end", desk.end_to_end(self._mails, self._warm, CONNECTIONS))
        desk.world.drop()
        if not self._size.tickets:
            filled.drop()
            return
        if self._large is None:
            self.results.tickets = worlds.grow(filled, self._size.tickets)
            self._large = filled
            self._tell(f"a desk of {self.results.tickets} tickets made")
        else:
            filled.drop()
        self._at_large(self._large)

    def _at_large(self, large: World) -> None:
        """The same steps on a desk with many tickets, by mails that it does not know yet."""
        corpus, warm = mails(self._size.mails, seed=2), mails(WARM, seed=3)
        desk = self._desk(large)
        desk.accept(corpus, warm, CONNECTIONS)
        self.results.add("handle, large", desk.handle(corpus, warm))
        self.results.add("deliver, large", desk.deliver(corpus, warm))
        desk.world.drop()
        desk = self._desk(large)
        self.results.add("end to end, large", desk.end_to_end(corpus, warm, CONNECTIONS))
        desk.world.drop()

    def _once(self) -> None:
        """What does not depend on the minute: counts; and the wait of a single mail."""
        burst, single = mails(self._size.dissected, seed=4), mails(max(5, self._size.dissected // 6), seed=5)
        desk = self._desk()
        self.results.anatomy = anatomy.dissect(desk, burst, single, self._warm)
        desk.world.drop()
        desk = self._desk()
        self.results.latencies_ms = desk.latencies(single, self._warm)
        desk.world.drop()
        if self._large:
            self._large.drop()

    def _desk(self, like: World | None = None) -> Desk:
        desk = Desk(worlds.fresh(self._base, self._database, like), self._sink)
        if like is None:
            desk.migrate()
        return desk
