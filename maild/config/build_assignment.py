"""From entries to the rules of assignment."""

from collections.abc import Mapping

from maild.assignment import AssignmentRule, Target
from maild.config.schema import Draft
from maild.config.schema_assignment import AssignmentEntry
from maild.tickets.calendars import Calendar
from maild.tickets.query import parse_query


def assignment_of(draft: Draft, calendars: Mapping[str, Calendar]) -> tuple[AssignmentRule, ...]:
    """In the file's order."""
    return tuple(_rule(item.value, draft, calendars) for item in draft.assignment)


def _rule(entry: AssignmentEntry, draft: Draft, calendars: Mapping[str, Calendar]) -> AssignmentRule:
    """Business hours are those of the named calendar, else of the first."""
    name = entry.calendar or next(iter(calendars), "")
    return AssignmentRule(
        entry.strategy,
        when=parse_query(entry.when),
        team=entry.team,
        hours=calendars.get(name) if entry.only_business_hours else None,
        to=tuple(_target(value, name, draft) for value, name in entry.to.items()),
    )


def _target(value: str, name: str, draft: Draft) -> Target:
    """An agent goes before a team of the same name, as in `#assign`."""
    agents = {item.value.name.casefold(): item.value.name for item in draft.agents}
    agent = agents.get(name.casefold())
    return Target(value, agent) if agent else Target(value, team=name)
