"""A ticket and its changes as the words that templates show; nothing internal for the customers' side."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from maild.desk.rulebook import Rulebook
from maild.notices import Audience
from maild.tickets.events import (
    Assigned,
    CategoryChanged,
    Escalated,
    Event,
    PriorityChanged,
    StatusChanged,
    SubjectChanged,
    TagsChanged,
    TeamsChanged,
)
from maild.tickets.ticket import Ticket

# By the names that the table of words has for the rows of a card.
SHOWN = {
    StatusChanged: "status",
    PriorityChanged: "priority",
    CategoryChanged: "category",
    Assigned: "assignee",
    TeamsChanged: "teams",
    TagsChanged: "tags",
    SubjectChanged: "subject",
    Escalated: "level",
}


def local_time(moment: datetime, timezone: str) -> str:
    """`2026-11-21 10:30`, in the desk's zone."""
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


def size_text(size: int) -> str:
    """`1.4 MB`."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} kB"
    return f"{size / 1024 / 1024:.1f} MB"


def ticket_card(ticket: Ticket, book: Rulebook, audience: Audience) -> dict[str, Any]:
    """The ticket as one reads it; customers see no assignee, team or tags."""
    inside = not audience.is_outside
    return {
        "number": book.label(ticket.number),
        "subject": ticket.subject,
        "status": ticket.status,
        "phase": ticket.phase.value,
        "priority": ticket.priority,
        "category": ticket.category or "",
        "requester": {"name": ticket.requester.name, "address": ticket.requester.address},
        "organisation": (ticket.organisation or "") if inside else "",
        "vip": ticket.vip and inside,
        "assignee": ticket.assignee if inside else None,
        "collaborators": [each for each in ticket.followers if each != ticket.assignee] if inside else [],
        "suppliers": [box.address for box in ticket.suppliers()] if inside else [],
        "rating": ticket.rating,
        "minutes": ticket.minutes if inside else 0,
        "level": ticket.level if inside else 0,
        "merged_into": book.label(ticket.merged_into) if ticket.merged_into else "",
        "teams": list(ticket.teams) if inside else [],
        "tags": list(ticket.tags) if inside else [],
        "created_at": local_time(ticket.created_at, book.timezone),
        "updated_at": local_time(ticket.updated_at, book.timezone),
    }


def expected(ticket: Ticket, book: Rulebook) -> str:
    """Until when the customer may expect the first answer; only what the admin himself has promised (CU-1)."""
    at = ticket.clocks.first_response.due_at if ticket.clocks and book.tells_sla else None
    return local_time(at, book.timezone) if at else ""


def change_rows(events: Iterable[Event], audience: Audience) -> list[dict[str, str]]:
    """Changed fields as label (a word of `[card]`), old, new; customers are shown the status only."""
    rows = []
    for event in events:
        change = event.change
        title = SHOWN.get(type(change))
        if title is None or (audience.is_outside and not isinstance(change, StatusChanged)):
            continue
        rows.append(
            {"label": title, "old": _shown(getattr(change, "old", None)), "new": _shown(getattr(change, "new", None))}
        )
    return rows


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value) or "–"
    return str(value) if value else "–"
