"""Quiet hours and digests, held against a clock on the wall that is looked at minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.notices.choices import (
    PROMPT,
    STRONG,
    Choice,
    Preferences,
    Quiet,
    choice,
    held_until,
    next_digest,
    sent_at,
    with_choice,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    BERLIN,
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Asia/Kathmandu"),
    ZoneInfo("UTC"),
]
MINUTE = timedelta(minutes=1)
NIGHT = Preferences(quiet=Quiet(time(20), time(7)), timezone=BERLIN)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-21T18:59", None),
        ("2026-11-21T19:00", "2026-11-22T06:00"),
        ("2026-11-22T05:59", "2026-11-22T06:00"),
        ("2026-11-22T06:00", None),
        ("2026-03-28T22:00", "2026-03-29T05:00"),
        ("2026-10-24T22:00", "2026-10-25T06:00"),
    ],
)
def test_mail_waits_until_the_quiet_hours_are_over(now: str, until: str | None) -> None:
    assert held_until(NIGHT, utc(now)) == (utc(until) if until else None)


def test_an_end_in_the_skipped_hour_is_the_end_of_that_hour() -> None:
    prefs = Preferences(quiet=Quiet(time(20), time(2, 30)), timezone=BERLIN)

    assert held_until(prefs, utc("2026-03-29T00:30")) == utc("2026-03-29T01:00")


def test_an_end_in_the_hour_that_comes_twice_counts_both_times() -> None:
    prefs = Preferences(quiet=Quiet(time(20), time(2, 30)), timezone=BERLIN)

    assert held_until(prefs, utc("2026-10-24T23:00")) == utc("2026-10-25T00:30")
    assert held_until(prefs, utc("2026-10-25T00:45")) is None
    assert held_until(prefs, utc("2026-10-25T01:10")) == utc("2026-10-25T01:30")


# Nights in which some zone puts its clock, and one in which none does.
moments = st.builds(
    lambda day, minutes: utc(day) + minutes * MINUTE,
    st.sampled_from(["2026-03-28T12:00", "2026-10-24T12:00", "2026-03-08T00:00", "2026-11-01T00:00", "2026-04-04T08:00", "2026-10-03T08:00", "2026-06-01T00:00"]),
    st.integers(0, 1440),
)  # fmt: skip
times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@given(moments, times, times, st.sampled_from(ZONES))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_the_end_is_the_first_minute_whose_wall_clock_is_not_quiet(
    now: datetime, start: time, hours: time, zone: ZoneInfo
) -> None:
    length = max(hours.hour * 60 + hours.minute, 15)
    end = (datetime.combine(now, start) + length * MINUTE).time()
    span = (datetime.combine(now, end) - datetime.combine(now, start)) % timedelta(days=1)
    if span > timedelta(hours=22):
        return  # a waking time that a changed clock may skip whole
    prefs = Preferences(quiet=Quiet(start, end), timezone=zone)

    def quiet(moment: datetime) -> bool:
        wall = moment.astimezone(zone)
        since = (wall.hour - start.hour) * 60 + wall.minute - start.minute
        return since % 1440 * MINUTE < span

    found = held_until(prefs, now)

    expected = now
    while quiet(expected):
        expected += MINUTE
    assert (found or now) == expected


@given(moments, st.lists(times, min_size=1, max_size=3), st.sampled_from(ZONES))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_digest_comes_within_a_day_at_one_of_its_times(now: datetime, at: list[time], zone: ZoneInfo) -> None:
    prefs = Preferences(digest_at=tuple(at), timezone=zone)

    found = next_digest(prefs, now)

    assert now < found <= now + timedelta(hours=25)
    wall = found.astimezone(zone)
    skipped = (found - MINUTE).astimezone(zone).utcoffset() != wall.utcoffset()
    assert wall.time() in at or skipped
    assert next_digest(prefs, now - MINUTE) <= found


def test_strong_events_are_never_off_and_answers_to_ones_own_words_never_wait() -> None:
    silent = with_choice(NIGHT, "*", Choice.OFF)
    night = utc("2026-11-22T01:00")

    assert {choice(silent, event) for event in STRONG} == {Choice.MAIL}
    assert choice(with_choice(silent, "change", Choice.DIGEST), "change") is Choice.DIGEST
    assert {sent_at(silent, event, night) for event in PROMPT} == {night}
    assert sent_at(silent, "assignment", night) == utc("2026-11-22T06:00")
    assert sent_at(silent, "change", night) is None
    assert sent_at(with_choice(silent, "change", Choice.DIGEST), "change", night) == utc("2026-11-22T07:00")
