"""A desk without a store: one ticket, its rows of timers, and the product's own decisions about them.

It does what `maild.desk.tick` does with a store: take a timer that is due, decide, mirror the timers that run then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from maild.commands.script import Reasoned
from maild.config import load_text
from maild.desk.change import Act, outcome_of
from maild.desk.rulebook import Rulebook, rulebook_of
from maild.desk.tick import act_of_timer, still_runs
from maild.mail.model import Mailbox
from maild.tickets.calendars import Calendar
from maild.tickets.decide import Habits
from maild.tickets.escalation import Rung
from maild.tickets.events import (
    Assigned,
    CategoryChanged,
    Change,
    DateSet,
    Event,
    MessageFiled,
    Opened,
    PriorityChanged,
    SpamMarked,
    StatusChanged,
)
from maild.tickets.ladder import after_breach, after_percent
from maild.tickets.promises import Target
from maild.tickets.ticket import Ticket
from maild.tickets.timers import Timer, TimerKind, running
from maild.tickets.workflow import Phase
from tests.clock import oracle
from tests.clock.minder import Length, Wishes
from tests.clock.stories import desks
from tests.desk_driver import CONFIG

MINUTE = timedelta(minutes=1)
NUMBER = 1001
JANE = Mailbox("jane@customer.test", "Jane")
LADDER = (
    Rung(after_percent("look", Target.RESOLUTION, 80), tags=("soon",)),
    Rung(after_breach("lead", Target.RESOLUTION), raise_priority=True),
    Rung(after_breach("boss", Target.RESOLUTION, timedelta(hours=2)), assign="bob"),
    Rung(after_breach("again", Target.FIRST_RESPONSE, timedelta(minutes=45)), raise_priority=True),
)


def book_of(policy_of_desk: int, habits: Habits) -> Rulebook:
    """The desk's choices as the product has them."""
    policy = desks()[policy_of_desk].policy
    plain = rulebook_of(load_text(CONFIG.format(url="sqlite://"), "maild.toml", Path("/nowhere")), (b"k" * 32,))
    return replace(plain, policies=(("", policy),), ladders={policy.name: LADDER}, habits=habits)


def habits_of(wishes: Wishes, calendar: Calendar | None) -> Habits:
    """The wishes in the product's words."""
    return Habits(
        reopen_within=timedelta(days=30),
        answer_takes=False,
        close_resolved_after=_length(wishes.close),
        remind_waiting_after=tuple(filter(None, map(_length, wishes.remind))),
        end_waiting_after=_length(wishes.give_up),
        waiting_ends_closed=wishes.gives_up_as == "closed",
        silent_after=_length(wishes.silent),
        unassigned_after=_length(wishes.unassigned),
        ask_category_after=_length(wishes.category),
        calendar=calendar,
    )


def _length(length: Length | None) -> timedelta | None:
    return None if length is None else timedelta(**{length[0]: length[1]})


def changes_of(ticket: Ticket | None, acts: Iterable[tuple[str, ...]], book: Rulebook, priority: str) -> list[Change]:
    """What people do, as changes to the ticket as it is."""
    changes: list[Change] = []
    if ticket is None:
        changes.append(Opened("Printer on fire", JANE, "new", Phase.NEW, priority, "support@acme.test"))
    now = {
        "phase": ticket.status if ticket else "new",
        "priority": ticket.priority if ticket else priority,
        "assign": ticket.assignee if ticket else None,
        "category": ticket.category if ticket else None,
    }
    for act in acts:
        change = _change(act, now, book)
        changes += [change] if change is not None else []
    return changes


def _change(act: tuple[str, ...], now: dict[str, str | None], book: Rulebook) -> Change | None:
    match act:
        case ("mail", by, visibility):
            return MessageFiled(1, "in", visibility, "normal", by, "somebody")
        case ("aside", word):
            return SpamMarked(old=word != "yes", new=word == "yes")
        case ("plan", which, at):
            return DateSet(which, None, oracle.moment(int(at)) if at else None)
        case (what, wanted):
            return _moved(what, wanted, now, book)
        case _:
            raise AssertionError(act)


def _moved(what: str, wanted: str, now: dict[str, str | None], book: Rulebook) -> Change | None:
    """A field that is set, whatever a step of the ladder makes of it in the same moment; no step to the same status."""
    status = book.workflow.in_phase(Phase(wanted)) if what == "phase" else None
    new = status.name if status else wanted or None
    old, now[what] = now[what], new
    if what == "phase" and old == new:
        return None
    match what:
        case "phase":
            return StatusChanged(str(old), str(new), Phase(wanted))
        case "priority":
            return PriorityChanged(str(old), str(new))
        case "assign":
            return Assigned(old, new)
        case _:
            return CategoryChanged(old, new)


@dataclass
class MemoryDesk:
    """One ticket and its timers; `down` are the minutes without a tick."""

    book: Rulebook
    down: list[range]
    ticket: Ticket | None = None
    rows: dict[TimerKind, datetime] = field(default_factory=dict)
    history: list[Event] = field(default_factory=list)
    ticked: int = -1  # the last minute whose tick is over

    def act(self, changes: list[Change], minute: int) -> None:
        """People do something; the ticks before it were."""
        self.run_until(minute)
        reasoned = tuple(Reasoned(change, "") for change in changes)
        self._carry_out(Act(NUMBER, self.ticket, reasoned, "system:test", f"test:{minute}", oracle.moment(minute)))
        self.ticked = max(self.ticked, minute)

    def run_until(self, minute: int) -> None:
        """All ticks that find something; those in between find nothing."""
        while self.rows:
            first = -(-(min(self.rows.values()) - oracle.EPOCH) // MINUTE)
            at = next(each for each in count(max(first, self.ticked + 1)) if not self._is_down(each))
            if at > minute:
                return
            self._tick(oracle.moment(at))
            self.ticked = at

    def _is_down(self, minute: int) -> bool:
        return any(minute in outage for outage in self.down)

    def _tick(self, now: datetime) -> None:
        while due := self._due(now):
            for timer in due:
                if self.rows.get(timer.kind) == timer.due_at:
                    del self.rows[timer.kind]
                    self._expire(timer, now)

    def _due(self, now: datetime) -> list[Timer]:
        found = [Timer(kind, due_at) for kind, due_at in self.rows.items() if due_at <= now]
        return sorted(found, key=lambda timer: (timer.due_at, timer.kind.value))

    def _expire(self, timer: Timer, now: datetime) -> None:
        assert self.ticket is not None
        act = act_of_timer(self.ticket, timer, self.book, now)
        assert act is not None, "no row is due that the ticket knows nothing of"
        before = self.ticket
        self._carry_out(act)
        if still_runs(timer, before, self.ticket, self.book):
            self.rows[timer.kind] = timer.due_at

    def _carry_out(self, act: Act) -> None:
        events, after = outcome_of(act, (), self.book)
        were = running(act.before, self.book.habits) if act.before else ()
        wanted = running(after, self.book.habits)
        kept = {timer.kind for timer in wanted}
        self.rows = {kind: due_at for kind, due_at in self.rows.items() if kind in kept or kind not in _kinds(were)}
        self.rows |= {timer.kind: timer.due_at for timer in wanted if timer not in were}
        self.ticket = after
        self.history += events


def _kinds(timers: Iterable[Timer]) -> set[TimerKind]:
    return {timer.kind for timer in timers}
