"""Calendars and service levels: what the file's words become, and what is said of slips."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from maild.config import Config, national
from maild.tickets.calendars import ALWAYS, WHOLE_DAY, Frame
from maild.tickets.promises import DEFAULT_POLICY, Reopening, Target
from maild.tickets.workflow import Phase

Build = Callable[..., Config]
Problems = Callable[..., list[str]]
OFFICE = "[[calendars]]\nname = 'office'\nhours = { mon = ['13:00-17:00', '09:00-12:00'], sat = '22:00-06:00', sun = '00:00-24:00' }\n"
SLA = "[[sla]]\nname = 'gold'\n"


def test_the_files_calendars_are_the_cores(config: Build) -> None:
    office = config(
        OFFICE + "timezone = 'Europe/Berlin'\nholidays = ['12-31', 2026-05-15, '02-29']\n"
        "half_days = { '12-24' = '09:00-12:00', '2026-12-31' = '09:00-10:00' }"
    ).calendars["office"]

    assert office.frames(date(2026, 11, 23)) == (Frame(time(9), time(12)), Frame(time(13), time(17)))
    assert office.frames(date(2026, 11, 21)) == (Frame(time(22), time(6)),)
    assert office.frames(date(2026, 11, 22)) == (WHOLE_DAY,)
    assert office.frames(date(2026, 11, 24)) == ()
    assert office.frames(date(2026, 5, 15)) == ()
    assert office.frames(date(2027, 12, 24)) == (Frame(time(9), time(12)),)
    assert office.frames(date(2026, 12, 31)) == (Frame(time(9), time(10)),)
    assert str(office.zone) == "Europe/Berlin"


def test_a_countrys_holidays_are_closed_and_half_days_go_over_them(config: Build) -> None:
    pytest.importorskip("holidays")
    year = datetime.now(UTC).year
    more = f"country = 'DE'\nsubdivision = 'BE'\nhalf_days = {{ '{year}-12-25' = '09:00-10:00' }}"

    office = config(OFFICE.replace("sat", "tue = '09:00-17:00', sat") + more).calendars["office"]

    assert {office.frames(date(each, 1, 1)) for each in range(year, year + 10)} == {()}
    assert office.frames(date(year, 12, 25)) == (Frame(time(9), time(10)),)


def test_a_service_level_is_the_cores_policy(config: Build) -> None:
    given = config(
        OFFICE + SLA + "when = 'vip:yes'\ncalendar = 'office'\nwarn_at = [0.8, 0.5]\npause_in = 'hold'\n"
        "reopen = 'restart'\n[sla.targets]\nurgent = { first_response = '15m', resolution = '4h' }\n"
        "[[sla]]\nname = 'none'\n"
    )
    (query, gold), (rest, none) = given.sla

    assert (query, rest) == ("vip:yes", "")
    assert gold.allows("urgent", Target.FIRST_RESPONSE) == timedelta(minutes=15)
    assert gold.allows("urgent", Target.NEXT_RESPONSE) is None
    assert gold.allows("low", Target.RESOLUTION) is None
    assert (gold.warnings, gold.pauses, gold.reopening) == ((50, 80), {Phase.HOLD}, Reopening.RESTART)
    assert gold.calendar is given.calendars["office"]
    assert none.calendar is ALWAYS


def test_a_desk_that_names_none_has_the_usual_service_level(config: Build) -> None:
    assert config("").sla == (("", DEFAULT_POLICY),)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("[[calendars]]\nname = 'x'\nhours = { mo = '09:00-17:00' }", "3: calendars[1].hours.mo: unknown key (did you mean 'mon'?)"),
        ("[[calendars]]\nname = 'x'\nhours = {}", "3: calendars[1].hours: needs hours on some day"),
        ("[[calendars]]\nname = 'x'", "1: calendars[1].hours: is missing"),
        ("[[calendars]]\nname = 'x'\nhours = { mon = ['09:00-12:00', '11:00-17:00'] }", "3: calendars[1].hours.mon: has hours that overlap"),
        ("[[calendars]]\nname = 'x'\nhours = { mon = ['22:00-06:00', '23:00-23:30'] }", "3: calendars[1].hours.mon: has hours that overlap"),
        ("[[calendars]]\nname = 'x'\nhours = { mon = '09:00-09:00' }", "3: calendars[1].hours.mon: opens and closes at the same time"),
        (OFFICE + "holidays = ['2026-02-30']", "4: calendars[1].holidays[1]: must be a date"),
        (OFFICE + "half_days = { '24.12.' = '09:00-12:00' }", "4: calendars[1].half_days.24.12.: must be a date"),
        (OFFICE + "subdivision = 'BE'", "4: calendars[1].subdivision: needs a country beside it"),
        (OFFICE + "[[calendars]]\nname = 'Office'\nhours = { mon = '09:00-17:00' }", "5: calendars[2].name: 'Office' is the name of another calendar"),
        (SLA + "calendar = 'office'", "3: sla[1].calendar: there is no calendar 'office'"),
        (SLA + "when = 'vipp:yes'", "3: sla[1].when: 'vipp:yes' (column 1)"),
        (SLA + "when = 'status:opne'", "3: sla[1].when: 'status:opne' (column 1)"),
        (SLA + "warn_at = 80", "3: sla[1].warn_at: must be at most 0.99"),
        (SLA + "warn_at = ['half']", "3: sla[1].warn_at[1]: must be a number"),
        (SLA + "pause_in = 'resolved'", "3: sla[1].pause_in: must be one of new, active, waiting, hold"),
        (SLA + "[sla.targets]\nhihg = { resolution = '1d' }", "4: sla[1].targets.hihg: 'hihg' is no priority of [tickets] (did you mean 'high'?)"),
        (SLA + "[sla.targets]\nhigh = { resolutoin = '1d' }", "4: sla[1].targets.high.resolutoin: unknown key (did you mean 'resolution'?)"),
        (SLA + "[sla.targets]\nhigh = { resolution = '0s' }", "4: sla[1].targets.high.resolution: must be longer than 0s"),
        (SLA + "[sla.targets]\nhigh = '1d'", "4: sla[1].targets.high: must be a table with keys"),
        (OFFICE + SLA + "calendar = 'office'\n[sla.targets]\nhigh = { resolution = '30000d' }", "7: sla[1].targets: calendar 'office' has no"),
        (SLA + SLA, "4: sla[2].name: 'gold' is another service level"),
    ],
)  # fmt: skip
def test_a_slip_about_time_is_named(problems: Problems, more: str, found: str) -> None:
    assert [problem.startswith(found) for problem in problems(more)] == [True], problems(more)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("country = 'GERMANY'", "4: calendars[1].country: must be a country's code of two letters such as DE or US"),
        (
            "country = 'DE'\nsubdivision = 'XX'",
            "5: calendars[1].subdivision: 'XX' is no part of DE (known here: BB, BE",
        ),
    ],
)
def test_a_country_that_the_library_does_not_know_is_named(problems: Problems, more: str, found: str) -> None:
    pytest.importorskip("holidays")

    assert [problem.startswith(found) for problem in problems(OFFICE + more)] == [True], problems(OFFICE + more)


def test_without_the_library_the_admin_reads_what_to_install(
    problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(national, "is_there", lambda: False)

    assert problems(OFFICE + "country = 'DE'") == [f"4: calendars[1].country: {national.NEEDED}"]
