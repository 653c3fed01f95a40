"""Where a quote begins: attribution lines, header blocks and titled rulers, found by structure in any language."""

import re
from dataclasses import dataclass

from maild.mail import quote_words as words
from maild.mail.model import Hints

_MAX_ATTRIBUTION = 500
_WRAPPED = 4

_TIME = re.compile(r"\b\d{1,2}\s?[:.h時]\s?\d{2}\b|\b\d{1,2}\s?(?:am|pm)\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}-[a-z]{3,9}\.?-\d{2,4}\b", re.IGNORECASE
)
_DATE_OR_NAME = re.compile(r"[\d@]")  # every attribution has a date or an address
_ADDRESS = re.compile(r"[^\s<>\[\](),;:]{1,200}@[^\s<>\[\](),;:]{2,200}")
QUOTED = re.compile(r"\s{0,3}[>|]")
_LABEL = re.compile(r"[\s>*_•]{0,12}([^\W\d_][^\W_]*(?:[ '’-][^\W\d_]+){0,3})[\s*_]{0,4}[:：][\s*_]*(.*)")
_TITLED_RULE = re.compile(r"[\s>*]*[-_=]{2,}\s{0,5}([^\s-][^-=_]{2,60})[-_=\s:*]*")
_MID_LINE = re.compile(
    r"\S(.{0,3}?)[-\s]+"
    r"(On (?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|\d)[^\n]{5,200}\bwrote:)\s*$",
    re.IGNORECASE,
)

_FROM, _SENT, _TO = frozenset(words.FROM), frozenset(words.SENT), frozenset(words.TO)
_SUBJECT = frozenset(words.SUBJECT)
_LABELS = _FROM | _SENT | _TO | _SUBJECT | frozenset(words.CC)
_BEGINNINGS = (*words.LEADS, *"0123456789")
_INNER_VERBS = tuple(f" {verb} " for verb in words.VERBS if len(verb) > 4)


@dataclass(frozen=True, slots=True)
class Cut:
    """A quote begins at line `at`; its own words, which are not the author's, end before `body`."""

    at: int
    body: int
    keep: str = ""


def quote_head(seen: list[str], place: int, hints: Hints) -> Cut | None:
    """The head of a quote that begins at this line, if one does."""
    return _titled(seen, place) or _header_block(seen, place, hints) or attribution(seen, place, hints)


def first_words(seen: list[str], at: int) -> int | None:
    """The first line from `at` on that says anything."""
    return next((place for place in range(at, len(seen)) if seen[place].strip()), None)


def _titled(seen: list[str], place: int) -> Cut | None:
    """`-----Original Message-----` in any of its languages."""
    match = _TITLED_RULE.fullmatch(seen[place])
    if match and match.group(1).strip().lower().startswith(words.ORIGINAL):
        return Cut(place, place + 1)
    return None


def _header_block(seen: list[str], place: int, hints: Hints) -> Cut | None:
    """`From: … Sent: … To: … Subject: …`: known labels or, in other languages, three in a row that name us."""
    first = _LABEL.fullmatch(seen[place])
    if first is None or len(first.group(1)) > 30:
        return None
    known, unknown, others = set[str](), 0, 0
    text: list[str] = []
    for line in seen[place : place + 14]:
        label = _LABEL.fullmatch(line)
        if label and label.group(1).strip().lower() in _LABELS:
            known.add(_class_of(label.group(1).strip().lower()))
        elif label and len(label.group(1)) <= 25:
            unknown += 1
        elif not line.strip() and text and len(known) + unknown >= 2:
            break
        else:
            others += 1
        if others > 3:
            break
        text.append(line)
    joined = " ".join(text)
    first_known = first.group(1).strip().lower() in _LABELS
    if first_known and _known_block(known, joined):
        return Cut(place, place + len(text))
    # Labels of a language that we do not know: only with one of our own addresses or ticket numbers among them.
    ours = _ours(joined.lower(), hints) or (bool(hints.ticket_prefix) and f"[{hints.ticket_prefix}-" in joined)
    if not others and 3 <= unknown + len(known) <= 8 and ours and _dated(joined):
        return Cut(place, place + len(text))
    return None


def _class_of(label: str) -> str:
    for name, group in (("from", _FROM), ("sent", _SENT), ("to", _TO), ("subject", _SUBJECT)):
        if label in group:
            return name
    return "other"


def _known_block(known: set[str], joined: str) -> bool:
    """`From: Berlin, To: Paris` is a journey: a block also has a subject, or an address with a date."""
    if "subject" in known and len(known) >= 3:
        return True
    return len(known & {"from", "sent", "to"}) >= 2 and _addressed(joined) and _dated(joined)


def _addressed(text: str) -> bool:
    return "@" in text and bool(_ADDRESS.search(text))


def _dated(text: str) -> bool:
    return bool(_DATE.search(text) or _TIME.search(text))


def attribution(seen: list[str], place: int, hints: Hints) -> Cut | None:
    """`On DATE, X wrote:` in any language, on up to four lines; `place` is its first line."""
    line = seen[place]
    if len(line) > _MAX_ATTRIBUTION or not any(map(_DATE_OR_NAME.search, seen[place : place + _WRAPPED])):
        return None
    shared = _MID_LINE.search(line)
    if shared:
        return Cut(place, place + 1, line[: shared.start(2)].rstrip(" -"))
    joined = ""
    for end in range(place, min(place + _WRAPPED, len(seen))):
        text = seen[end].strip(" \t>\u200b")
        if not text or len(joined) > _MAX_ATTRIBUTION:
            return None
        joined = f"{joined} {text}".strip()
        if _is_attribution(joined, seen, end + 1, hints) and _starts_here(seen, place, end, hints):
            return Cut(place, end + 1)
        if text.endswith((":", "：")):
            return None
    return None


def _is_attribution(joined: str, seen: list[str], after: int, hints: Hints) -> bool:
    """Each way needs two signs: a date, a verb at its place, an address, a usual beginning, a quote that follows."""
    text = joined.strip(" *_").lower()
    closed = text.endswith((":", "："))
    begins = text.startswith(_BEGINNINGS)
    ends_in_verb = text.rstrip(" :：*_,").endswith(words.VERBS)
    address = _addressed(text) or _ours(text, hints)
    if not closed and not address and not (begins and ends_in_verb):
        return False  # nearly every line of a mail: before the dear search for a date
    dated = _dated(text)
    if not closed and not dated:
        return False
    following = first_words(seen, after)
    if dated and following is not None and QUOTED.match(seen[following]):
        return (closed and (begins or address or ends_in_verb)) or (address and (begins or text.endswith(">")))
    if closed and not dated:
        return ends_in_verb and address
    if ends_in_verb:
        return begins or (closed and address)
    if not closed:
        return False
    return text.endswith((">:", ">：")) or _ours(text, hints) or (_verb_inside(text) and (begins or _named_first(text)))


def _verb_inside(text: str) -> bool:
    """The verb before the name: `Am 1.2.2024 um 10:00 schrieb X:`."""
    return any(verb in text for verb in _INNER_VERBS)


def _named_first(text: str) -> bool:
    """`X <x@y.z> schrieb am …:`."""
    return any(f">{verb}" in text for verb in _INNER_VERBS)


def _ours(text: str, hints: Hints) -> bool:
    return any(own.lower() in text for own in (*hints.names, *hints.addresses) if len(own) > 3)


def _starts_here(seen: list[str], place: int, end: int, hints: Hints) -> bool:
    """No later line begins the same attribution: else the line at `place` is the author's own."""
    if seen[place].strip(" \t>-*").lower().startswith(words.LEADS) and _dated(seen[place]):
        return True
    belongs = _dated(seen[place]) or _addressed(seen[place])
    for later in range(place + 1, end + 1):
        joined = " ".join(line.strip(" \t>") for line in seen[later : end + 1])
        complete = _dated(joined) and (_addressed(joined) or joined.lower().rstrip(" :：").endswith(words.VERBS))
        if (complete or not belongs) and _is_attribution(joined, seen, end + 1, hints):
            return False
    return True
