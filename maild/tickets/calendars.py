"""Business time: frames by local wall clock, several a day, over midnight, with holidays, in a time zone (SPEC SL-2).

A minute is business time when the clock on the wall shows it inside a frame: a frame that the spring change cuts is
shorter that night, one that the autumn change repeats is longer. All arithmetic happens on windows in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from maild.errors import PermanentError
from maild.tickets.windows import NOTHING, Month, Span, instants, month_of, next_month, windowed

LONGEST_SCAN = 10 * 12  # months
REMEMBERED = 50 * 12  # months; what is behind is forgotten, not wrong
MARGIN = timedelta(days=2)  # a frame over midnight, and the widest offset from UTC


class NoBusinessTime(PermanentError):
    """The calendar is not open for so long within ten years."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Open from `opens` to `closes`; a close that is not after the opening lies on the next day."""

    opens: time
    closes: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The frame that begins on a day, by the clock on the wall."""
        last = day if self.closes > self.opens else day + timedelta(days=1)
        return datetime.combine(day, self.opens), datetime.combine(last, self.closes)


WHOLE_DAY = Frame(time(0), time(0))


@dataclass(frozen=True, slots=True)
class Calendar:
    """`week`: the frames of Monday to Sunday. `days`: the frames of single dates instead, none for a holiday.

    A frame belongs to the date on which it begins: who came on the evening before a holiday stays till the morning.
    """

    name: str
    zone: tzinfo
    week: tuple[tuple[Frame, ...], ...]
    days: tuple[tuple[date, tuple[Frame, ...]], ...] = ()
    _days: dict[date, tuple[Frame, ...]] = field(init=False, repr=False, compare=False)
    _months: dict[tuple[int, int], Month] = field(init=False, repr=False, compare=False)
    always: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_days", dict(self.days))
        object.__setattr__(self, "_months", {})
        object.__setattr__(self, "always", not self.days and self.week == ((WHOLE_DAY,),) * 7)

    def frames(self, day: date) -> tuple[Frame, ...]:
        """The frames that begin on a date."""
        return self._days.get(day, self.week[day.weekday()])

    def month(self, year: int, number: int) -> Month:
        """The windows of a month in UTC, made once."""
        found = self._months.get((year, number))
        if found is None:
            if len(self._months) >= REMEMBERED:
                self._months.clear()
            found = self._months[year, number] = self._made(year, number)
        return found

    def _made(self, year: int, number: int) -> Month:
        first = datetime(year, number, 1, tzinfo=UTC)
        last = datetime(*next_month(year, number), 1, tzinfo=UTC)
        return windowed(self._spans((first - MARGIN).date(), (last + MARGIN).date()), first, last)

    def _spans(self, day: date, last: date) -> Iterator[Span]:
        while day <= last:
            for frame in self.frames(day):
                yield from instants(*frame.on(day), self.zone)
            day += timedelta(days=1)


ALWAYS = Calendar("24x7", UTC, ((WHOLE_DAY,),) * 7)


def add(calendar: Calendar, start: datetime, length: timedelta) -> datetime:
    """The earliest moment, not before `start`, by which `length` of business time has passed since.

    An hour from Friday 16:00 ends on Friday 17:00 when that is the close, not on Monday morning.
    """
    start = start.astimezone(UTC)
    if length < NOTHING:
        raise ValueError("business time is counted forwards")
    if length == NOTHING or calendar.always:
        return start + length
    year, number = start.year, start.month
    left = length + calendar.month(year, number).worked(start)
    for _ in range(LONGEST_SCAN):
        month = calendar.month(year, number)
        if left <= month.total:
            return month.reached(left)
        left -= month.total
        year, number = next_month(year, number)
        if year >= date.max.year:
            break
    hours = length.total_seconds() / 3600
    raise NoBusinessTime(f"calendar '{calendar.name}' has no {hours:.0f} h of business time in ten years from {start}")


def between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The business time from `start` to `end`; none when the end is not after the start (a clock that was set back)."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return NOTHING
    if calendar.always:
        return end - start
    year, number = start.year, start.month
    passed = -calendar.month(year, number).worked(start)
    while (year, number) != month_of(end):
        passed += calendar.month(year, number).total
        year, number = next_month(year, number)
    return passed + calendar.month(year, number).worked(end)


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """True in business time; at the opening it is open, at the close no longer."""
    moment = moment.astimezone(UTC)
    return calendar.always or calendar.month(*month_of(moment)).covers(moment)


def business_days_later(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The same local time so many days later, counting days on which the calendar is open at all (SL-5)."""
    local = start.astimezone(calendar.zone)
    day, left = local.date(), days
    last = day + timedelta(days=LONGEST_SCAN * 31)
    while left:
        day += timedelta(days=1)
        if day > last:
            raise NoBusinessTime(f"the calendar {calendar.name} has no {days} business days within ten years")
        left -= bool(calendar.frames(day))
    return datetime.combine(day, local.time(), calendar.zone).astimezone(UTC)
