"""What a step of the ladder does: raise, hand on, mark, tell (SPEC SL-4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from maild.records import replace
from maild.tickets.events import Assigned, Change, Escalated, PriorityChanged, TagsChanged, TeamsChanged
from maild.tickets.ladder import Step
from maild.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Rung:
    """A step and what it does; `tell`: agents or teams who get a mail."""

    step: Step
    raise_priority: bool = False
    team: str | None = None
    assign: str | None = None
    tags: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()


def climbed(ticket: Ticket, rung: Rung, priorities: Sequence[str]) -> tuple[tuple[Change, ...], Ticket]:
    """The changes of a step, and the ticket as the next one finds it."""
    changes: list[Change] = [Escalated(ticket.level, ticket.level + 1)]
    ticket = replace(ticket, level=ticket.level + 1)
    higher = _higher(ticket.priority, priorities) if rung.raise_priority else None
    if higher is not None:
        changes.append(PriorityChanged(ticket.priority, higher))
        ticket = replace(ticket, priority=higher)
    if rung.team is not None and ticket.teams != (rung.team,):
        changes.append(TeamsChanged(ticket.teams, (rung.team,)))
        ticket = replace(ticket, teams=(rung.team,))
    if rung.assign is not None and ticket.assignee != rung.assign:
        changes.append(Assigned(ticket.assignee, rung.assign))
        ticket = replace(ticket, assignee=rung.assign)
    fresh = tuple(tag for tag in rung.tags if tag not in ticket.tags)
    if fresh:
        changes.append(TagsChanged(ticket.tags, (*ticket.tags, *fresh)))
        ticket = replace(ticket, tags=(*ticket.tags, *fresh))
    return tuple(changes), ticket


def _higher(priority: str, priorities: Sequence[str]) -> str | None:
    above = priorities[priorities.index(priority) + 1 :] if priority in priorities else ()
    return above[0] if above else None
