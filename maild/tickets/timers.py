"""Deadlines as values: rows in the store only mirror what these functions say."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from maild.tickets.decide import Habits, step
from maild.tickets.events import Change
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase, Workflow


class TimerKind(StrEnum):
    """Why a ticket will be looked at again by itself."""

    AUTO_CLOSE = "auto_close"


@dataclass(frozen=True, slots=True)
class Timer:
    """One deadline of a ticket."""

    kind: TimerKind
    due_at: datetime


def running(ticket: Ticket, habits: Habits) -> tuple[Timer, ...]:
    """The timers that must run for a ticket as it stands."""
    if ticket.phase is Phase.RESOLVED and ticket.resolved_at and habits.close_resolved_after is not None:
        return (Timer(TimerKind.AUTO_CLOSE, ticket.resolved_at + habits.close_resolved_after),)
    return ()


def expire(ticket: Ticket, timer: Timer, workflow: Workflow) -> tuple[list[Change], str]:
    """What a due timer does, and the reason in words."""
    match timer.kind:
        case TimerKind.AUTO_CLOSE:
            closed = workflow.in_phase(Phase.CLOSED)
            return (step(ticket, closed) if closed else []), "resolved, and nobody wrote since"
