"""The JSON of tickets that others script against (CONTRACT)."""

from datetime import datetime
from typing import Any

from maild.clock import rfc3339
from maild.desk.rulebook import Rulebook
from maild.tickets.event_records import to_record
from maild.tickets.events import Event
from maild.tickets.promises import Target
from maild.tickets.ticket import Ticket


def _due(ticket: Ticket, target: Target) -> datetime | None:
    """When a promise ends or ended; nothing where it is met, rests or was never made."""
    clock = ticket.clocks.of(target) if ticket.clocks else None
    return clock.due_at if clock is not None and clock.met_at is None else None


def ticket_json(ticket: Ticket, book: Rulebook) -> dict[str, Any]:
    """One row of `ticket list --json`."""
    return {
        "number": book.label(ticket.number),
        "subject": ticket.subject,
        "status": ticket.status,
        "phase": ticket.phase.value,
        "priority": ticket.priority,
        "category": ticket.category,
        "requester": {"name": ticket.requester.name, "address": ticket.requester.address},
        "assignee": ticket.assignee,
        "teams": list(ticket.teams),
        "tags": list(ticket.tags),
        "created_at": rfc3339(ticket.created_at),
        "updated_at": rfc3339(ticket.updated_at),
        "first_response_at": rfc3339(ticket.first_response_at),
        "resolved_at": rfc3339(ticket.resolved_at),
        "closed_at": rfc3339(ticket.closed_at),
        "due": {target.value: rfc3339(_due(ticket, target)) for target in Target},
        "breached": [target.value for target in ticket.clocks.breached] if ticket.clocks else [],
        "messages": ticket.messages,
    }


def whole_ticket_json(
    ticket: Ticket, rows: list[Any], files: dict[int, list[Any]], history: list[Event], book: Rulebook
) -> dict[str, Any]:
    """`ticket show --json`."""
    return ticket_json(ticket, book) | {
        "messages": [_message(row, files.get(row.id, [])) for row in rows],
        "events": [_event(event) for event in history],
        "participants": [
            {"address": each.address, "name": each.name, "standing": each.standing.value}
            for each in ticket.participants
        ],
        "links": [{"kind": link.kind, "number": book.label(link.number)} for link in ticket.links],
        "references": [{"kind": kind, "value": value} for kind, value in ticket.references],
    }


def _message(row: Any, files: list[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": rfc3339(row.at),
        "direction": row.direction,
        "visibility": row.visibility,
        "kind": row.kind,
        "from": row.from_address,
        "from_name": row.from_name,
        "to": [address for address, _ in row.to],
        "cc": [address for address, _ in row.cc],
        "subject": row.subject,
        "text": row.text,
        "new_text": row.new_text,
        "message_id": row.message_id,
        "via": row.via,
        "raw_sha256": row.source,
        "raw_size": row.source_size,
        "attachments": [
            {"name": file.name, "content_type": file.content_type, "size": file.size, "sha256": file.sha256}
            for file in files
            if not file.hidden
        ],
    }


def _event(event: Event) -> dict[str, Any]:
    kind, old, new = to_record(event.change)
    return {
        "at": rfc3339(event.at),
        "actor": event.actor,
        "kind": kind,
        "old": old,
        "new": new,
        "reason": event.reason,
        "cause": event.cause,
    }
