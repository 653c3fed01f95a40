"""Dates as mail programs write them for people, in fourteen languages: `Dienstag, 3. März 2026 um 10:04`.

Without an offset the time is taken as UTC: these dates are shown, nothing is measured by them (RELIABILITY D14).
"""

import re
from datetime import UTC, datetime, timedelta, timezone

_MAX = 200
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([./-])\s?(\d{1,2})\s?[./-]\s?((?:19|20)?\d\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?![\d:])")
_WORD = re.compile(r"[^\W\d_]{3,12}")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s?[:.h時时]\s?(\d{2})(?:\s?[:.分]\s?(\d{2}))?(?!\d)\s?([ap]\.?\s?m\b)?", re.IGNORECASE
)
_EASTERN_AFTERNOON = ("午後", "下午", "晚上")
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)", re.IGNORECASE)
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
          "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9}  # fmt: skip

# First letters of the months: each enough to tell it from the others of its language.
_MONTHS = (
    ("jan", "jän", "janv", "ene", "gen", "sty", "led", "янв"),
    ("feb", "fév", "fev", "lut", "únor", "фев"),
    ("mar", "mär", "mrz", "maa", "mrt", "bře", "мар"),
    ("apr", "avr", "abr", "kwi", "dub", "апр"),
    ("may", "mai", "mag", "mei", "maj", "kvě", "мая", "май"),
    ("jun", "juin", "giu", "cze", "červen", "červn", "июн"),
    ("jul", "juil", "lug", "lip", "červenec", "července", "июл"),
    ("aug", "aoû", "aou", "ago", "sie", "srp", "авг"),
    ("sep", "set", "wrz", "zář", "сен"),
    ("oct", "okt", "out", "ott", "paź", "říj", "окт"),
    ("nov", "lis", "ноя"),
    ("dec", "dez", "déc", "dic", "gru", "pro", "дек"),
)  # fmt: skip
# Longer beginnings first: `červenec` is July, `červen` June.
_BY_START = sorted(
    ((start, number) for number, names in enumerate(_MONTHS, 1) for start in names), key=lambda pair: -len(pair[0])
)


def written_date(text: str) -> datetime | None:
    """The date of such a line in UTC, None when none can be made out."""
    text = text.strip()[:_MAX].lower()
    day, rest = _day(text)
    if day is None:
        return None
    hour, minute, second = _time(rest)
    try:
        local = datetime(*day, hour, minute, second, tzinfo=_zone(rest))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> tuple[tuple[int, int, int] | None, str]:
    """Year, month, day; and the text without a date in figures, which may look like a time."""
    found = _ISO.search(text)
    if found:
        return (int(found.group(1)), int(found.group(2)), int(found.group(3))), text[found.end() :]
    month = _named_month(text)
    if month:
        return _with_name(text, month), text
    numeric = _NUMERIC.search(text)
    return (_numeric(numeric, text), text[: numeric.start()] + " " + text[numeric.end() :]) if numeric else (None, text)


def _with_name(text: str, month: int) -> tuple[int, int, int] | None:
    year = _YEAR.search(text)
    if not year:
        return None
    days = [int(n) for n in _DAY.findall(text[: year.start()]) + _DAY.findall(text[year.end() :]) if 0 < int(n) < 32]
    return (int(year.group(1)), month, days[0]) if days else None


def _named_month(text: str) -> int | None:
    """Weekdays such as `mar.` (fr, es, it) come before the month: the last word that names one counts."""
    found = [number for word in _WORD.findall(text) if (number := _month(word))]
    return found[-1] if found else None


def _month(word: str) -> int | None:
    return next((number for start, number in _BY_START if word.startswith(start)), None)


def _numeric(found: re.Match[str], text: str) -> tuple[int, int, int]:
    """`3.3.2026`, `03/28/26`: with dots the day stands first, with slashes where AM or PM is written the month does."""
    first, second, year = int(found.group(1)), int(found.group(3)), int(found.group(4))
    american = found.group(2) == "/" and first <= 12 and (second > 12 or bool(re.search(r"\d\s?[ap]m\b", text)))
    month, day = (first, second) if american else (second, first)
    return (year if year > 99 else 2000 + year), month, day


def _time(text: str) -> tuple[int, int, int]:
    found = _TIME.search(text)
    if not found:
        return 0, 0, 0
    hour, minute, second = int(found.group(1)), int(found.group(2)), int(found.group(3) or 0)
    half = found.group(4) or ""
    if (half.startswith("p") or any(word in text for word in _EASTERN_AFTERNOON)) and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else (0, 0, 0)


def _zone(text: str) -> timezone:
    time = _TIME.search(text)
    tail = text[time.end() :] if time else ""
    offset = _OFFSET.search(tail)
    if offset and int(offset.group(2)) < 15:
        shift = timedelta(hours=int(offset.group(2)), minutes=min(59, int(offset.group(3) or 0)))
        return timezone(shift if offset.group(1) == "+" else -shift)
    named = next((_ZONES[word] for word in re.findall(r"[a-z]{3,4}", tail) if word in _ZONES), None)
    return timezone(timedelta(hours=named)) if named is not None else UTC
