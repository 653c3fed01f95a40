"""Business time: what people mean by "four hours" on a Friday, at night, on holidays, when the clocks change."""

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.errors import PermanentError
from maild.tickets.calendars import ALWAYS, WHOLE_DAY, Calendar, Frame, NoBusinessTime, add, between, is_open

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def frame(opens: str, closes: str) -> Frame:
    return Frame(time.fromisoformat(opens), time.fromisoformat(closes))


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


DAY = (frame("09:00", "17:00"),)
LUNCH = (frame("09:00", "12:30"), frame("13:00", "17:30"))
NIGHT = (frame("22:00", "06:00"),)
CLOSED: tuple[Frame, ...] = ()
HOLIDAYS = tuple((date(2026, month, day), CLOSED) for month, day in ((4, 3), (4, 6), (5, 1), (12, 25), (12, 26)))
CHRISTMAS_EVE = (date(2026, 12, 24), (frame("09:00", "12:00"),))
OFFICE = Calendar("office", BERLIN, (DAY,) * 5 + (CLOSED,) * 2, (*HOLIDAYS, CHRISTMAS_EVE))
BREAKS = Calendar("breaks", BERLIN, (LUNCH,) * 5 + (CLOSED,) * 2)
NIGHTS = Calendar("nights", BERLIN, (NIGHT,) * 7)
# four in the night, half past two: hours that the changes of the clocks skip or repeat
ODD = Calendar("odd", BERLIN, ((frame("02:30", "04:00"), frame("01:15", "02:15")),) * 7)
SHOP = Calendar("shop", NEW_YORK, ((frame("08:00", "20:00"),),) * 6 + (CLOSED,))
OVERLAPPING = Calendar("overlapping", NEW_YORK, ((frame("20:00", "04:00"), frame("03:00", "10:00")),) * 7)
# a zone that sets its clocks back from midnight: the last hour of a day comes twice
HAVANA = Calendar("havana", ZoneInfo("America/Havana"), ((frame("22:00", "23:30"), frame("00:00", "02:00")),) * 7)
LORD_HOWE = Calendar("lord howe", ZoneInfo("Australia/Lord_Howe"), ((frame("01:00", "03:00"),),) * 7)
KATHMANDU = Calendar("kathmandu", ZoneInfo("Asia/Kathmandu"), (DAY, LUNCH, NIGHT, DAY, CLOSED, NIGHT, CLOSED))
CALENDARS = (ALWAYS, OFFICE, BREAKS, NIGHTS, ODD, SHOP, OVERLAPPING, HAVANA, LORD_HOWE, KATHMANDU)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "end"),
    [
        (OFFICE, "2026-11-20 16:00", 4, "2026-11-23 12:00"),  # Friday to Monday
        (OFFICE, "2026-04-02 16:00", 4, "2026-04-07 12:00"),  # over Easter
        (OFFICE, "2026-12-24 11:00", 1, "2026-12-24 12:00"),  # half a day is enough
        (OFFICE, "2026-12-24 12:00", 1, "2026-12-28 10:00"),  # exactly at the close
        (OFFICE, "2026-11-22 03:00", 8, "2026-11-23 17:00"),  # Sunday: the whole Monday, to its close
        (OFFICE, "2026-11-20 16:00", 0, "2026-11-20 16:00"),
        (BREAKS, "2026-11-20 12:00", 1, "2026-11-20 13:30"),  # lunch does not count
        (NIGHTS, "2026-03-28 23:00", 4, "2026-03-29 04:00"),  # two o'clock is not there
        (NIGHTS, "2026-10-24 23:00", 4, "2026-10-25 02:00+01:00"),  # two o'clock comes twice
        (NIGHTS, "2026-10-24 22:00", 9, "2026-10-25 06:00"),  # a shift of nine hours
        (ODD, "2026-03-29 01:15", 1, "2026-03-29 03:15"),  # 01:15-02:00 and 03:00-04:00 are left
        (ODD, "2026-10-25 01:15", 2, "2026-10-25 02:45+01:00"),  # to 02:15, 02:30-03:00, 02:00-02:15 once more
        (ALWAYS, "2026-03-28 23:00", 4, "2026-03-29 04:00"),
    ],
)
def test_so_many_hours_from_then_end_when_people_say(calendar: Calendar, start: str, hours: int, end: str) -> None:
    expected = datetime.fromisoformat(end)

    found = add(calendar, at(start), hours * HOUR)

    assert found == (expected if expected.tzinfo else expected.replace(tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        (OFFICE, "2026-11-20 16:00", "2026-11-23 12:00", 4),
        (OFFICE, "2026-11-23 12:00", "2026-11-20 16:00", 0),  # a clock that was set back
        (OFFICE, "2026-12-24 00:00", "2026-12-28 00:00", 3),
        (NIGHTS, "2026-03-28 22:00", "2026-03-29 06:00", 7),
        (NIGHTS, "2026-10-24 22:00", "2026-10-25 06:00", 9),
        (OVERLAPPING, "2026-06-01 00:00", "2026-06-02 00:00", 14),  # nobody works the same hour twice
        (OFFICE, "2026-01-01 00:00", "2027-01-01 00:00", 8 * 256 + 3),  # 261 weekdays, 4 holidays, half a day
    ],
)
def test_so_much_business_time_lies_between(calendar: Calendar, start: str, end: str, hours: int) -> None:
    assert between(calendar, at(start), at(end)) == hours * HOUR


def test_a_question_from_another_time_zone_is_answered_by_the_desks_own_hours() -> None:
    sunday_evening_in_new_york = at("2026-11-22 20:00", NEW_YORK)  # 02:00 on Monday in Berlin

    assert add(OFFICE, sunday_evening_in_new_york, HOUR) == at("2026-11-23 10:00")


def test_the_shift_before_a_holiday_stays_till_the_morning_and_none_comes_on_the_holiday() -> None:
    nights = Calendar("nights", BERLIN, (NIGHT,) * 7, HOLIDAYS)

    assert between(nights, at("2026-04-30 12:00"), at("2026-05-01 12:00")) == 8 * HOUR
    assert between(nights, at("2026-05-01 12:00"), at("2026-05-02 12:00")) == timedelta(0)


def test_a_single_date_may_also_be_open_longer_than_its_weekday() -> None:
    sale = Calendar("sale", BERLIN, (CLOSED,) * 7, ((date(2026, 11, 29), (WHOLE_DAY,)),))

    assert between(sale, at("2026-11-01 00:00"), at("2026-12-31 00:00")) == 24 * HOUR


def test_a_calendar_that_never_opens_says_so_and_does_not_search_for_ever() -> None:
    never = Calendar("never", BERLIN, (CLOSED,) * 7)

    with pytest.raises(NoBusinessTime, match=r"'never' has no 4 h of business time in ten years") as caught:
        add(never, at("2026-11-20 16:00"), 4 * HOUR)

    assert isinstance(caught.value, PermanentError)


def test_the_end_of_all_dates_is_an_answer_too() -> None:
    with pytest.raises(NoBusinessTime):
        add(OFFICE, datetime(9998, 11, 1, tzinfo=UTC), 10_000 * HOUR)


def test_business_time_is_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        add(OFFICE, at("2026-11-20 16:00"), -HOUR)


@pytest.mark.parametrize(
    ("moment", "is_it"),
    [
        ("2026-11-20 09:00", True),
        ("2026-11-20 16:59", True),
        ("2026-11-20 17:00", False),
        ("2026-11-21 12:00", False),
        ("2026-05-01 12:00", False),
        ("2026-12-24 11:59", True),
        ("2026-12-24 12:00", False),
    ],
)
def test_the_desk_is_open_from_the_opening_and_no_longer_at_the_close(moment: str, is_it: bool) -> None:
    assert is_open(OFFICE, at(moment)) is is_it


def test_a_calendar_forgets_months_but_never_changes_its_mind() -> None:
    calendar = Calendar("office", BERLIN, OFFICE.week, OFFICE.days)
    first = add(calendar, at("2026-04-02 16:00"), 4 * HOUR)

    between(calendar, at("1990-01-01 00:00"), at("2090-01-01 00:00"))

    assert add(calendar, at("2026-04-02 16:00"), 4 * HOUR) == first
    assert calendar == OFFICE and hash(calendar) == hash(OFFICE)


MOMENTS = st.one_of(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),
    # close to the changes of the clocks: by the minute
    *(
        st.integers(-3000, 3000).map(lambda minute, change=change: change + timedelta(minutes=minute))
        for change in (
            datetime(2026, 3, 29, 1),
            datetime(2026, 10, 25, 1),
            datetime(2026, 11, 1, 4),
            datetime(2026, 4, 4, 15),
        )
    ),
).map(lambda moment: moment.replace(tzinfo=UTC))
LENGTHS = st.one_of(
    st.integers(0, 40 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.timedeltas(timedelta(0), timedelta(days=90)),
)
ANY = settings(max_examples=400, deadline=None, derandomize=True)


@given(st.sampled_from(CALENDARS), MOMENTS, LENGTHS)
@ANY
def test_what_is_added_lies_between(calendar: Calendar, start: datetime, length: timedelta) -> None:
    end = add(calendar, start, length)

    assert end >= start
    assert between(calendar, start, end) == length
    if length:  # the earliest such moment
        assert between(calendar, start, end - timedelta(microseconds=1)) < length


@given(st.sampled_from(CALENDARS), MOMENTS, LENGTHS, LENGTHS)
@ANY
def test_who_comes_later_or_gets_more_time_is_never_due_earlier(
    calendar: Calendar, start: datetime, length: timedelta, more: timedelta
) -> None:
    assert add(calendar, start, length + more) >= add(calendar, start, length)
    assert add(calendar, start + more, length) >= add(calendar, start, length)


@given(st.sampled_from(CALENDARS), MOMENTS, LENGTHS, LENGTHS)
@ANY
def test_time_in_two_pieces_is_the_time_of_the_whole(
    calendar: Calendar, start: datetime, length: timedelta, more: timedelta
) -> None:
    middle, end = start + length, start + length + more

    whole = between(calendar, start, end)

    assert between(calendar, start, middle) + between(calendar, middle, end) == whole
    assert whole <= end - start
    assert add(calendar, add(calendar, start, length), more) == add(calendar, start, length + more)


@given(st.sampled_from(CALENDARS), MOMENTS)
@ANY
def test_an_open_minute_is_one_that_the_clock_on_the_wall_shows_inside_a_frame(
    calendar: Calendar, moment: datetime
) -> None:
    wall = moment.astimezone(calendar.zone).replace(tzinfo=None)
    days = (wall.date(), wall.date() - timedelta(days=1))
    shown = any(
        opens <= wall < closes for day in days for opens, closes in (each.on(day) for each in calendar.frames(day))
    )

    assert is_open(calendar, moment) is shown


def test_a_due_time_costs_microseconds() -> None:
    starts = [at("2026-01-01 00:00") + timedelta(hours=place) for place in range(8000)]
    add(OFFICE, starts[0], 2500 * HOUR)

    began = stopwatch.perf_counter()
    for start in starts:
        add(OFFICE, start, 20 * HOUR)

    assert (stopwatch.perf_counter() - began) / len(starts) < 0.0005  # 8 µs on two busy cores; room for busier ones
