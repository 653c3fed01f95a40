"""What a person's words do to a ticket beside being filed (SPEC TI-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.tickets.calendars import Calendar
from maild.tickets.events import Assigned, Change, StatusChanged
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase, Status, Workflow


@dataclass(frozen=True, slots=True)
class Habits:
    """The desk's choices: how long a closed ticket wakes again, when a resolved one closes, who takes by answering;
    when the customer is reminded that we wait, and when that ends; after what silence the assignee is reminded.

    With a `calendar` whole days are business days.
    """

    reopen_within: timedelta
    close_resolved_after: timedelta | None
    answer_takes: bool
    remind_waiting_after: tuple[timedelta, ...] = ()
    end_waiting_after: timedelta | None = None
    waiting_ends_closed: bool = False
    silent_after: timedelta | None = None
    unassigned_after: timedelta | None = None
    ask_category_after: timedelta | None = None
    calendar: Calendar | None = None


def step(ticket: Ticket, status: Status) -> list[Change]:
    """The change to a status, or nothing when the ticket is there already."""
    if ticket.status == status.name:
        return []
    return [StatusChanged(ticket.status, status.name, status.phase)]


def needs_follow_up(ticket: Ticket, workflow: Workflow, habits: Habits, now: datetime) -> bool:
    """True when a customer's mail to this ticket must open a linked one instead of waking it."""
    if ticket.phase is not Phase.CLOSED:
        return False
    closed_at = ticket.closed_at or ticket.updated_at
    return workflow.frozen_closed or now - closed_at > habits.reopen_within


def on_customer_reply(ticket: Ticket, workflow: Workflow) -> list[Change]:
    """Waiting becomes active, resolved and closed are reopened; new, active and hold stay (TI-3)."""
    if ticket.phase not in (Phase.WAITING, Phase.RESOLVED, Phase.CLOSED):
        return []
    active = waking(ticket, workflow)
    return step(ticket, active) if active else []


def waking(ticket: Ticket, workflow: Workflow) -> Status | None:
    """Where work on a ticket goes on: the first active status that the table allows from here, else a new one."""
    phases = (Phase.ACTIVE, Phase.NEW)
    found = [status for phase in phases for status in workflow.statuses if status.phase is phase]
    allowed = (status for status in found if workflow.allows(ticket.status, status.name))
    return next(allowed, workflow.in_phase(Phase.ACTIVE))


def on_public_answer(ticket: Ticket, workflow: Workflow, habits: Habits, agent: str) -> list[Change]:
    """The first answer opens a new ticket, and the one who answers an unowned ticket takes it."""
    changes: list[Change] = []
    active = workflow.in_phase(Phase.ACTIVE)
    if ticket.phase is Phase.NEW and active:
        changes += step(ticket, active)
    if habits.answer_takes and ticket.assignee is None:
        changes.append(Assigned(None, agent))
    return changes
