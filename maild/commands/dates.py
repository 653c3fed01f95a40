"""`#due`, `#followup`, `#action`: dates on a ticket, and how people write dates (SPEC SL-6)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand
from maild.tickets.events import Change, DateSet
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\Z")
DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.(?:([0-9]{4}))?\Z")
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})\Z")
LENGTH = re.compile(r"(?:in\s)?\+?([0-9]{1,4})\s?(m|min|h|d|w|minutes?|hours?|days?|weeks?)\Z")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MORNING, EVENING = time(9, 0), time(17, 0)
FARTHEST = timedelta(days=3660)
LONGEST = 300
HINT = "write 2026-12-01, 2026-12-01 14:00, tomorrow, friday, or 3d; none takes it away"


def moment(words: list[str], now: datetime, timezone: str, by_default: time) -> tuple[datetime, list[str]] | None:
    """(the moment, the words after it), or None when the words begin with no date. Dates are the desk's local ones."""
    here = now.astimezone(ZoneInfo(timezone))
    first = words[0].lower().rstrip(",") if words else ""
    ahead = _ahead(words)
    if ahead:
        return now + ahead[0], ahead[1]
    clock = _clock(first)
    if clock:
        return _at(here.date() if clock > here.time() else here.date() + timedelta(days=1), clock, here), words[1:]
    day = _day(first, here.date())
    if day is None:
        return None
    clock = _clock(words[1]) if len(words) > 1 else None
    return _at(day, clock or by_default, here), words[2 if clock else 1 :]


def _ahead(words: list[str]) -> tuple[timedelta, list[str]] | None:
    """`3d`, `3 days`, `in 3 days`, and the words after it."""
    for taken in range(1, min(len(words), 3) + 1):
        length = LENGTH.match(" ".join(words[:taken]).lower())
        if length:
            return timedelta(**{UNITS[length[2][0]]: int(length[1])}), words[taken:]
    return None


def _day(word: str, today: date) -> date | None:
    if word in ("today", "tomorrow"):
        return today + timedelta(days=("today", "tomorrow").index(word))
    found = [place for place, name in enumerate(WEEKDAYS) if len(word) >= 3 and name.startswith(word)]
    if len(found) == 1:
        return today + timedelta(days=(found[0] - today.weekday() - 1) % 7 + 1)
    try:
        if iso := ISO.match(word):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if dotted := DOTTED.match(word):
            return _dotted(dotted, today)
    except ValueError as error:
        raise WrongCommand(f"'{word}' is no day of the calendar", HINT) from error
    return None


def _dotted(found: re.Match[str], today: date) -> date:
    year = int(found[3]) if found[3] else today.year
    day = date(year, int(found[2]), int(found[1]))
    return day.replace(year=year + 1) if day < today and not found[3] else day


def _clock(word: str) -> time | None:
    found = CLOCK.match(word)
    if not found:
        return None
    if int(found[1]) > 23 or int(found[2]) > 59:
        raise WrongCommand(f"'{word}' is no time of day", HINT)
    return time(int(found[1]), int(found[2]))


def _at(day: date, clock: time, here: datetime) -> datetime:
    return datetime.combine(day, clock, here.tzinfo)


def read_moment(argument: str, words: Vocabulary, by_default: time) -> tuple[datetime, str]:
    """The moment of an argument and the text behind it; WrongCommand when there is none, or it is past."""
    try:
        found = moment(argument.split(), words.now, words.timezone, by_default)
    except OverflowError as error:
        raise WrongCommand(f"'{argument}' is too far away", HINT) from error
    if found is None:
        raise WrongCommand(f"'{argument}' begins with no date" if argument else "a date is missing", HINT)
    when, rest = found
    if when <= words.now:
        raise WrongCommand(f"{argument.split()[0]} is past", HINT)
    if when - words.now > FARTHEST:
        raise WrongCommand(f"{argument.split()[0]} is too far away", HINT)
    return when.astimezone(UTC), " ".join(rest)[:LONGEST]


def _command(name: str, which: str, summary: str, example: str, by_default: time, *aliases: str) -> Command:
    def read(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
        none = argument.lower() in ("none", "never", "off")
        when, text = (None, "") if none else read_moment(argument, words, by_default)

        def changes(ticket: Ticket) -> list[Change]:
            old: datetime | None = getattr(ticket, f"{which}_at")
            old_text = dict(ticket.plans).get(which, "")
            return [] if (old, old_text) == (when, text) else [DateSet(which, old, when, old_text, text)]

        return Wanted(changes)

    return Command(name, f"#{name} DATE [text]", summary, example, Verb.CHANGE, read, aliases)


DUE = _command("due", "due", "When it must be done.", "#due friday 12:00", EVENING, "deadline")
FOLLOWUP = _command("followup", "followup", "When to look again.", "#followup 3d does it work?", MORNING, "remind")
ACTION = _command("action", "action", "When something is to be done.", "#action 2026-12-01 call the vendor", MORNING)
