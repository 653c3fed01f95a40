"""`#undo`: takes back what the agent's last command changed, within ten minutes, by compensating events."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nothing_after
from maild.tickets.events import (
    WITH_OLD,
    Change,
    DateSet,
    Event,
    FieldSet,
    Linked,
    Merged,
    ParticipantJoined,
    ParticipantLeft,
    StatusChanged,
    TimeSpent,
    TodoAdded,
    TodoDone,
    TodoDropped,
    Undone,
    Unlinked,
)
from maild.tickets.fold import VALUES
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

WITHIN = timedelta(minutes=10)


def _undo(argument: str, agent: Agent, words: Vocabulary) -> Wanted:
    nothing_after(argument, "#undo")
    back = _last(agent, words)
    if not back:
        hint = "it takes back your own last command of the last ten minutes; a mail that left stays sent"
        raise WrongCommand("there is nothing to undo here", hint)

    def changes(ticket: Ticket) -> list[Change]:
        found: list[Change] = []
        for event, inverse in back:
            _require_untouched(ticket, event.change)
            found.append(inverse)
        return [*found, Undone(tuple(event.seq for event, _ in back))]

    return Wanted(changes)


def _last(agent: Agent, words: Vocabulary) -> list[tuple[Event, Change]]:
    """(event, what takes it back) of this agent's last act that can be taken back, and was not; newest first."""
    undone = {seq for event in words.known.history if isinstance(event.change, Undone) for seq in event.change.events}
    own = [event for event in words.known.history if event.actor == f"agent:{agent.name}" and event.seq not in undone]
    # What undoing wrote is no command of his: a second undo goes one step further back.
    undoing = {event.cause for event in own if isinstance(event.change, Undone)}
    young = [event for event in reversed(own) if event.cause not in undoing and words.now - event.at <= WITHIN]
    back = [(event, inverse) for event in young if (inverse := _inverse(event.change, words)) is not None]
    return [pair for pair in back if pair[0].cause == back[0][0].cause]


def _inverse(change: Change, words: Vocabulary) -> Change | None:
    """What takes a change back; None for what cannot be (a mail is sent, tickets are merged)."""
    if isinstance(change, StatusChanged):
        old = words.workflow.find(change.old)
        return StatusChanged(change.new, old.name, old.phase) if old else None
    if isinstance(change, Merged):
        return None
    if isinstance(change, WITH_OLD):
        swap: Callable[[Any, Any], Change] = type(change)  # all of WITH_OLD take (old, new)
        return swap(change.new, change.old)
    return _rare_inverse(change)


def _rare_inverse(change: Change) -> Change | None:
    match change:
        case DateSet(which, old, new, old_text, text):
            return DateSet(which, new, old, text, old_text)
        case FieldSet(name, old, new):
            return FieldSet(name, new, old)
        case ParticipantJoined(address, name, standing):
            return ParticipantLeft(address, name, standing)
        case ParticipantLeft(address, name, standing):
            return ParticipantJoined(address, name, standing)
        case TimeSpent(minutes):
            return TimeSpent(-minutes)
        case TodoAdded(number, text):
            return TodoDropped(number, text)
        case TodoDone(number, done):
            return TodoDone(number, not done)
        case Linked() | Unlinked():
            return None  # the other ticket knows of it, too: #link and #unlink change both
        case _:
            return None


def _require_untouched(ticket: Ticket, change: Change) -> None:
    """What somebody changed since is not overwritten."""
    name = "status" if isinstance(change, StatusChanged) else VALUES.get(type(change))
    if name is not None and getattr(ticket, name) != getattr(change, "new", None):
        raise WrongCommand(f"the {change.kind} was changed again since", "set it as it should be")


COMMAND = Command(
    name="undo",
    usage="#undo",
    summary="Takes back what your last command changed, within ten minutes. Mails that left stay sent.",
    example="#undo",
    verb=Verb.NOTE,
    read=_undo,
)
