"""Bookmarks, first connects, waiting: the poller's decisions without a server."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.intake.imap_plan import (
    WIDEST,
    WINDOW,
    Bookmark,
    Stretch,
    Treatment,
    backoff,
    due,
    end_of,
    opening,
    passed,
    set_aside,
    treatment,
    windows,
)
from maild.intake.imap_session import Selected

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_start_now_leaves_everything_that_is_there() -> None:
    assert opening(seen=False, start="now", edge=41) == ((Stretch.LIVE, Bookmark(41)),)


@pytest.mark.parametrize("start", ["all", date(2026, 1, 1)])
def test_other_starts_read_old_mails_apart_from_new_ones(start: object) -> None:
    rows = opening(seen=False, start=start, edge=41)  # type: ignore[arg-type]

    assert rows == ((Stretch.START, Bookmark(0, ((41, 0),))), (Stretch.LIVE, Bookmark(41)))


def test_a_folder_that_was_seen_before_is_listed_again_whatever_the_start() -> None:
    assert opening(seen=True, start="now", edge=41)[0] == (Stretch.RELIST, Bookmark(0, ((41, 0),)))


def test_an_empty_folder_has_nothing_old() -> None:
    assert opening(seen=False, start="all", edge=0) == ((Stretch.LIVE, Bookmark(0)),)


@pytest.mark.parametrize(
    ("stretch", "start", "arrived", "wanted"),
    [
        (Stretch.LIVE, "now", NOW - timedelta(days=900), Treatment.LIVE),
        (Stretch.START, "all", NOW, Treatment.QUIET),
        (Stretch.START, date(2026, 11, 1), NOW, Treatment.QUIET),
        (Stretch.START, date(2026, 11, 1), NOW - timedelta(days=30), Treatment.SKIP),
        (Stretch.START, date(2026, 11, 1), None, Treatment.QUIET),
        (Stretch.RELIST, "now", NOW - timedelta(days=1), Treatment.LIVE),
        (Stretch.RELIST, "now", NOW - timedelta(days=31), Treatment.QUIET),
        (Stretch.RELIST, "now", None, Treatment.LIVE),
    ],
)
def test_how_a_mail_is_taken_in(stretch: Stretch, start: object, arrived: datetime | None, wanted: Treatment) -> None:
    assert treatment(stretch, start, arrived, NOW) is wanted  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=60))
def test_every_uid_that_is_not_done_stays_known(steps: list[tuple[int, bool]]) -> None:
    bookmark = Bookmark(0)
    outcome: dict[int, bool] = {}
    for uid, good in sorted(steps, key=lambda step: step[0]):
        bookmark = (passed if good else set_aside)(bookmark, uid)
        outcome[uid] = good

    assert [uid for uid, _ in bookmark.pending] == sorted(uid for uid, good in outcome.items() if not good)
    assert bookmark.last_uid == max(outcome, default=0)


def test_tries_are_counted_and_the_end_of_a_stretch_is_no_try() -> None:
    stretch = Bookmark(0, ((9, 0),))

    assert end_of(stretch) == 9
    assert set_aside(set_aside(stretch, 3), 3) == Bookmark(3, ((3, 2), (9, 0)))
    assert set_aside(stretch, 9) == Bookmark(9, ((9, 1),))
    assert list(due(stretch.pending, 0)) == []


def test_a_bad_mail_is_tried_ever_more_rarely_and_never_given_up() -> None:
    tried = [[rounds for rounds in range(4096) if list(due(((7, tries),), rounds))] for tries in (1, 3, 99)]

    assert [len(rounds) for rounds in tried] == [2048, 512, 4]
    assert all(rounds[0] == 0 for rounds in tried)


@given(st.integers(1, 2**32), st.integers(0, 400_000), st.integers(0, 500_000))
def test_windows_leave_no_uid_out(first: int, span: int, exists: int) -> None:
    box = Selected(1, first + span, exists, writable=True)
    ranges = list(windows(first, box, first + span - 1))

    if exists:
        assert ranges[0][0] == first and ranges[-1][1] is None
        assert all(low2 == (high1 or 0) + 1 for (_, high1), (low2, _) in pairwise(ranges))
    assert all(high is None or high - low < max(WINDOW, WIDEST) for low, high in ranges)


def test_a_dense_folder_is_listed_in_small_windows() -> None:
    box = Selected(1, 130_001, 130_000, writable=True)

    assert len(list(windows(1, box, 130_000))) == 8


def test_waits_grow_from_one_second_to_five_minutes_and_differ() -> None:
    dice = Random(7)
    waits = [[backoff(failures, dice) for _ in range(50)] for failures in (1, 2, 5, 50)]

    assert all(wait == 1.0 for wait in waits[0])
    assert all(1 <= wait <= 2 for wait in waits[1])
    assert all(8 <= wait <= 16 for wait in waits[2]) and len(set(waits[2])) > 10
    assert all(150 <= wait <= 300 for wait in waits[3])
