"""Waiting grows, stays within its spread, and never ends by itself."""

from datetime import timedelta

import pytest

from maild.outbox.backoff import SCHEDULE, next_attempt


def test_the_waits_follow_the_schedule_and_then_repeat_its_last_step() -> None:
    waits = [next_attempt(attempt, SCHEDULE) for attempt in range(1, 10)]

    assert waits == [*SCHEDULE, SCHEDULE[-1], SCHEDULE[-1]]


@pytest.mark.parametrize(("jitter", "minutes"), [(-0.1, 54), (0.0, 60), (0.1, 66), (-3.0, 30), (7.0, 90)])
def test_a_random_fraction_spreads_the_wait_within_bounds(jitter: float, minutes: int) -> None:
    assert next_attempt(1, (timedelta(hours=1),), jitter) == timedelta(minutes=minutes)


def test_an_attempt_that_never_was_waits_like_the_first() -> None:
    assert next_attempt(0, SCHEDULE) == SCHEDULE[0]
