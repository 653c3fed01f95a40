"""What time does: due timers, one transaction per ticket, each exactly once. The cost is that of what is due."""

from dataclasses import dataclass
from datetime import datetime

from maild.commands.script import Reasoned
from maild.commands.told import told
from maild.desk.change import Act, carry_out, outcome_of
from maild.desk.digests import send_digests
from maild.desk.morning import send_daily
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.desk.time_rules import run_due_rules
from maild.desk.webhooks import send_webhooks
from maild.store import tickets
from maild.tickets.events import ClocksChanged, Event
from maild.tickets.ticket import Ticket
from maild.tickets.timers import Timer, expire, running

BATCH = 100
MOST_STEPS = 50  # of one ticket in a dry run: reminders that repeat would go on for ever


@dataclass(frozen=True, slots=True)
class Ticked:
    """One timer that did something (or would)."""

    ticket: int
    kind: str
    due_at: datetime
    words: str


def tick(room: Room, now: datetime) -> list[Ticked]:
    """Runs everything that is due by `now`."""
    done: list[Ticked] = []
    while True:
        with room.store.read() as tx:
            due = tickets.due_timers(tx, now, BATCH)
        if not due:
            done += [Ticked(number, f"rule:{rule}", now, words) for number, rule, words in run_due_rules(room, now)]
            send_digests(room, now)
            send_daily(room, now)
            send_webhooks(room, now)
            return done
        done += filter(None, [_one(room, number, timer, now) for number, timer in due])
        room.mail_waits.set()


def would_tick(room: Room, until: datetime) -> list[Ticked]:
    """What would happen until then if nobody wrote, ticket by ticket, without writing (SL-8)."""
    with room.store.read() as tx:
        numbers = sorted({number for number, _ in tickets.due_timers(tx, until, 10_000)})
        found = [tickets.load(tx, number) for number in numbers]
    return [step for ticket in found if ticket is not None for step in foreseen(ticket, room.book, until)]


def foreseen(ticket: Ticket, book: Rulebook, until: datetime) -> list[Ticked]:
    """The same decisions as the clock's own, on the ticket in hand; pure."""
    steps: list[Ticked] = []
    for _ in range(MOST_STEPS):
        timer = min(running(ticket, book.habits), key=lambda each: each.due_at, default=None)
        if timer is None or timer.due_at > until:
            break
        events, after = outcome_of(_act(ticket, timer, book, timer.due_at), (), book)
        steps.append(Ticked(ticket.number, timer.kind.value, timer.due_at, _words(events, book)))
        if after == ticket:
            break
        ticket = after
    return steps


def _words(events: tuple[Event, ...], book: Rulebook) -> str:
    lines = [told(event.change, book) for event in events if not isinstance(event.change, ClocksChanged)]
    return "; ".join(lines) or "nothing to do"


def _act(ticket: Ticket, timer: Timer, book: Rulebook, now: datetime) -> Act:
    expired = expire(ticket, timer, book.workflow, book.habits)
    changes = tuple(Reasoned(change, expired.reason) for change in expired.changes)
    cause = f"timer:{ticket.number}/{timer.kind.value}/{timer.due_at.isoformat()}"
    return Act(ticket.number, ticket, changes, "system:clock", cause, now)


def _one(room: Room, number: int, timer: Timer, now: datetime) -> Ticked | None:
    with room.store.begin() as tx:
        ticket = tickets.load(tx, number, lock=True)
        if ticket is None or not tickets.take_timer(tx, number, timer):
            return None
        current = next((each for each in running(ticket, room.book.habits) if each.kind is timer.kind), None)
        if current is None or current.due_at > now:
            # The config was changed since the row was written: the new word counts.
            tickets.mirror_timers(tx, number, (timer,), (current,) if current else ())
            return None
        act = _act(ticket, timer, room.book, now)
        after = carry_out(tx, room, act)
        words = "; ".join(dict.fromkeys(each.reason for each in act.changes)) or timer.kind.value
        return Ticked(number, timer.kind.value, timer.due_at, words if after != ticket else "nothing to do")
