"""When a rule of time is due: after a span, or at a local time of the day (SPEC RU-1)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """`every = "1h"`."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class Daily:
    """`every = "daily 09:00"`, by the desk's clock on the wall."""

    at: time


Every = Interval | Daily


def is_due(every: Every, last: datetime | None, now: datetime, zone: tzinfo) -> bool:
    """True when the rule must run now; `last` is when it did so last, None: never."""
    match every:
        case Interval(length=length):
            return last is None or now - last >= length
        case Daily(at=at):
            # A rule that is new at noon does not make up for this morning.
            return last is not None and last < _latest(at, now, zone)


def _latest(at: time, now: datetime, zone: tzinfo) -> datetime:
    """The last moment up to now at which the local clock showed this time."""
    today = now.astimezone(zone).date()
    moments = (datetime.combine(day, at, zone).astimezone(UTC) for day in (today, today - DAY))
    return next((moment for moment in moments if moment <= now), now - DAY)
