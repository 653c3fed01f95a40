"""A year at three desks: every due time, warning and breach is what a person with a stop watch has written down."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clock import desk_year, kept_desk, oracle
from tests.clock.a_year import campaign
from tests.clock.minder import Wall
from tests.clock.stories import GERMAN, OFFICE, Desk, desks


def test_a_hundred_tickets_are_due_warned_of_and_broken_when_the_stop_watch_says() -> None:
    wrong, counts = campaign(range(100))

    assert wrong == []
    assert counts["tickets"] == 100 and counts["breach"] > 50 and counts["other mark"] > 100


@pytest.mark.parametrize(
    ("desk", "day", "minutes"),
    [
        (0, (2026, 3, 2), 450),  # an office with a break
        (0, (2026, 3, 6), 360),
        (0, (2026, 12, 24), 180),
        (0, (2026, 12, 25), 0),
        (1, (2026, 3, 28), 420),  # the night in which an hour is missing
        (1, (2026, 10, 24), 540),  # the one that is longer
        (1, (2026, 5, 1), 0),
        (2, (2026, 3, 9), 720),
    ],
)
def test_the_stop_watch_itself_knows_the_hours_of_a_day(desk: int, day: tuple[int, int, int], minutes: int) -> None:
    noon = int((datetime(*day, 12, tzinfo=UTC) - oracle.EPOCH).total_seconds() // 60)
    begins = noon if desk == 1 else noon - 720  # a night shift from noon to noon
    given: Desk = desks()[desk]

    assert sum(given.rules.business[begins : begins + 1440]) == minutes


def test_a_desk_with_outages_reminds_gives_up_and_closes_when_the_person_with_the_calendar_does() -> None:
    wrong, counts = desk_year.campaign(range(40))

    assert wrong == []
    for what in ("waiting", "unassigned", "category", "due", "followup", "action"):
        assert counts[f"reminder {what}"] > 0, what
    assert counts["status closed"] > 10 and counts["status resolved"] > 1 and counts["sla 100%"] > 50


def test_an_assignee_hears_of_each_silence_once() -> None:
    wrong, counts = desk_year.campaign(range(12), desk_year.WITH_SILENCE)

    assert counts["reminder silent"] > 50
    assert wrong == []


def test_the_real_store_and_tick_do_what_the_desk_in_memory_did(sqlite_url: str, tmp_path: Path) -> None:
    wrong, counts = kept_desk.compared(tmp_path, sqlite_url, range(12), 0)

    assert wrong == []
    assert counts["tickets"] > 2 and counts["reminder"] > 5


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ((2026, 3, 26, 1, 30), 1, (2026, 3, 27, 1, 30)),
        ((2026, 3, 27, 1, 30), 1, (2026, 3, 30, 0, 30)),  # over a weekend that is an hour short
        ((2026, 10, 23, 7, 0), 1, (2026, 10, 26, 8, 0)),  # and one that is an hour longer
        ((2026, 4, 2, 7, 0), 1, (2026, 4, 7, 7, 0)),  # Easter
        ((2026, 12, 23, 8, 0), 2, (2026, 12, 28, 8, 0)),  # Christmas Eve counts: half of it is open
        ((2026, 5, 2, 9, 0), 1, (2026, 5, 4, 9, 0)),  # from a Saturday
    ],
)
def test_the_calendar_on_the_wall_itself_counts_days(start: tuple[int, ...], days: int, due: tuple[int, ...]) -> None:
    wall: Wall = desk_year.walls()[0]

    assert wall.after(minute_of(start), days) == minute_of(due)


def test_a_time_that_the_spring_night_leaves_out_comes_when_an_unset_clock_shows_it() -> None:
    every_day = Wall("Europe/Berlin", (OFFICE[0],) * 7, GERMAN)

    assert every_day.after(minute_of((2026, 3, 28, 1, 30)), 1) == minute_of((2026, 3, 29, 1, 30))  # shown: 03:30


def minute_of(moment: tuple[int, ...]) -> int:
    return int((datetime(*moment, tzinfo=UTC) - oracle.EPOCH).total_seconds() // 60)  # type: ignore[misc,arg-type]
