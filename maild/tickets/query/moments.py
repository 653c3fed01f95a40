"""Moments in a query: a day, a month, a minute, `today`, or a length that lies behind (`3d`) or ahead (`+3d`)."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from maild.tickets.query.conditions import Within
from maild.tickets.query.errors import Unclear
from maild.tickets.query.model import Compare, Setting

Span = tuple[datetime, datetime]  # from, and until just before; both alike for a single moment

DATE = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}))?)?\Z")
LENGTH = re.compile(r"(\+?)([0-9]{1,4})([mhdw])\Z")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
NAMED_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
YEARS = range(1900, 3000)
DAY = timedelta(days=1)
EXAMPLES = "write 2026-11-21, 2026-11, today, yesterday, or a length such as 3d, 12h, 30m, 2w"


def within(column: str, compare: Compare, text: str, setting: Setting) -> Within:
    """The condition that a column lies before, in or after what is written; `a..b` is a range."""
    if ".." in text and compare is Compare.IS:
        return _range(column, text, setting)
    start, end = span(text, setting)
    match compare:
        case Compare.LESS:
            return Within(column, None, start)
        case Compare.AT_MOST:
            return Within(column, None, end)
        case Compare.MORE:
            return Within(column, end, None)
        case Compare.AT_LEAST:
            return Within(column, start, None)
        case Compare.IS if start == end:
            return Within(column, min(start, setting.now), max(start, setting.now))
        case Compare.IS:
            return Within(column, start, end)


def _range(column: str, text: str, setting: Setting) -> Within:
    first, _, last = text.partition("..")
    if not first and not last:
        raise Unclear("a range needs a beginning or an end", "write 2026-01-01..2026-02-01")
    return Within(column, span(first, setting)[0] if first else None, span(last, setting)[1] if last else None)


def span(text: str, setting: Setting) -> Span:
    """From when to when a written moment lasts, in the desk's zone; raises Unclear."""
    word = text.lower()
    if word in NAMED_DAYS:
        today = setting.now.astimezone(setting.timezone).date()
        return _days(today + NAMED_DAYS[word] * DAY, DAY, setting.timezone)
    length = LENGTH.match(word)
    if length:
        return _length(length, setting.now)
    written = DATE.match(text.upper())
    if written:
        return _date(written, setting.timezone)
    raise Unclear(f"'{text}' is no date and no length", EXAMPLES)


def _length(match: re.Match[str], now: datetime) -> Span:
    length = timedelta(**{UNITS[match[3]]: int(match[2])})
    moment = now + length if match[1] else now - length
    return moment, moment


def _date(match: re.Match[str], zone: tzinfo) -> Span:
    year, month = int(match[1]), int(match[2])
    if year not in YEARS:
        raise Unclear(f"the year {match[1]} is too far away", EXAMPLES)
    try:
        first = date(year, month, int(match[3] or 1))
        if match[3] is None:
            return _midnight(first, zone), _midnight(_next_month(first), zone)
        return _days(first, DAY, zone) if match[4] is None else _minute(first, int(match[4]), int(match[5]), zone)
    except ValueError as error:
        raise Unclear(f"'{match[0]}' is not in the calendar", EXAMPLES) from error


def _days(first: date, length: timedelta, zone: tzinfo) -> Span:
    return _midnight(first, zone), _midnight(first + length, zone)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _minute(day: date, hour: int, minute: int, zone: tzinfo) -> Span:
    start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
    return start, start + timedelta(minutes=1)
