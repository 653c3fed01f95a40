"""What time does: due timers, each exactly once. The cost is that of what is due.

Many tickets share a transaction, for a flush costs as much as all that is done to one of them. When one of them raises,
all is taken back and each is tried alone: whose fault it is waits an hour, the others don't notice.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from maild.clock import rfc3339
from maild.commands.script import Reasoned
from maild.commands.told import told
from maild.desk.change import Act, carry_out, outcome_of
from maild.desk.clockwork import CLOCK
from maild.desk.digests import send_digests
from maild.desk.leader import MOST_IDLE, Alone, Lead
from maild.desk.morning import send_daily
from maild.desk.placing_later import place_waiting
from maild.desk.receive import words_of
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.desk.time_rules import foreseen_rules, run_due_rules
from maild.desk.troubles import tell_admins
from maild.desk.webhooks import send_webhooks
from maild.errors import StorageBroken, TransientError
from maild.store import Tx, leads, meta, tickets, timers
from maild.store.timers import Due
from maild.tickets.events import ClocksChanged, Event, Refused
from maild.tickets.fold import fold
from maild.tickets.ticket import Ticket
from maild.tickets.timers import Timer, expire, running

log = logging.getLogger("maild.tick")
AHEAD = 1000  # rows that are read at once
BATCH = 50  # tickets in one transaction: mails that come meanwhile wait for it
AGAIN = timedelta(hours=1)
TOLD = "timers-refused"
MOST_STEPS = 50  # of one ticket in a dry run: reminders that repeat would go on for ever


@dataclass(frozen=True, slots=True)
class Ticked:
    """One timer that did something (or would); `refused`: it could not, and waits."""

    ticket: int
    kind: str
    due_at: datetime
    words: str
    refused: bool = False


class Superseded(TransientError):
    """Somebody else leads now: what was not committed is his to do."""


def tick(room: Room, now: datetime, lead: Lead | None = None) -> list[Ticked]:
    """Runs everything that is due by `now`, as long as nobody else has the lead."""
    lead = lead or Alone()
    done: list[Ticked] = []
    while found := list(_pass(room, now, lead)):
        done += found
        _tell_once_an_hour(room, [each for each in found if each.refused], now)
    if not lead.hold():
        return done
    done += [Ticked(number, f"rule:{rule}", now, words) for number, rule, words in run_due_rules(room, now)]
    done += [Ticked(number, "assignment", now, f"given to {agent}") for number, agent in place_waiting(room, now)]
    send_digests(room, now)
    send_daily(room, now)
    send_webhooks(room, now)
    return done


def _pass(room: Room, now: datetime, lead: Lead) -> Iterator[Ticked]:
    """Once through all that is due; what that makes due in turn is for the next pass."""
    last: Due | None = None
    while due := _due(room, now, last):
        for start in range(0, len(due), BATCH):
            if not lead.hold():
                return
            yield from _batch(room, due[start : start + BATCH], now, lead)
            room.mail_waits.set()
        last = due[-1]


def _due(room: Room, now: datetime, last: Due | None) -> list[Due]:
    with room.store.read() as tx:
        return timers.due(tx, now, AHEAD, last)


def _batch(room: Room, due: Sequence[Due], now: datetime, lead: Lead) -> list[Ticked]:
    try:
        return _together(room, due, now, lead)
    except (TransientError, StorageBroken):
        raise
    except Exception as error:  # noqa: BLE001 - one bad ticket must never stop the others
        if len(due) == 1:
            return _refused(room, *due[0], error, now)
    return [done for each in due for done in _batch(room, (each,), now, lead)]


def _together(room: Room, due: Sequence[Due], now: datetime, lead: Lead) -> list[Ticked]:
    """One transaction; it is asked at its end, too, whether we still lead, for it may have been frozen meanwhile."""
    done: list[Ticked] = []
    with room.store.begin() as tx:
        leads.ends_when_idle(tx, MOST_IDLE)
        _must_lead(tx, lead)
        found = tickets.lock_free(tx, (number for number, _ in due))
        for number, timer in due:
            if number in found and timers.take(tx, number, timer):
                found[number], ticked = _one(tx, room, found[number], timer, now)
                done += [ticked] if ticked else []
        _must_lead(tx, lead)
    return done


def _must_lead(tx: Tx, lead: Lead) -> None:
    if not lead.holds(tx):
        raise Superseded("another process does this now")


def _one(tx: Tx, room: Room, ticket: Ticket, timer: Timer, now: datetime) -> tuple[Ticket, Ticked | None]:
    """The ticket after its timer, and what happened."""
    act = act_of_timer(ticket, timer, room.book, now)
    if act is None:
        current = tuple(each for each in running(ticket, room.book.habits) if each.kind is timer.kind)
        timers.mirror(tx, ticket.number, (timer,), current)
        return ticket, None
    after = carry_out(tx, room, act)
    if still_runs(timer, ticket, after, room.book):
        timers.mirror(tx, ticket.number, (), (timer,))
    words = "; ".join(dict.fromkeys(each.reason for each in act.changes)) or timer.kind.value
    done = words if after != ticket else "nothing to do"
    return after, Ticked(ticket.number, timer.kind.value, timer.due_at, done)


def act_of_timer(ticket: Ticket, timer: Timer, book: Rulebook, now: datetime) -> Act | None:
    """What a due timer does; None when it is not due any more: the config was changed since. Pure."""
    current = next((each for each in running(ticket, book.habits) if each.kind is timer.kind), None)
    if current is None or current.due_at > now:
        return None
    return _act(ticket, timer, book, now)


def still_runs(timer: Timer, before: Ticket, after: Ticket, book: Rulebook) -> bool:
    """True when the same timer must run once more: a step at a breach raised the priority, and that broke another
    promise in the same moment. Not when nothing happened: that would be tried without end. Pure."""
    return after != before and timer in running(after, book.habits)


def _refused(room: Room, number: int, timer: Timer, error: Exception, now: datetime) -> list[Ticked]:
    """What cannot be done waits an hour; first of all that, for the ticket's row may be what nobody can read."""
    what = f"{timer.kind.value}: {words_of(error)[0]}"
    log.error("timer refused ticket=%d kind=%s due=%s", number, timer.kind.value, timer.due_at, exc_info=error)
    with room.store.begin() as tx:
        if not timers.take(tx, number, timer):
            return []
        timers.mirror(tx, number, (), (Timer(timer.kind, now + AGAIN),))
    try:
        _write_down(room, number, Refused(CLOCK, what), _cause(number, timer), now)
    except (TransientError, StorageBroken):
        raise
    except Exception as other:
        log.exception("a refusal cannot be written down ticket=%d error=%s", number, other)
    return [Ticked(number, timer.kind.value, timer.due_at, what, refused=True)]


def _write_down(room: Room, number: int, refusal: Refused, cause: str, now: datetime) -> None:
    """Into the ticket's history, once for the same trouble in a row."""
    with room.store.begin() as tx:
        ticket = tickets.load(tx, number, lock=True)
        if ticket is None or _trouble(refusal) in _last_troubles(tickets.history(tx, number)):
            return
        event = Event(now, CLOCK, refusal, f"tried again after {AGAIN}", cause, ticket.seq + 1)
        tickets.save(tx, ticket, fold(number, ticket, (event,)))
        tickets.append(tx, number, (event,))


def _last_troubles(history: list[Event]) -> set[tuple[str, ...]]:
    """What was refused already since something else happened to the ticket."""
    changes = takewhile(lambda change: isinstance(change, Refused), (each.change for each in reversed(history)))
    return {_trouble(each) for each in changes if isinstance(each, Refused)}


def _trouble(refusal: Refused) -> tuple[str, ...]:
    """Who, which timer, which error; its words may name the time, and then are others each hour."""
    return (refusal.by, *refusal.what.split(": ")[:2])


def _tell_once_an_hour(room: Room, refused: list[Ticked], now: datetime) -> None:
    if not refused:
        return
    with room.store.begin() as tx:
        last = meta.get(tx, TOLD)
        if last is not None and timedelta(0) <= now - datetime.fromisoformat(last) < AGAIN:
            return
        meta.forget(tx, TOLD)
        meta.set_once(tx, TOLD, rfc3339(now) or "")
    first = refused[0]
    words = (
        f"{len(refused)} timers could not be run and wait; the first is {room.book.label(first.ticket)}, {first.words}"
    )
    tell_admins(room, "trouble", "clock", words)


def would_tick(room: Room, until: datetime) -> list[Ticked]:
    """What would happen until then if nobody wrote, ticket by ticket, without writing (SL-8)."""
    with room.store.read() as tx:
        numbers = sorted({number for number, _ in timers.due(tx, until, 10_000)})
        found = [tickets.load(tx, number) for number in numbers]
    steps = [step for ticket in found if ticket is not None for step in foreseen(ticket, room.book, until)]
    rules = foreseen_rules(room, until)
    return [*steps, *(Ticked(number, f"rule:{rule}", until, words) for number, rule, words in rules)]


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
    expired = expire(ticket, timer, book.workflow, book.habits, now)
    changes = tuple(Reasoned(change, expired.reason) for change in expired.changes)
    return Act(ticket.number, ticket, changes, CLOCK, _cause(ticket.number, timer), now)


def _cause(number: int, timer: Timer) -> str:
    return f"timer:{number}/{timer.kind.value}/{timer.due_at.isoformat()}"
