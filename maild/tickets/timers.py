"""Deadlines as values: rows in the store only mirror what these functions say (SPEC 9).

A timer is a question to the ticket as it stands: must somebody look at it again, and when? What was done already the
ticket remembers (`reminded`), so that each reminder comes once, also after days of downtime.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from maild.records import replace
from maild.tickets.calendars import business_days_later
from maild.tickets.decide import Habits, step
from maild.tickets.events import Change, Reminded
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase, Workflow

MOST_AT_ONCE = 1000
AT_WORK = (Phase.NEW, Phase.ACTIVE)
DONE = (Phase.RESOLVED, Phase.CLOSED)


class TimerKind(StrEnum):
    """Why a ticket will be looked at again by itself."""

    AUTO_CLOSE = "auto_close"
    SLA = "sla"
    WAITING = "waiting"  # the customer is reminded that we wait for him
    GIVE_UP = "give_up"  # he did not answer
    SILENT = "silent"  # he heard nothing from us
    UNASSIGNED = "unassigned"
    CATEGORY = "category"  # he was asked what kind of request it is
    DUE = "due"
    FOLLOWUP = "followup"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Timer:
    """One deadline of a ticket."""

    kind: TimerKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """What a due timer does, and the reason in words."""

    changes: tuple[Change, ...]
    reason: str


def running(ticket: Ticket, habits: Habits) -> tuple[Timer, ...]:
    """The timers that must run for a ticket as it stands."""
    if ticket.merged_into is not None or ticket.deleted:
        return ()
    found = ((kind, ask(ticket, habits)) for kind, ask in TIMERS)
    return tuple(Timer(kind, due_at) for kind, due_at in found if due_at is not None)


def expire(ticket: Ticket, timer: Timer, workflow: Workflow, habits: Habits, now: datetime) -> Expired:
    """What a due timer changes. The clocks of the SLA move by themselves when the ticket is looked at."""
    match timer.kind:
        case TimerKind.AUTO_CLOSE:
            return _stepped(ticket, workflow, Phase.CLOSED, "resolved, and nobody wrote since")
        case TimerKind.GIVE_UP:
            phase = Phase.CLOSED if habits.waiting_ends_closed else Phase.RESOLVED
            return _stepped(ticket, workflow, phase, "we waited, and the customer did not answer")
        case TimerKind.SLA:
            return Expired((), "a promise comes to its end")
        case kind:
            text, times = dict(ticket.plans).get(kind.value, ""), _times_due(ticket, kind, habits, now)
            return Expired((Reminded(kind.value, text, times),), REASONS[kind])


def _times_due(ticket: Ticket, kind: TimerKind, habits: Habits, now: datetime) -> int:
    """How often it has come due by now: after a downtime nobody is told the same several times at once."""
    ask, told, times = dict(TIMERS)[kind], ticket.reminders(kind.value), 1
    while times < MOST_AT_ONCE:
        due_at = ask(replace(ticket, reminded=((kind.value, told + times),)), habits)
        if due_at is None or due_at > now:
            break
        times += 1
    return times


REASONS = {
    TimerKind.WAITING: "we wait for the customer's answer",
    TimerKind.SILENT: "the customer heard nothing from us for long",
    TimerKind.UNASSIGNED: "nobody has taken it",
    TimerKind.CATEGORY: "we still don't know what kind of request it is",
    TimerKind.DUE: "it is due now",
    TimerKind.FOLLOWUP: "it was to be looked at again",
    TimerKind.ACTION: "something was to be done now",
}


def _stepped(ticket: Ticket, workflow: Workflow, phase: Phase, reason: str) -> Expired:
    status = workflow.in_phase(phase) or workflow.in_phase(Phase.CLOSED) or workflow.in_phase(Phase.RESOLVED)
    return Expired(tuple(step(ticket, status)) if status else (), reason)


def _last_word(ticket: Ticket) -> datetime:
    """When a person wrote last, or the ticket came where it is: silence counts from there (SL-5)."""
    return max(filter(None, (ticket.phase_at, ticket.answered_at, ticket.heard_at, ticket.created_at)))


def _later(start: datetime, length: timedelta, habits: Habits, times: int = 1) -> datetime:
    """Whole days are business days where the desk has a calendar; hours are hours, also when they add up to days."""
    days = length // timedelta(days=1)
    if habits.calendar is None or days == 0 or length % timedelta(days=1):
        return start + length * times
    return business_days_later(habits.calendar, start, days * times)


def _auto_close(ticket: Ticket, habits: Habits) -> datetime | None:
    if ticket.phase is not Phase.RESOLVED or habits.close_resolved_after is None or ticket.resolved_at is None:
        return None
    return _later(max(filter(None, (ticket.resolved_at, ticket.heard_at))), habits.close_resolved_after, habits)


def _sla(ticket: Ticket, _habits: Habits) -> datetime | None:
    return ticket.clocks.next_at if ticket.clocks is not None else None


def _waiting(ticket: Ticket, habits: Habits) -> datetime | None:
    count = ticket.reminders(TimerKind.WAITING.value)
    silent = not ticket.answerable or ticket.spam
    if ticket.phase is not Phase.WAITING or count >= len(habits.remind_waiting_after) or silent:
        return None
    return _later(_last_word(ticket), habits.remind_waiting_after[count], habits)


def _give_up(ticket: Ticket, habits: Habits) -> datetime | None:
    if ticket.phase is not Phase.WAITING or habits.end_waiting_after is None:
        return None
    return _later(_last_word(ticket), habits.end_waiting_after, habits)


def _silent(ticket: Ticket, habits: Habits) -> datetime | None:
    """Again and again, each time after the same silence: the customer is owed a word."""
    if ticket.phase not in AT_WORK or habits.silent_after is None or ticket.spam:
        return None
    count = ticket.reminders(TimerKind.SILENT.value) + 1
    since = max(filter(None, (ticket.answered_at, ticket.phase_at, ticket.created_at)))
    return _later(since, habits.silent_after, habits, count)


def _unassigned(ticket: Ticket, habits: Habits) -> datetime | None:
    told = ticket.reminders(TimerKind.UNASSIGNED.value)
    if ticket.phase not in AT_WORK or ticket.assignee or habits.unassigned_after is None or told or ticket.spam:
        return None
    return _later(ticket.phase_at or ticket.created_at, habits.unassigned_after, habits)


def _category(ticket: Ticket, habits: Habits) -> datetime | None:
    asked = ticket.reminders(TimerKind.CATEGORY.value)
    nobody = not ticket.answerable or ticket.spam
    if habits.ask_category_after is None or ticket.category or asked or nobody or ticket.phase in DONE:
        return None
    return _later(ticket.created_at, habits.ask_category_after, habits)


def _planned(kind: TimerKind) -> Callable[[Ticket, Habits], datetime | None]:
    def ask(ticket: Ticket, _habits: Habits) -> datetime | None:
        done = ticket.phase in DONE or ticket.reminders(kind.value)
        at: datetime | None = getattr(ticket, f"{kind.value}_at")
        return None if done else at

    return ask


TIMERS: tuple[tuple[TimerKind, Callable[[Ticket, Habits], datetime | None]], ...] = (
    (TimerKind.AUTO_CLOSE, _auto_close),
    (TimerKind.SLA, _sla),
    (TimerKind.WAITING, _waiting),
    (TimerKind.GIVE_UP, _give_up),
    (TimerKind.SILENT, _silent),
    (TimerKind.UNASSIGNED, _unassigned),
    (TimerKind.CATEGORY, _category),
    (TimerKind.DUE, _planned(TimerKind.DUE)),
    (TimerKind.FOLLOWUP, _planned(TimerKind.FOLLOWUP)),
    (TimerKind.ACTION, _planned(TimerKind.ACTION)),
)
