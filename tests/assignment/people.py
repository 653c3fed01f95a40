"""Candidates and tickets as tests of assignment need them."""

from datetime import UTC, datetime

from maild.assignment import Assignment, AssignmentRule, Candidate, NewTicket, assign
from maild.mail.model import Mailbox
from maild.tickets.query import Setting
from maild.tickets.ticket import Ticket
from maild.tickets.words import contains
from maild.tickets.workflow import DEFAULT_PRIORITIES, DEFAULT_WORKFLOW, Phase

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALICE = Candidate("alice", teams=("first-line",))
BOB = Candidate("bob", teams=("network",))
CAROL = Candidate("carol", teams=("network", "First-Line"))
STAFF = (ALICE, BOB, CAROL)


def new_ticket(*, words: tuple[str, ...] = (), **fields: object) -> NewTicket:
    values: dict[str, object] = {
        "number": 0,
        "subject": "Printer on fire",
        "status": "new",
        "phase": Phase.NEW,
        "priority": "normal",
        "category": None,
        "requester": Mailbox("jane@customer.test", "Jane"),
        "inbox": "support@acme.test",
        "created_at": MONDAY,
        "updated_at": MONDAY,
    }
    return NewTicket(Ticket(**{**values, **fields}), words)  # type: ignore[arg-type]


def given(
    rules: AssignmentRule | tuple[AssignmentRule, ...],
    *candidates: Candidate,
    new: NewTicket | None = None,
    now: datetime = MONDAY,
) -> Assignment:
    """Who gets it, of these people."""
    ticket = new or new_ticket()
    setting = Setting(now, UTC, DEFAULT_WORKFLOW, DEFAULT_PRIORITIES)
    entries = (rules,) if isinstance(rules, AssignmentRule) else rules
    said = (ticket.ticket.subject, "The printer burns.")
    return assign(ticket, entries, candidates, setting, lambda word: contains(said, word))
