"""What an agent's notification shows beside the words: earlier tickets, references, dates, things to do (SPEC AG-7)."""

from datetime import datetime
from itertools import groupby
from typing import Any

from maild.desk.card import local_time, size_text
from maild.desk.rulebook import Rulebook
from maild.notices import Audience, Notice
from maild.store import Tx, messages, tickets
from maild.tickets.clocks import State
from maild.tickets.promises import Target
from maild.tickets.ticket import Ticket

EARLIER = 5
LINKED = 10
# Where somebody begins to work on a ticket he may not know yet.
WITH_EARLIER = frozenset({"new_ticket", "assignment", "customer_reply"})


def shown_facts(
    tx: Tx, notices: tuple[Notice, ...], ticket: Ticket | None, book: Rulebook, now: datetime
) -> dict[str, Any]:
    """Read once for all notices of one act."""
    told = {each.event for each in notices if each.audience is Audience.AGENT}
    if ticket is None or not told:
        return {}
    return {
        "earlier": _earlier(tx, ticket, book) if told & WITH_EARLIER else [],
        "references": [
            {"name": name, "value": value, "url": _url(name, value, book)} for name, value in ticket.references
        ],
        "links": _links(ticket, book),
        "todos": [{"number": todo.number, "text": todo.text, "done": todo.done} for todo in ticket.todos],
        "fields": [{"name": name, "value": value} for name, value in ticket.fields],
        "dates": _dates(ticket, book),
        "sla": _promises(ticket, book, now),
        # Whose it is now has maybe never seen it: he reads what the customer wrote last.
        "message": _last_words(tx, ticket, book) if "assignment" in told else None,
    }


def _promises(ticket: Ticket, book: Rulebook, now: datetime) -> list[dict[str, str]]:
    """What is promised and not met yet, with the time left as a clock on the wall shows it."""
    if ticket.clocks is None or not book.tells_sla:
        return []
    found = [(target.value, ticket.clocks.of(target)) for target in Target]
    return [
        {"name": name, "due_at": local_time(clock.due_at, book.timezone), "left": _left(clock.due_at, now)}
        for name, clock in found
        if clock.due_at is not None and clock.state is State.RUNNING
    ]


def _left(due_at: datetime, now: datetime) -> str:
    """`1:30 h`, `2 d`, or with a minus what it is too late."""
    minutes = int(abs(due_at - now).total_seconds()) // 60
    length = f"{minutes // 60}:{minutes % 60:02} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"
    return length if due_at > now else f"−{length}"


def _links(ticket: Ticket, book: Rulebook) -> list[dict[str, str]]:
    """One row for each relation: an incident may have very many."""
    links = sorted(ticket.links, key=lambda link: (link.kind, link.number))
    grouped = ((kind, [book.label(link.number) for link in found]) for kind, found in groupby(links, lambda x: x.kind))
    return [
        {"relation": kind, "number": ", ".join(labels[:LINKED]) + (f" … ({len(labels)})" if labels[LINKED:] else "")}
        for kind, labels in grouped
    ]


def _last_words(tx: Tx, ticket: Ticket, book: Rulebook) -> dict[str, Any] | None:
    """The newest message of the customers' side, as templates show one."""
    there = [
        row for row in messages.of_ticket(tx, ticket.number) if (row.direction, row.visibility) == ("in", "public")
    ]
    if not there:
        return None
    row = there[-1]
    files = [file for file in messages.files_of(tx, [row.id]).get(row.id, []) if not file.hidden]
    return {
        "author_name": row.from_name or row.from_address or "unknown",
        "author_address": row.from_address or "",
        "text": row.new_text,
        "at": local_time(row.at, book.timezone),
        "attachments": [{"name": file.name, "size_text": size_text(file.size)} for file in files],
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
