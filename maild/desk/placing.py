"""Whose a ticket becomes by the admin's entries: the changes that say so, and why (SPEC AS-1); pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.assignment import Assignment, Candidate, NewTicket, assign
from maild.commands.script import Reasoned
from maild.desk.rulebook import Rulebook
from maild.records import replace
from maild.rules.keywords import LOOKED_AT
from maild.tickets.events import Assigned, Change, Event, TeamsChanged, numbered
from maild.tickets.fold import fold
from maild.tickets.ticket import Ticket
from maild.tickets.words import contains

ACTOR = "system:assignment"


@dataclass(frozen=True, slots=True)
class Placement:
    """What is to change; `taken_by`: whose turn it was; `because`: what each entry said, in order."""

    changes: tuple[Reasoned, ...] = ()
    taken_by: str | None = None
    because: tuple[str, ...] = ()

    @property
    def in_vain(self) -> tuple[str, ...]:
        """Why nobody has it: what the history says of a ticket that was left to its team."""
        return self.because if self.taken_by is None else ()


def placement(
    opening: Sequence[Change], text: str, candidates: tuple[Candidate, ...], book: Rulebook, now: datetime
) -> Placement:
    """Of a ticket that these changes open. Nobody is asked for whom no candidates were looked up: an old mail."""
    if not book.assignment or not candidates:
        return Placement()
    ticket = fold(0, None, numbered([Event(now, ACTOR, change) for change in opening], 0))
    return placement_of(ticket, text, candidates, book, now)


def placement_of(
    ticket: Ticket, text: str, candidates: tuple[Candidate, ...], book: Rulebook, now: datetime
) -> Placement:
    """Of a ticket as it is."""
    seeing = tuple(each for each in candidates if _would_see(each, ticket, book, now))
    said = (ticket.subject, text)
    found = assign(
        NewTicket(ticket, _words(ticket.subject, text, book)),
        book.assignment,
        seeing,
        book.setting(now),
        lambda word: contains(said, word),
    )
    return Placement(tuple(_changes(ticket, found)), found.agent, found.said)


def _would_see(candidate: Candidate, ticket: Ticket, book: Rulebook, now: datetime) -> bool:
    """Nobody is given what his role may not see even when it is his own."""
    agent = book.directory.agent_named(candidate.name)
    return agent is not None and book.may_see(agent, replace(ticket, assignee=agent.name), now)


def _words(subject: str, text: str, book: Rulebook) -> tuple[str, ...]:
    """The words of keyword rules that the mail has: what skills are matched with."""
    if not any(rule.strategy == "skill" for rule in book.assignment):
        return ()
    seen = f"{subject}\n{text[:LOOKED_AT]}"
    return tuple(word for keyword in book.keywords if (word := keyword.matches(seen)) is not None)


def _changes(ticket: Ticket, found: Assignment) -> list[Reasoned]:
    changes: list[Reasoned] = []
    if found.teams != ticket.teams:
        changes.append(Reasoned(TeamsChanged(ticket.teams, found.teams), found.reason, ACTOR))
    if found.agent is not None and found.agent != ticket.assignee:
        changes.append(Reasoned(Assigned(ticket.assignee, found.agent), found.reason, ACTOR))
    return changes
