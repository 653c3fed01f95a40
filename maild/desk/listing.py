"""Lists of tickets in a daily mail: what is due when, a row for each with one-click links (SPEC AG-5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from maild.commands.reader import Row, Section
from maild.desk.answers import as_context
from maild.desk.card import local_time
from maild.desk.links import ActionLinks
from maild.desk.rulebook import Rulebook
from maild.tickets.promises import Target
from maild.tickets.ticket import Ticket

COLUMNS = ("number", "subject", "priority", "status", "customer", "what", "due", "late")
WORST_FIRST = "sort:-priority,created"
OWN = ("show", "note", "waiting", "resolve")
FREE = ("begin", "show", "note", "assign")


@dataclass(frozen=True, slots=True)
class Listed:
    """One part of a mail: `name` is what the templates know it by; `total` may be more than are here."""

    name: str
    tickets: tuple[Ticket, ...]
    total: int


def next_due(ticket: Ticket, book: Rulebook) -> tuple[datetime, str] | None:
    """(when, what) of the next date or promise; one that is over and not kept comes first."""
    dates = [(ticket.due_at, "due"), (ticket.followup_at, "followup"), (ticket.action_at, "action")]
    if ticket.clocks is not None and book.tells_sla:
        clocks = [(target.value, ticket.clocks.of(target)) for target in Target]
        dates += [(clock.due_at, name) for name, clock in clocks if clock.met_at is None]
    return min(((at, what) for at, what in dates if at is not None), default=None)


def shown(parts: Iterable[Listed], book: Rulebook, links: ActionLinks | None, now: datetime) -> list[dict[str, object]]:
    """The parts that have something, as templates show them; without links to who cannot act by mail."""
    sections = [(part.name, _section(part, book, links, now)) for part in parts if part.tickets]
    return as_context(sections, links or ActionLinks(book, book.address, book.address, now))


def _section(part: Listed, book: Rulebook, links: ActionLinks | None, now: datetime) -> Section:
    shown = len(part.tickets)
    result = str(shown) if part.total <= shown else f"{shown} / {part.total}"
    rows = tuple(_row(each, book, now, acts=links is not None) for each in part.tickets)
    return Section(result, columns=COLUMNS, rows=rows)


def _row(ticket: Ticket, book: Rulebook, now: datetime, *, acts: bool) -> Row:
    due = next_due(ticket, book)
    at = local_time(due[0], book.timezone) if due else ""
    late = due is not None and due[0] <= now
    cells = (
        book.label(ticket.number),
        ticket.subject,
        ticket.priority,
        ticket.status,
        ticket.requester.name or ticket.requester.address,
        due[1] if due else "",
        "" if late else at,
        at if late else "",
    )
    actions = FREE if ticket.assignee is None else OWN
    return Row(cells, ticket.number if acts else None, actions)
