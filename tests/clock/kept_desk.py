"""The same lives through the real store and the real tick: what it keeps is what the desk in memory did, event by event.

All tickets of one desk live together here, in one year with three outages.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.tick import tick
from maild.store import tickets, timers
from maild.tickets.events import Event, Reminded
from tests.clock import oracle
from tests.clock.desk_year import Life, life, lived, places
from tests.clock.memory_desk import MINUTE, NUMBER, changes_of
from tests.desk_driver import DeskDriver

FAR = timedelta(days=4000)
MAILED = {"waiting": "waiting_reminder", "category": "category_wanted"}
MANY = 10**6  # one customer has all the tickets: the caps against robots are not what is looked at


def _range(start: datetime, length: timedelta) -> range:
    first = (start - oracle.EPOCH) // MINUTE
    return range(first, first + length // MINUTE)


OUTAGES = [
    _range(datetime(2026, 3, 27, 17, 30, tzinfo=UTC), timedelta(days=4)),  # over the spring change
    _range(datetime(2026, 10, 24, 22, 10, tzinfo=UTC), timedelta(hours=6)),  # over the one of autumn
    _range(datetime(2026, 12, 23, 8, 0, tzinfo=UTC), timedelta(minutes=1)),
]


def lives(seeds: range, desk: int) -> dict[int, Life]:
    """The tickets of one desk by number."""
    found = (life(seed) for seed in seeds)
    own = (replace(each, down=OUTAGES) for each in found if each.desk == desk)
    return dict(enumerate(own, NUMBER))


class KeptDesk:
    """One desk on a real store, whose clock goes from act to act and from tick to tick."""

    def __init__(self, folder: Path, url: str, desk: int) -> None:
        self.driver = DeskDriver(folder, url)
        self.driver.room.book = replace(
            places()[desk].book, automatic_per_hour=MANY, automatic_per_day=MANY, automatic_in_a_row=MANY
        )
        self._ticked = -1

    def live(self, given: dict[int, Life]) -> None:
        """The whole year."""
        until = max(each.until for each in given.values())
        for minute, number in _in_order(given):
            self._run_until(minute)
            self._act(number, given[number], minute)
            self._ticked = minute
        self._run_until(until)

    def _act(self, number: int, given: Life, minute: int) -> None:
        room = self.driver.room
        with room.store.begin_quick() as tx:
            before = tickets.load(tx, number, lock=True)
            changes = changes_of(before, given.acts[minute], room.book, given.priority)
            reasoned = tuple(Reasoned(change, "") for change in changes)
            act = Act(number, before, reasoned, "system:test", f"test:{minute}", oracle.moment(minute))
            carry_out(tx, room, act)

    def _run_until(self, minute: int) -> None:
        while (first := self._first_due()) is not None:
            at = max(first, self._ticked + 1)
            while any(at in outage for outage in OUTAGES):
                at += 1
            if at > minute:
                return
            tick(self.driver.room, oracle.moment(at))
            self._ticked = at

    def _first_due(self) -> int | None:
        with self.driver.room.store.read() as tx:
            due = timers.due(tx, oracle.EPOCH + FAR, 1)
        return -(-(due[0][1].due_at - oracle.EPOCH) // MINUTE) if due else None


def _in_order(given: dict[int, Life]) -> Iterator[tuple[int, int]]:
    """(minute, ticket) of all acts; those of one minute come one after the other, without a tick between."""
    yield from sorted((minute, number) for number, each in given.items() for minute in each.acts)


def compared(folder: Path, url: str, seeds: range, desk: int) -> tuple[list[str], Counter[str]]:
    """Where store and memory differ; what was done, and how many mails it made."""
    given = lives(seeds, desk)
    kept = KeptDesk(folder, url, desk)
    kept.live(given)
    mails = Counter((row.ticket, row.event, row.recipient, row.created_at) for row in kept.driver.outbox())
    wrong, counts = [f"twice: {each}" for each, count in mails.items() if count > 1], Counter(tickets=len(given))
    for number, each in given.items():
        history = kept.driver.history(number)
        _, _, expected = lived(each)
        until = oracle.moment(each.until)
        mine = [_plain(event) for event in history if event.at <= until]
        wrong += [f"ticket {number}: {mine[len(expected) :]} more, or another"] * (mine != list(map(_plain, expected)))
        counts += _counted(history)
        wrong += _unmailed(number, history, mails)
    kept.driver.close()
    return wrong, counts


def _plain(event: Event) -> tuple[object, ...]:
    return event.at, event.seq, event.actor, event.change, event.reason


def _counted(history: list[Event]) -> Counter[str]:
    return Counter(event.change.kind for event in history if event.actor != "system:test")


def _unmailed(number: int, history: list[Event], mails: Counter[tuple[int, str, str, datetime]]) -> list[str]:
    """Each reminder to the customer is one mail."""
    told = Counter(event.change.what for event in history if isinstance(event.change, Reminded))
    sent = Counter(event for ticket, event, _, _ in mails.elements() if ticket == number)
    return [f"ticket {number}: {what}" for what, event in MAILED.items() if told[what] != sent[event]]
