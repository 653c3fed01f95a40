"""One entry of the admin's `[[assignment]]`, and the ticket that it is asked about."""

from dataclasses import dataclass, field

from maild.assignment.candidate import Candidate, Pick, first_available
from maild.tickets.calendars import Calendar
from maild.tickets.query import Query
from maild.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Target:
    """A value of the ticket, and the agent or the team that such tickets go to."""

    value: str
    agent: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """`strategy` names who gets the tickets that `when` finds; `team`: only its members may; `hours`: only then."""

    strategy: str
    when: Query = field(default_factory=Query)
    team: str | None = None
    hours: Calendar | None = None
    to: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTicket:
    """The ticket as it will be, and the words of keyword rules that stood in the mail."""

    ticket: Ticket
    words: tuple[str, ...] = ()


def target_of(rule: AssignmentRule, value: str | None, candidates: tuple[Candidate, ...], what: str) -> Pick:
    """Where the admin's table sends a value: to an agent who is available, or to a team."""
    target = next((each for each in rule.to if value is not None and each.value.casefold() == value.casefold()), None)
    if target is None:
        return Pick(f"nothing is said of {what} {value or 'none'}")
    if target.agent is None:
        return Pick(f"{what} {value} goes to {target.team}", team=target.team)
    named = [each for each in candidates if each.name == target.agent]
    return first_available(named, lambda each: f"{what} {value} goes to {each.name}")
