"""Do calendars and service levels fit together?"""

from collections.abc import Iterator

from maild.config import national
from maild.config.build_clock import calendar, policy, years_around
from maild.config.checks_staff import ANY_TIME
from maild.config.found import Found, repeated
from maild.config.lines import KeyPath
from maild.config.places import did_you_mean
from maild.config.schema import Draft
from maild.config.schema_clock import HoursEntry
from maild.tickets.promises import problem


def same_calendar_or_level_twice(draft: Draft) -> Iterator[Found]:
    """A name means one thing."""
    names = [((*item.path, "name"), item.value.name) for item in draft.calendars]
    yield from repeated(names, "is the name of another calendar")
    yield from repeated([((*item.path, "name"), item.value.name) for item in draft.sla], "is another service level")


def calendars_that_never_open(draft: Draft) -> Iterator[Found]:
    """Where nobody is ever there, no time would pass."""
    weeks: list[tuple[KeyPath, HoursEntry | None]] = []
    weeks += [((*item.path, "hours"), item.value.hours) for item in draft.calendars]
    weeks += [((*item.path, "working_hours"), item.value.working_hours) for item in draft.agents]
    for path, hours in weeks:
        if hours is not None and not any(hours.week()):
            yield path, 'needs hours on some day, such as mon = "09:00-17:00"'


def unknown_calendars(draft: Draft) -> Iterator[Found]:
    """A calendar that is named must be there."""
    known = [item.value.name for item in draft.calendars]
    named = [((*item.path, "calendar"), item.value.calendar) for item in draft.sla]
    named += [((*item.path, "calendar"), item.value.calendar) for item in draft.organisations]
    for path, name in named:
        if name is not None and name not in known:
            yield path, f"there is no calendar '{name}'{did_you_mean(name, known)}"


def countries_without_holidays(draft: Draft) -> Iterator[Found]:
    """Holidays by country need their library, and codes that it knows."""
    for item in draft.calendars:
        entry = item.value
        if entry.country is None:
            if entry.subdivision is not None:
                yield (*item.path, "subdivision"), "needs a country beside it"
        elif not national.is_there():
            yield (*item.path, "country"), national.NEEDED
        elif entry.country not in (known := national.countries()):
            near = did_you_mean(entry.country, list(known))
            yield (*item.path, "country"), f"must be a country's code of two letters such as DE or US{near}"
        elif entry.subdivision is not None and entry.subdivision not in known[entry.country]:
            near = did_you_mean(entry.subdivision, known[entry.country])
            yield (*item.path, "subdivision"), f"'{entry.subdivision}' is no part of {entry.country}{near}"


def targets_of_nothing(draft: Draft) -> Iterator[Found]:
    """Times are promised for priorities that there are."""
    known = draft.tickets.priorities
    for item in draft.sla:
        for priority in item.value.targets:
            if priority not in known:
                what = f"'{priority}' is no priority of [tickets]{did_you_mean(priority, known)}"
                yield (*item.path, "targets", priority), what


def steps_to_nobody(draft: Draft) -> Iterator[Found]:
    """A step names people and teams that there are, and each step of a level has a name of its own."""
    agents = [item.value.name for item in draft.agents]
    teams = sorted({team for item in draft.agents for team in item.value.teams})
    for item in draft.sla:
        steps = [((*item.path, "steps", place), step) for place, step in enumerate(item.value.steps)]
        yield from repeated([((*path, "name"), step.name) for path, step in steps], "is another step of this level")
        for path, step in steps:
            if step.assign is not None and step.assign not in agents:
                yield (*path, "assign"), f"there is no agent '{step.assign}'{did_you_mean(step.assign, agents)}"
            if step.team is not None and step.team not in teams:
                yield (*path, "team"), f"no agent is in a team '{step.team}'{did_you_mean(step.team, teams)}"
            for name in step.tell:
                if name not in agents and name not in teams:
                    near = did_you_mean(name, [*agents, *teams])
                    yield (*path, "tell"), f"there is no agent or team '{name}'{near}"


def unknown_desk_calendar(draft: Draft) -> Iterator[Found]:
    """The calendar by which days of waiting are counted."""
    known = [item.value.name for item in draft.calendars]
    name = draft.tickets.calendar
    if name is not None and name not in known:
        yield ("tickets", "calendar"), f"there is no calendar '{name}'{did_you_mean(name, known)}"


def promises_that_cannot_be_kept(draft: Draft) -> Iterator[Found]:
    """A calendar must have the time that is promised in it; public holidays alone never take it all."""
    plain = [item.value.model_copy(update={"country": None}) for item in draft.calendars]
    calendars = {entry.name: calendar(entry, draft.desk.timezone, years_around()) for entry in plain}
    for item in draft.sla:
        found = problem(policy(item.value, calendars), ANY_TIME)
        if found is not None:
            yield (*item.path, "targets"), found
