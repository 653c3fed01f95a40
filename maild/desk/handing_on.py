"""Who goes away hands his urgent tickets on, to whom the admin's entries name (SPEC AS-2)."""

from datetime import datetime

from maild.commands.reader import Section
from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.placing import Placement, placement_of
from maild.desk.room import Room
from maild.desk.staffing import away_words, candidates_of
from maild.records import replace
from maild.store import Tx, assignment, tickets
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket

Told = tuple[str, Section]


def hand_on_urgent(tx: Tx, room: Room, agent: Agent, until: datetime | None, cause: str, now: datetime) -> list[Told]:
    """His open tickets of the highest priority, when the desk is so set; gives what he is told of each.

    The tickets are locked before the turns, as everywhere.
    """
    book = room.book
    if not (book.hand_on_urgent and book.assignment):
        return []
    numbers = assignment.open_tickets_of(tx, agent.name, book.priorities[-1])
    found = [ticket for number in numbers if (ticket := tickets.load(tx, number, lock=True)) is not None]
    reason = f"{agent.name} {away_words(until, book)}"
    return [_hand_on(tx, room, agent, ticket, reason, cause, now) for ticket in found if ticket.assignee == agent.name]


def _hand_on(tx: Tx, room: Room, agent: Agent, ticket: Ticket, reason: str, cause: str, now: datetime) -> Told:
    """The new one gets a mail with the reason, the old one reads it in the answer to his command."""
    candidates = candidates_of(tx, ticket.requester.address, room.book, now, lock=True)
    others = tuple(each for each in candidates if each.name != agent.name)
    found = placement_of(ticket, "", others, room.book, now)
    label = room.book.label(ticket.number)
    if found.taken_by is None:
        why = f": {found.because[-1]}" if found.because else ""
        return label, Section(f"stays yours, nobody took it{why}")
    act = Act(
        ticket.number,
        ticket,
        _with_reason(found, reason),
        f"agent:{agent.name}",
        f"{cause}/away/{ticket.number}",
        now,
        agent=agent,
    )
    carry_out(tx, room, act)
    assignment.take_turn(tx, found.taken_by)
    return label, Section(f"is {found.taken_by}'s now, because it is {ticket.priority}")


def _with_reason(found: Placement, reason: str) -> tuple[Reasoned, ...]:
    return tuple(replace(each, reason=f"{reason}; {each.reason}", actor="") for each in found.changes)
