"""Events in, ticket out. The ticket row is this fold and nothing else (a test checks it for any sequence)."""

from collections.abc import Iterable
from typing import Any, assert_never

from maild.records import replace
from maild.tickets.events import (
    AlsoArrived,
    Assigned,
    BreachExplained,
    CategoryChanged,
    ClocksChanged,
    DateSet,
    Deleted,
    DeliveryDelayed,
    DeliveryFailed,
    Escalated,
    Event,
    FieldSet,
    FollowersChanged,
    Linked,
    Merged,
    MessageFiled,
    MessagesMoved,
    Opened,
    ParticipantJoined,
    ParticipantLeft,
    PriorityChanged,
    QualityJudged,
    Rated,
    ReferencesChanged,
    Refused,
    Reminded,
    RequesterChanged,
    SlaReached,
    SpamMarked,
    StatusChanged,
    SubjectChanged,
    TagsChanged,
    TeamsChanged,
    TimeSpent,
    TodoAdded,
    TodoDone,
    TodoDropped,
    Undone,
    Unlinked,
)
from maild.tickets.ticket import Link, Participant, Ticket, Todo
from maild.tickets.workflow import Phase

DELETED = "(deleted)"
VALUES: dict[type, str] = {
    PriorityChanged: "priority",
    CategoryChanged: "category",
    Assigned: "assignee",
    TeamsChanged: "teams",
    TagsChanged: "tags",
    SubjectChanged: "subject",
    FollowersChanged: "followers",
    Escalated: "level",
    QualityJudged: "quality",
    Merged: "merged_into",
    SpamMarked: "spam",
    BreachExplained: "breach_cause",
}
Relation = ParticipantJoined | ParticipantLeft | RequesterChanged | Linked | Unlinked | MessagesMoved | Deleted
Work = (
    DateSet
    | FieldSet
    | ReferencesChanged
    | TodoAdded
    | TodoDone
    | TodoDropped
    | TimeSpent
    | Rated
    | ClocksChanged
    | SlaReached
    | Reminded
    | Opened
    | AlsoArrived
    | DeliveryFailed
    | DeliveryDelayed
    | Refused
    | Undone
)


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
        phase_at=event.at,
        organisation=change.organisation,
        vip=change.vip,
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
        case FollowersChanged(_, new):
            return replace(ticket, followers=tuple(dict.fromkeys(new)))
        case (
            PriorityChanged()
            | CategoryChanged()
            | Assigned()
            | TeamsChanged()
            | TagsChanged()
            | SubjectChanged()
            | Escalated()
            | QualityJudged()
            | Merged()
            | SpamMarked()
            | BreachExplained()
        ) as change:
            if isinstance(change, Assigned):
                ticket = replace(ticket, reminded=_forgotten(ticket, "unassigned"))
            value: Any = {VALUES[type(change)]: change.new}
            return replace(ticket, **value)
        case (
            ParticipantJoined()
            | ParticipantLeft()
            | RequesterChanged()
            | Linked()
            | Unlinked()
            | MessagesMoved()
            | Deleted()
        ) as change:
            return _relations(ticket, change)
        case change:
            return _work(ticket, change)


def _relations(ticket: Ticket, change: Relation) -> Ticket:
    match change:
        case ParticipantJoined(address, name, standing):
            return replace(ticket, participants=(*_others(ticket, address), Participant(address, name, standing)))
        case ParticipantLeft(address):
            return replace(ticket, participants=_others(ticket, address))
        case RequesterChanged(_, new):
            return replace(ticket, requester=new, participants=_others(ticket, new.address))
        case Linked(relation, number):
            return replace(ticket, links=(*_unlinked(ticket, relation, number), Link(relation, number)))
        case Unlinked(relation, number):
            return replace(ticket, links=_unlinked(ticket, relation, number))
        case MessagesMoved(count):
            return replace(ticket, messages=max(ticket.messages + count, 0))
        case Deleted():
            return replace(ticket, deleted=True, subject=DELETED, fields=(), references=(), todos=(), plans=())
        case other:
            assert_never(other)


def _work(ticket: Ticket, change: Work) -> Ticket:
    match change:
        case DateSet():
            return _date(ticket, change)
        case FieldSet(name, _, new):
            kept = tuple(pair for pair in ticket.fields if pair[0] != name)
            return replace(ticket, fields=(*kept, (name, new)) if new is not None else kept)
        case ReferencesChanged(_, new):
            return replace(ticket, references=new)
        case TodoAdded(number, text):
            return replace(ticket, todos=(*_other_todos(ticket, number), Todo(number, text)))
        case TodoDone(number, done):
            changed = (replace(each, done=done) if each.number == number else each for each in ticket.todos)
            return replace(ticket, todos=tuple(changed))
        case TodoDropped(number):
            return replace(ticket, todos=_other_todos(ticket, number))
        case TimeSpent(minutes):
            return replace(ticket, minutes=max(ticket.minutes + minutes, 0))
        case Rated(score):
            return replace(ticket, rating=score)
        case ClocksChanged(clocks):
            return replace(ticket, clocks=clocks)
        case Reminded(what, _, times):
            count = ticket.reminders(what) + times
            return replace(ticket, reminded=(*_forgotten(ticket, what), (what, count)))
        case Opened() | AlsoArrived() | DeliveryFailed() | DeliveryDelayed() | Refused() | Undone() | SlaReached():
            return ticket
        case other:
            assert_never(other)


def _forgotten(ticket: Ticket, *what: str) -> tuple[tuple[str, int], ...]:
    """The counts of reminders without these: what they remind of begins anew."""
    return tuple(pair for pair in ticket.reminded if pair[0] not in what)


def _others(ticket: Ticket, address: str) -> tuple[Participant, ...]:
    return tuple(each for each in ticket.participants if each.address != address)


def _unlinked(ticket: Ticket, relation: str, number: int) -> tuple[Link, ...]:
    return tuple(each for each in ticket.links if (each.kind, each.number) != (relation, number))


def _other_todos(ticket: Ticket, number: int) -> tuple[Todo, ...]:
    return tuple(each for each in ticket.todos if each.number != number)


def _date(ticket: Ticket, change: DateSet) -> Ticket:
    ticket = replace(ticket, reminded=_forgotten(ticket, change.which))
    plans = tuple(pair for pair in ticket.plans if pair[0] != change.which)
    if change.new is not None and change.text:
        plans = (*plans, (change.which, change.text))
    match change.which:
        case "due":
            return replace(ticket, due_at=change.new, plans=plans)
        case "followup":
            return replace(ticket, followup_at=change.new, plans=plans)
        case _:
            return replace(ticket, action_at=change.new, plans=plans)


def _message(ticket: Ticket, event: Event, change: MessageFiled) -> Ticket:
    ticket = replace(ticket, messages=ticket.messages + 1)
    if change.by in ("customer", "unverified"):
        return replace(ticket, heard_at=event.at, reminded=_forgotten(ticket, "waiting"))
    if change.by != "agent":
        return ticket
    if change.author not in ticket.followers:
        ticket = replace(ticket, followers=(*ticket.followers, change.author))
    if change.visibility != "public":
        return ticket
    ticket = replace(ticket, answered_at=event.at, first_response_at=ticket.first_response_at or event.at)
    return replace(ticket, reminded=_forgotten(ticket, "waiting", "silent"))


def _status(ticket: Ticket, event: Event, change: StatusChanged) -> Ticket:
    if change.phase is not ticket.phase:
        ticket = replace(ticket, phase_at=event.at, reminded=_forgotten(ticket, "waiting", "silent", "unassigned"))
    ticket = replace(ticket, status=change.new, phase=change.phase)
    match change.phase:
        case Phase.RESOLVED:
            return replace(ticket, resolved_at=event.at, closed_at=None)
        case Phase.CLOSED:
            return replace(ticket, closed_at=event.at, resolved_at=ticket.resolved_at or event.at)
        case _:
            return replace(ticket, resolved_at=None, closed_at=None)
