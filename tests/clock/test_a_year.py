"""A year at three desks: every due time, warning and breach is what a person with a stop watch has written down."""

from datetime import UTC, datetime

import pytest

from tests.clock import oracle
from tests.clock.a_year import campaign
from tests.clock.stories import Desk, desks


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
