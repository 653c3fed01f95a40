"""How an admin writes spans of time and amounts of bytes: `15m`, `1h 30m`, `7d`; `10 MB`, `256 KiB`."""

import re
from datetime import timedelta

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = timedelta(days=36500)
SPAN = re.compile(r"(\d{1,12})\s{0,4}([smhdw])\s{0,4}")
# File managers and mail servers count in 1024s; a user whose "10 MB" file is refused at 10 MB learns nothing from SI.
BYTES = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
SIZE = re.compile(r"(\d{1,15})\s{0,4}([kmg]?)(?:i?b)?", re.IGNORECASE)


def duration(value: object) -> timedelta:
    """A span of time from text such as `15m`, or from a whole number of seconds."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value}s"
    seconds = _seconds(value.strip().lower()) if isinstance(value, str) else None
    if seconds is None:
        raise ValueError('must be a span of time such as "90s", "15m", "4h", "7d" or "1h 30m"')
    if seconds > LONGEST.total_seconds():
        raise ValueError("must be at most 36500d")
    return timedelta(seconds=seconds)


def _seconds(text: str) -> int | None:
    total, position = 0, 0
    while position < len(text):
        found = SPAN.match(text, position)
        if found is None:
            return None
        total += int(found[1]) * SECONDS[found[2]]
        position = found.end()
    return total if text else None


def positive_duration(value: object) -> timedelta:
    """Like `duration`, but not nothing: for intervals at which something is done."""
    span = duration(value)
    if not span:
        raise ValueError("must be longer than 0s")
    return span


def duration_or_never(value: object) -> timedelta | None:
    """Like `duration`; `"never"` is None."""
    return None if value is None or value == "never" else duration(value)


def duration_text(span: timedelta) -> str:
    """The shortest way to write a span of whole seconds: `1d 2h`."""
    rest, words = int(span.total_seconds()), []
    for letter, seconds in reversed(SECONDS.items()):
        count, rest = divmod(rest, seconds)
        if count:
            words.append(f"{count}{letter}")
    return " ".join(words) or "0s"


def size(value: object) -> int:
    """An amount of bytes from text such as `10 MB` (1024 × 1024 each), or from a whole number."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('must be an amount of bytes such as "50 MB", "256 kB" or 65536')
    return int(found[1]) * BYTES[found[2].lower()]
