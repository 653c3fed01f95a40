"""Whose a new ticket is: its inbox's team, then the admin's entries in order until one names an agent (SPEC AS-1)."""

from collections.abc import Callable
from dataclasses import dataclass

from maild.assignment import by_category, by_inbox, by_recipient, load, round_robin, skill, sticky
from maild.assignment.candidate import Candidate, Pick, after_taking, of_teams
from maild.assignment.rule import AssignmentRule, NewTicket, Target
from maild.records import replace
from maild.tickets.calendars import is_open
from maild.tickets.matching import Contains, matches
from maild.tickets.people import Directory, Inbox
from maild.tickets.query import Setting

Strategy = Callable[[NewTicket, tuple[Candidate, ...], AssignmentRule], Pick]

STRATEGIES: tuple[tuple[str, Strategy], ...] = (
    ("category", by_category.pick),
    ("recipient", by_recipient.pick),
    ("sticky", sticky.pick),
    ("skill", skill.pick),
    ("load", load.pick),
    ("round-robin", round_robin.pick),
)
BY_NAME = dict(STRATEGIES)


@dataclass(frozen=True, slots=True)
class Placed:
    """The teams of a new ticket."""

    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who gets a ticket (None: nobody yet), whose teams it is, and what every entry that was asked said, in order."""

    agent: str | None
    teams: tuple[str, ...]
    said: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """What the last one said: it decided."""
        return self.said[-1] if self.said else ""


def place(inbox: Inbox, directory: Directory) -> Placed:
    """The teams that a ticket begins with."""
    return Placed(by_inbox.teams(inbox, directory))


def assign(
    new: NewTicket,
    rules: tuple[AssignmentRule, ...],
    candidates: tuple[Candidate, ...],
    setting: Setting,
    contains: Contains,
) -> Assignment:
    """Asks each entry that the ticket fits. One that names a team narrows the choice of those after it."""
    said: list[str] = []
    for rule in rules:
        if not matches(rule.when, new.ticket, setting, contains):
            continue
        pick = _asked(rule, new, candidates, setting)
        said.append(f"{rule.strategy}: {pick.because}")
        if pick.team is not None:
            new = replace(new, ticket=replace(new.ticket, teams=(pick.team,)))
        if pick.agent is not None:
            return Assignment(pick.agent, new.ticket.teams, tuple(said))
    return Assignment(None, new.ticket.teams, tuple(said))


def _asked(rule: AssignmentRule, new: NewTicket, candidates: tuple[Candidate, ...], setting: Setting) -> Pick:
    if rule.hours is not None and not is_open(rule.hours, setting.now):
        return Pick(f"only in the hours of {rule.hours.name}")
    # A table of targets names its people itself, whatever team the ticket has so far.
    teams = () if rule.to else new.ticket.teams
    return BY_NAME[rule.strategy](new, of_teams(candidates, (rule.team,) if rule.team else teams), rule)


__all__ = [
    "STRATEGIES",
    "Assignment",
    "AssignmentRule",
    "Candidate",
    "NewTicket",
    "Placed",
    "Strategy",
    "Target",
    "after_taking",
    "assign",
    "place",
]
