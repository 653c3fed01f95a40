"""`maild run` whose wall clock is stepped an hour back, two days ahead and back again: each act once, nothing stops.

Only the wall clock moves (a preloaded shim): monotonic clocks go on, as they do under a real step.
"""

import smtplib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from maild.commands.script import Reasoned
from maild.config import load_text
from maild.desk.change import Act, carry_out
from maild.desk.room import Room, open_room
from maild.mail.model import Mailbox
from maild.resources import data_dir
from maild.tickets.events import Assigned, Change, MessageFiled, Opened, StatusChanged
from maild.tickets.workflow import Phase
from tests.faults.clockshift import ClockShift
from tests.faults.house import QuickDesk
from tests.faults.nursery import Nursery
from tests.servers import postgresql
from tests.servers.needed import require
from tests.servers.product import eventually
from tests.servers.sink import Sink

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOCKS = """
[tickets]
close_resolved_after = "1h"
remind_waiting_after = ["1h"]
end_waiting_after = "never"

[[sla]]
name = "standard"
warn_at = []
[sla.targets]
normal = { first_response = "1h" }
"""
WITHIN = 15.0  # seconds, also when the leader died in the moment of the step
STEPS = (("an hour back", -HOUR), ("two days ahead", 2 * DAY), ("and back", timedelta(0)))
SOON = timedelta(seconds=1)
FIRST = 5001  # of the tickets that wait; those of mails have smaller numbers
TAKEN = Assigned(None, "alice")
# What waits for its hour, and the kind of event that it brings: closed, reminded, a promise broken.
WAITING: tuple[tuple[str, tuple[Change, ...]], ...] = (
    ("status", (TAKEN, StatusChanged("new", "resolved", Phase.RESOLVED))),
    ("reminder", (TAKEN, StatusChanged("new", "waiting", Phase.WAITING))),
    ("sla", (TAKEN,)),
)


class World:
    """A desk under a clock that can be stepped, and what it did so far."""

    def __init__(self, desk: QuickDesk, sink: Sink, clock: ClockShift, room: Room) -> None:
        self.desk = desk
        self.sink = sink
        self._clock = clock
        self._room = room
        self._engine = sa.create_engine(self._absolute(desk))
        self._numbers = count(FIRST)
        self._letters = count(1)
        self._wanted: dict[tuple[int, str], datetime] = {}
        self._latest = datetime.min.replace(tzinfo=UTC)

    def _absolute(self, desk: QuickDesk) -> str:
        return desk.database.replace("sqlite:///", f"sqlite:///{desk.folder}/")

    def close(self) -> None:
        self._engine.dispose()
        self._room.store.close()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._clock.seconds)

    @property
    def due(self) -> Counter[tuple[int, str]]:
        """Every act that must have been done by now."""
        return Counter([key for key, at in self._wanted.items() if at <= self._latest])

    def falls_due(self, at: datetime) -> None:
        """One ticket more of each kind, as the desk itself would have written them an hour before `at`."""
        self._latest = max(self._latest, at)
        self.will_fall_due(at)

    def will_fall_due(self, at: datetime) -> None:
        """The same, for a time that no clock has shown yet."""
        for kind, changes in WAITING:
            number = next(self._numbers)
            box = Mailbox(f"customer{number}@customer.test")
            opening = Opened("Printer", box, "new", Phase.NEW, "normal", "support@acme.test")
            mail = MessageFiled(number, "in", "public", "normal", "customer", box.address)
            reasoned = tuple(Reasoned(each, "") for each in (opening, mail, *changes))
            with self._room.store.begin() as tx:
                carry_out(tx, self._room, Act(number, None, reasoned, "system:test", "test", at - HOUR, quiet=True))
            self._wanted[number, kind] = at

    def acts(self) -> Counter[tuple[int, str]]:
        """What the clock did to those tickets, by ticket and kind of event."""
        return Counter({key: number for key, number in self._by_the_clock().items() if key[0] >= FIRST})

    def promises_to_senders_broken(self) -> list[int]:
        """How often, for each ticket that a mail opened."""
        return [number for key, number in self._by_the_clock().items() if key[0] < FIRST]

    def _by_the_clock(self) -> Counter[tuple[int, str]]:
        query = sa.text("SELECT ticket, kind FROM events WHERE cause LIKE 'timer:%' AND kind <> 'clocks'")
        with self._engine.connect() as connection:
            return Counter((row.ticket, row.kind) for row in connection.execute(query))

    def leader(self) -> int:
        with self._engine.connect() as connection:
            holder = connection.execute(sa.text("SELECT holder FROM leases WHERE name = 'scheduler'")).scalar_one()
        return int(holder.split("/")[1])

    def goes_on(self, words: str) -> float:
        """Waits until each act that is due was done and a customer's mail was answered; gives the seconds. No act may
        be there twice, or too early."""
        began, sender = time.monotonic(), f"jane{next(self._letters)}@customer.test"
        with smtplib.SMTP("127.0.0.1", self.desk.port, timeout=20) as client:
            client.sendmail(sender, ["support@acme.test"], f"From: {sender}\nSubject: Hot\n\nIt burns.\n")
        eventually(lambda: self.sink.to(sender, "acknowledgement"), f"{words}: {self.log()}", WITHIN)
        eventually(lambda: sum(self.acts().values()) >= len(self.due), f"{words}: {self.log()}", WITHIN)
        assert self.acts() == self.due, words
        return time.monotonic() - began

    def log(self) -> str:
        return f"{self.acts()} of {self.due}\n{self.desk.log[-1500:]}"

    def copies(self) -> dict[tuple[str, str], int]:
        """Mails that came more than once."""
        counted = Counter((mail["Message-ID"], mail.rcpt_to) for mail in self.sink.mails)
        return {key: number for key, number in counted.items() if number > 1}


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClockShift:
    """For every process that is started from now on."""
    require(postgresql.missing())
    postgresql.running_cluster()  # which keeps the true time
    made = ClockShift(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def nursery(clock: ClockShift) -> Iterator[Nursery]:
    """Forks daemons that live in that time."""
    with Nursery(clock.environment) as mother:
        yield mother


@contextmanager
def world(folder: Path, database: str, clock: ClockShift, nursery: Nursery) -> Iterator[World]:
    """A desk with its own relay; nothing runs yet."""
    folder.mkdir()
    with Sink() as sink:
        desk = QuickDesk(folder, delivery=sink.url, database=database, extra=CLOCKS)
        desk.nursery = nursery
        config = load_text(desk.config.read_text(), "maild.toml", desk.folder)
        made = World(desk, sink, clock, open_room(config, data_dir("migrations")))
        try:
            yield made
        finally:
            made.close()


def stepped(clock: ClockShift, worlds: Sequence[World]) -> Iterator[str]:
    """Steps the clock, with work that falls due a second after each step; the last step is the way back."""
    for each in worlds:
        each.will_fall_due(each.now() + DAY)
    yield "at first"
    for words, ahead in STEPS:
        clock.move_to(int(ahead.total_seconds()))
        for each in worlds:
            each.falls_due(each.now() + SOON)
        yield words


def test_under_a_clock_that_is_stepped_nothing_is_done_twice_and_nothing_stops(
    tmp_path: Path, clock: ClockShift, nursery: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    # given: one daemon on SQLite; on PostgreSQL one that listens and two that do the rest
    with ExitStack() as stack:
        alone = stack.enter_context(world(tmp_path / "alone", "sqlite:///maild.db", clock, nursery))
        several = stack.enter_context(world(tmp_path / "several", postgresql.fresh_database(), clock, nursery))
        stack.enter_context(alone.desk.running())
        stack.enter_context(several.desk.running("--only", "smtp"))
        others = [several.desk.start("--only", "worker,delivery,scheduler") for _ in range(2)]
        for process in others:
            stack.callback(process.kill)
        # when
        for words in stepped(clock, (alone, several)):
            # then
            seconds = [each.goes_on(words) for each in (alone, several)]
            with capsys.disabled():
                print(f"\n{words}: acts and a mail done after {seconds[0]:.1f} s, with several {seconds[1]:.1f} s")
            if words == STEPS[-2][0]:
                killed = several.leader()
                next(process for process in others if process.pid == killed).kill()
        assert several.leader() != killed
        for each in (alone, several):
            assert each.copies() == {}
            assert each.promises_to_senders_broken() == [1, 1]  # of those who wrote before the two days
