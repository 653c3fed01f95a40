"""From entries to calendars and service levels (SPEC SL-1)."""

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from maild.clock import utc_now
from maild.config.national import public_holidays
from maild.config.schema import Draft
from maild.config.schema_clock import EVERY_YEAR, CalendarEntry, PromiseEntry, SlaEntry
from maild.config.schema_staff import AgentEntry
from maild.tickets.calendars import ALWAYS, Calendar, Frame
from maild.tickets.escalation import Rung
from maild.tickets.ladder import marks
from maild.tickets.promises import DEFAULT_POLICY, Policy, Promise

YEARS_BACK = 2
YEARS_AHEAD = 11  # as far as business time is looked for, and a year more
Sla = tuple[tuple[str, Policy], ...]


def years_around() -> range:
    """The years whose holidays are worth knowing."""
    this = utc_now().year
    return range(this - YEARS_BACK, this + YEARS_AHEAD + 1)


def calendars_of(draft: Draft) -> Mapping[str, Calendar]:
    """By name."""
    years = years_around()
    entries = (item.value for item in draft.calendars)
    return {entry.name: calendar(entry, draft.desk.timezone, years) for entry in entries}


def calendar(entry: CalendarEntry, desk: ZoneInfo, years: range) -> Calendar:
    """Holidays of the country, then the file's own, then half days: the later word counts."""
    days: dict[date, tuple[Frame, ...]] = {}
    if entry.country is not None:
        days |= dict.fromkeys(public_holidays(entry.country, entry.subdivision, years), ())
    days |= {day: () for each in entry.holidays for day in _every(each, years)}
    days |= {day: frames for each, frames in entry.half_days.items() for day in _every(each, years)}
    return Calendar(entry.name, entry.timezone or desk, entry.hours.week(), tuple(sorted(days.items())))


def _every(day: date, years: range) -> Iterator[date]:
    if day.year != EVERY_YEAR:
        yield day
        return
    for year in years:
        if (day.month, day.day) != (2, 29) or _is_leap(year):
            yield day.replace(year=year)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def working_hours_of(draft: Draft) -> Mapping[str, Calendar]:
    """The calendars of the agents who have hours of their own, by name."""
    return {
        item.value.name: _working_hours(item.value, draft)
        for item in draft.agents
        if item.value.working_hours is not None
    }


def _working_hours(entry: AgentEntry, draft: Draft) -> Calendar:
    assert entry.working_hours is not None
    return Calendar(entry.name, entry.zone(draft.desk.timezone), entry.working_hours.week())


def sla_of(draft: Draft, calendars: Mapping[str, Calendar]) -> Sla:
    """Query and service level, in the file's order: the first whose query fits counts. None in the file: the usual."""
    if not draft.sla:
        return (("", DEFAULT_POLICY),)
    return tuple((item.value.when, policy(item.value, calendars)) for item in draft.sla)


def policy(entry: SlaEntry, calendars: Mapping[str, Calendar]) -> Policy:
    """One service level; without a calendar the clock never stops."""
    return Policy(
        entry.name,
        promises=tuple((priority, _promise(each)) for priority, each in entry.targets.items()),
        calendar=calendars.get(entry.calendar, ALWAYS) if entry.calendar else ALWAYS,
        warnings=tuple(sorted({round(part * 100) for part in entry.warn_at})),
        pauses=frozenset(entry.pause_in),
        reopening=entry.reopen,
        resolving_answers=entry.resolving_answers,
        steps=marks(each.rung().step for each in entry.steps),
    )


def ladders_of(draft: Draft) -> Mapping[str, tuple[Rung, ...]]:
    """The steps of each service level, by its name."""
    return {item.value.name: tuple(step.rung() for step in item.value.steps) for item in draft.sla}


def _promise(entry: PromiseEntry) -> Promise:
    return Promise(entry.first_response, entry.next_response, entry.resolution)
