"""Events in, ticket out. The ticket row is this fold and nothing else (a test checks it for any sequence)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from maild.tickets.events import (
    AlsoArrived,
    Assigned,
    CategoryChanged,
    DeliveryFailed,
    Event,
    Linked,
    MessageFiled,
    Opened,
    ParticipantJoined,
    PriorityChanged,
    Refused,
    StatusChanged,
    TagsChanged,
    TeamsChanged,
)
from maild.tickets.ticket import Link, Participant, Ticket
from maild.tickets.workflow import Phase


def fold(number: int, ticket: Ticket | None, events: Iterable[Event]) -> Ticket:
    """The ticket after these events; `ticket` None means that the first one opens it."""
    for event in events:
        ticket = _opened(number, event) if ticket is None else apply(ticket, event)
        ticket = replace(ticket, seq=event.seq, updated_at=event.at)
    assert ticket is not None, "a ticket begins with its opening"
    return ticket


def _opened(number: int, event: Event) -> Ticket:
    change = event.change
    assert isinstance(change, Opened), "a ticket begins with its opening"
    return Ticket(
        number=number,
        subject=change.subject,
        status=change.status,
        phase=change.phase,
        priority=change.priority,
        category=change.category,
        requester=change.requester,
        inbox=change.inbox,
        language=change.language,
        teams=change.teams,
        answerable=change.answerable,
        created_at=event.at,
        updated_at=event.at,
        resolved_at=event.at if change.phase is Phase.RESOLVED else None,
        closed_at=event.at if change.phase is Phase.CLOSED else None,
    )


def apply(ticket: Ticket, event: Event) -> Ticket:
    """One event on a ticket that is there."""
    match event.change:
        case MessageFiled():
            return _message(ticket, event, event.change)
        case StatusChanged():
            return _status(ticket, event, event.change)
        case PriorityChanged(_, new):
            return replace(ticket, priority=new)
        case CategoryChanged(_, new):
            return replace(ticket, category=new)
        case Assigned(_, new):
            return replace(ticket, assignee=new)
        case TeamsChanged(_, new):
            return replace(ticket, teams=new)
        case TagsChanged(_, new):
            return replace(ticket, tags=new)
        case ParticipantJoined(address, name, standing):
            others = tuple(each for each in ticket.participants if each.address != address)
            return replace(ticket, participants=(*others, Participant(address, name, standing)))
        case Linked(relation, number):
            return replace(ticket, links=(*ticket.links, Link(relation, number)))
        case Opened() | AlsoArrived() | DeliveryFailed() | Refused():
            return ticket
        case other:
            assert_never(other)


def _message(ticket: Ticket, event: Event, change: MessageFiled) -> Ticket:
    ticket = replace(ticket, messages=ticket.messages + 1)
    if change.by in ("customer", "unverified"):
        return replace(ticket, heard_at=event.at)
    if change.by != "agent":
        return ticket
    if change.author not in ticket.followers:
        ticket = replace(ticket, followers=(*ticket.followers, change.author))
    if change.visibility != "public":
        return ticket
    return replace(ticket, answered_at=event.at, first_response_at=ticket.first_response_at or event.at)


def _status(ticket: Ticket, event: Event, change: StatusChanged) -> Ticket:
    ticket = replace(ticket, status=change.new, phase=change.phase)
    match change.phase:
        case Phase.RESOLVED:
            return replace(ticket, resolved_at=event.at, closed_at=None)
        case Phase.CLOSED:
            return replace(ticket, closed_at=event.at, resolved_at=ticket.resolved_at or event.at)
        case _:
            return replace(ticket, resolved_at=None, closed_at=None)
