"""Spans of wall-clock time as instants of UTC, and a month of them that is measured by bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate

NOTHING = timedelta(0)
SECOND = timedelta(seconds=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Month:
    """Windows of one month in UTC: in order, apart from each other; `before` is the business time until each."""

    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    before: tuple[timedelta, ...]
    total: timedelta

    def worked(self, moment: datetime) -> timedelta:
        """The month's business time until a moment of it."""
        place = bisect_right(self.opens, moment) - 1
        if place < 0:
            return NOTHING
        return self.before[place] + min(moment, self.closes[place]) - self.opens[place]

    def reached(self, amount: timedelta) -> datetime:
        """The earliest moment by which so much of the month's business time has passed; more than nothing."""
        place = bisect_left(self.before, amount) - 1
        return self.opens[place] + (amount - self.before[place])

    def covers(self, moment: datetime) -> bool:
        """True inside of a window."""
        place = bisect_right(self.opens, moment) - 1
        return place >= 0 and moment < self.closes[place]


def month_of(moment: datetime) -> tuple[int, int]:
    """(year, month)."""
    return moment.year, moment.month


def next_month(year: int, month: int) -> tuple[int, int]:
    """The month after."""
    return (year, month + 1) if month < 12 else (year + 1, 1)


def windowed(spans: Iterable[Span], first: datetime, last: datetime) -> Month:
    """The spans that lie in `first` to `last`, cut to it and joined where they meet or overlap."""
    cut = sorted((max(start, first), min(end, last)) for start, end in spans)
    windows = _joined((start, end) for start, end in cut if start < end)
    lengths = [end - start for start, end in windows]
    before = tuple(accumulate(lengths, initial=NOTHING))
    return Month(tuple(start for start, _ in windows), tuple(end for _, end in windows), before[:-1], before[-1])


def _joined(spans: Iterable[Span]) -> list[Span]:
    windows: list[Span] = []
    for start, end in spans:
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((start, end))
    return windows


def instants(start: datetime, end: datetime, zone: tzinfo) -> Iterator[Span]:
    """When a zone's clocks show `start` to `end` (both naive): one span, or one on each side of a change of the clocks.

    `fold` 0 gives the offset before a change and `fold` 1 the one after it (PEP 495), so a change between, or one that
    skips or repeats an end, always shows as two offsets. No zone changes its clocks twice within a day.
    """
    old, new = _offset(start.replace(fold=0), zone), _offset(end.replace(fold=1), zone)
    start, end = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
    if old == new:
        yield start - old, end - old
        return
    change = _change(start - max(old, new), end - min(old, new), new, zone)
    yield start - old, min(end - old, change)
    yield max(start - new, change), end - new


def _offset(wall: datetime, zone: tzinfo) -> timedelta:
    return wall.replace(tzinfo=zone).utcoffset() or NOTHING


def _change(low: datetime, high: datetime, new: timedelta, zone: tzinfo) -> datetime:
    """The second at which the offset becomes `new`."""
    low = low.replace(microsecond=0)
    seconds = range(int((high - low).total_seconds()) + 1)
    passed = bisect_left(seconds, 1, key=lambda second: (low + second * SECOND).astimezone(zone).utcoffset() == new)
    return low + passed * SECOND
