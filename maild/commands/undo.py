"""`#undo`: takes back what the agent's last command changed, within ten minutes, by compensating events."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import groupby
from typing import Any

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nothing_after
from maild.records import replace
from maild.tickets.events import (
    WITH_OLD,
    Change,
    DateSet,
    Deleted,
    Event,
    FieldSet,
    Merged,
    MessagesMoved,
    ParticipantJoined,
    ParticipantLeft,
    StatusChanged,
    TimeSpent,
    TodoAdded,
    TodoDone,
    TodoDropped,
    Undone,
)
from maild.tickets.fold import apply, fold
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

WITHIN = timedelta(minutes=10)
FOR_GOOD = (Merged, MessagesMoved, Deleted)
HINT = "it takes back your own last command of the last ten minutes; a mail that left stays sent"
Back = tuple[tuple[Event, Change], ...]


def _undo(argument: str, agent: Agent, words: Vocabulary) -> Wanted:
    nothing_after(argument, "#undo")
    back = _last(agent, words)
    if not back:
        raise WrongCommand("there is nothing to undo here", HINT)

    def changes(ticket: Ticket) -> list[Change]:
        found: list[Change] = []
        for event, inverse in back:
            _require_untouched(ticket, event)
            ticket = fold(ticket.number, ticket, [replace(event, change=inverse)])
            found.append(inverse)
        return [*found, Undone(tuple(event.seq for event, _ in back))]

    return Wanted(changes, once="undo")


def _last(agent: Agent, words: Vocabulary) -> Back:
    """(event, what takes it back) of this agent's last act that changed something, and was not undone; newest first."""
    for act in _acts(agent, words):
        if any(isinstance(event.change, FOR_GOOD) for event in act):
            hint = "#unmerge NUMBER takes a merged ticket out again; what was split is merged back by #merge"
            raise WrongCommand("your last command moved or destroyed messages", hint)
        back = tuple((event, inverse) for event in act if (inverse := _inverse(event, words)) is not None)
        if back:
            return back
    return ()


def _acts(agent: Agent, words: Vocabulary) -> Iterable[list[Event]]:
    """The young acts of this agent, newest first; what undoing wrote is no command of his."""
    undone = {seq for event in words.known.history if isinstance(event.change, Undone) for seq in event.change.events}
    own = [event for event in words.known.history if event.actor == f"agent:{agent.name}" and event.seq not in undone]
    undoing = {_act(event) for event in own if isinstance(event.change, Undone)}
    young = [event for event in reversed(own) if _act(event) not in undoing and words.now - event.at <= WITHIN]
    return (list(act) for _, act in groupby(young, _act))


def _act(event: Event) -> tuple[object, object]:
    """One mail is one act; lines given on the command line have one cause, but each its own time."""
    return event.cause, event.at


def _inverse(event: Event, words: Vocabulary) -> Change | None:
    """What takes a change back; None for what cannot be (a mail is sent) or concerns another ticket (a link)."""
    change = event.change
    if isinstance(change, StatusChanged):
        old = words.workflow.find(change.old)
        return StatusChanged(change.new, old.name, old.phase) if old else None
    if isinstance(change, WITH_OLD):
        swap: Callable[[Any, Any], Change] = type(change)  # all of WITH_OLD take (old, new)
        return swap(change.new, change.old)
    if isinstance(change, ParticipantJoined):
        return _standing_before(event, change, words)
    return _rare_inverse(change)


def _standing_before(event: Event, change: ParticipantJoined, words: Vocabulary) -> Change:
    """Who was kept as unverified before he was added is so again."""
    earlier = [
        each.change
        for each in words.known.history
        if each.seq < event.seq
        and isinstance(each.change, ParticipantJoined | ParticipantLeft)
        and each.change.address == change.address
    ]
    if earlier and isinstance(earlier[-1], ParticipantJoined):
        return earlier[-1]
    return ParticipantLeft(change.address, change.name, change.standing)


def _rare_inverse(change: Change) -> Change | None:
    match change:
        case DateSet(which, old, new, old_text, text):
            return DateSet(which, new, old, text, old_text)
        case FieldSet(name, old, new):
            return FieldSet(name, new, old)
        case ParticipantLeft(address, name, standing):
            return ParticipantJoined(address, name, standing)
        case TimeSpent(minutes):
            return TimeSpent(-minutes)
        case TodoAdded(number, text):
            return TodoDropped(number, text)
        case TodoDone(number, done):
            return TodoDone(number, not done)
        case _:
            return None


def _require_untouched(ticket: Ticket, event: Event) -> None:
    """What somebody changed since is not overwritten: what still stands changes nothing when it is repeated."""
    if isinstance(event.change, TimeSpent):
        return
    if _in_order(apply(ticket, event)) != _in_order(ticket):
        raise WrongCommand(f"somebody changed it since ({event.change.kind})", "set it as it should be")


def _in_order(ticket: Ticket) -> Ticket:
    """Without regard to the order in which things came, and to reminders, which any change begins anew."""
    return replace(
        ticket,
        reminded=(),
        participants=tuple(sorted(ticket.participants, key=lambda each: each.address)),
        todos=tuple(sorted(ticket.todos, key=lambda each: each.number)),
        fields=tuple(sorted(ticket.fields)),
        plans=tuple(sorted(ticket.plans)),
    )


COMMAND = Command(
    name="undo",
    usage="#undo",
    summary="Takes back what your last command changed, within ten minutes. Mails that left stay sent.",
    example="#undo",
    verb=Verb.NOTE,
    read=_undo,
)
