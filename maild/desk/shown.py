"""What an agent's notification shows beside the words: earlier tickets, references, dates, things to do (SPEC AG-7)."""

from typing import Any

from maild.desk.card import local_time
from maild.desk.rulebook import Rulebook
from maild.notices import Audience, Notice
from maild.store import Tx, tickets
from maild.tickets.ticket import Ticket

EARLIER = 5
# Where somebody begins to work on a ticket he may not know yet.
WITH_EARLIER = frozenset({"new_ticket", "assignment", "customer_reply"})


def shown_facts(tx: Tx, notices: tuple[Notice, ...], ticket: Ticket | None, book: Rulebook) -> dict[str, Any]:
    """Read once for all notices of one act."""
    told = {each.event for each in notices if each.audience is Audience.AGENT}
    if ticket is None or not told:
        return {}
    return {
        "earlier": _earlier(tx, ticket, book) if told & WITH_EARLIER else [],
        "references": [
            {"name": name, "value": value, "url": _url(name, value, book)} for name, value in ticket.references
        ],
        "links": [{"relation": link.kind, "number": book.label(link.number)} for link in ticket.links],
        "todos": [{"number": todo.number, "text": todo.text, "done": todo.done} for todo in ticket.todos],
        "fields": [{"name": name, "value": value} for name, value in ticket.fields],
        "dates": _dates(ticket, book),
    }


def _earlier(tx: Tx, ticket: Ticket, book: Rulebook) -> list[dict[str, str]]:
    rows = tickets.of_requester(tx, ticket.requester.address, ticket.number, EARLIER)
    return [
        {
            "number": book.label(row.number),
            "subject": row.subject,
            "status": row.status,
            "at": local_time(row.created_at, book.timezone),
        }
        for row in rows
    ]


def _url(name: str, value: str, book: Rulebook) -> str:
    known = next((each for each in book.links if each.name == name), None)
    return known.link(value) if known else ""


def _dates(ticket: Ticket, book: Rulebook) -> list[dict[str, str]]:
    words = dict(ticket.plans)
    dates = (("due", ticket.due_at), ("followup", ticket.followup_at), ("action", ticket.action_at))
    return [
        {"name": name, "at": local_time(at, book.timezone), "text": words.get(name, "")} for name, at in dates if at
    ]
