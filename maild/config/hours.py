"""How an admin writes times of the day: `09:00`, `09:00-12:30`, quiet hours over midnight."""

import re
from datetime import time
from typing import Annotated

from pydantic import BeforeValidator, PlainValidator

from maild.config.values import one_or_many
from maild.notices.choices import Quiet

TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
RANGE = re.compile(r"([0-9:]{4,5})\s{0,3}[-–]\s{0,3}([0-9:]{4,5})")
MIDNIGHT = "24:00"
RANGE_WANTED = 'must be a span of the day such as "09:00-17:00"'


def time_of_day(value: object) -> time:
    """`"09:00"`, or a local time of TOML."""
    if isinstance(value, time):
        return value.replace(tzinfo=None, microsecond=0)
    found = TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        return time(int(found[1]), int(found[2])) if found else _wrong()
    except ValueError:
        return _wrong()


def _wrong() -> time:
    raise ValueError('must be a time of the day such as "09:00"')


def span_of_day(value: object) -> tuple[time, time]:
    """`"09:00-17:00"`; `24:00` at the end is midnight; the end may lie behind midnight."""
    found = RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(RANGE_WANTED)
    end = "00:00" if found[2] == MIDNIGHT else found[2]
    try:
        return time_of_day(found[1]), time_of_day(end)
    except ValueError:
        raise ValueError(RANGE_WANTED) from None


def quiet_hours(value: object) -> Quiet:
    """`"20:00-07:00"`."""
    if isinstance(value, Quiet):
        return value
    start, end = span_of_day(value)
    if start == end:
        raise ValueError("begins and ends at the same time; leave it out, or turn mails off in notify")
    return Quiet(start, end)


TimeOfDay = Annotated[time, PlainValidator(time_of_day)]
TimesOfDay = Annotated[tuple[TimeOfDay, ...], BeforeValidator(one_or_many)]
QuietHours = Annotated[Quiet, PlainValidator(quiet_hours)]
