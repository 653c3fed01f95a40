"""The new text of a reply: structure first (markers, attributions, header blocks, `>`), words second, linear always.

When unsure the text stays; when nothing would be left, everything stays. Forwarded mails are content.
"""

import re
import unicodedata
from dataclasses import dataclass

from maild.mail import quote_words as words
from maild.mail.model import Hints

_MAX_LINES = 2000
_MAX_CHARS = 2000
_MAX_ATTRIBUTION = 500
_WRAPPED = 4

_TIME = re.compile(r"\b\d{1,2}\s?[:.h時]\s?\d{2}\b|\b\d{1,2}\s?(?:am|pm)\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}-[a-z]{3,9}\.?-\d{2,4}\b", re.IGNORECASE
)
_DATE_OR_NAME = re.compile(r"[\d@]")  # every attribution has a date or an address
_ADDRESS = re.compile(r"[^\s<>\[\](),;:]{1,200}@[^\s<>\[\](),;:]{2,200}")
_QUOTED = re.compile(r"\s{0,3}[>|]")
_LABEL = re.compile(r"[\s>*_•]{0,12}([^\W\d_][^\W_]*(?:[ '’-][^\W\d_]+){0,3})[\s*_]{0,4}[:：][\s*_]*(.*)")
_RULE = re.compile(r"[\s>]*(?:[-_=*―—]\s?){3,}[\s]*")
_TITLED_RULE = re.compile(r"[\s>*]*[-_=]{2,}\s{0,5}([^\s-][^-=_]{2,60})[-_=\s:*]*")
_SIGNATURE = re.compile(r"(?:--|—|__+|-- )[\s\u200b]*")
_MID_LINE = re.compile(
    r"\S(.{0,3}?)[-\s]+"
    r"(On (?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|\d)[^\n]{5,200}\bwrote:)\s*$",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"\s*([^\W\d_]{1,7})\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]")

_FROM, _SENT, _TO = frozenset(words.FROM), frozenset(words.SENT), frozenset(words.TO)
_SUBJECT = frozenset(words.SUBJECT)
_LABELS = _FROM | _SENT | _TO | _SUBJECT | frozenset(words.CC)
_BEGINNINGS = (*words.LEADS, *"0123456789")
_INNER_VERBS = tuple(f" {verb} " for verb in words.VERBS if len(verb) > 4)
_REPLY, _FORWARD = frozenset(words.REPLY_PREFIXES), frozenset(words.FORWARD_PREFIXES)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A quote begins at line `at`; its own words, which are not the author's, end before `body`."""

    at: int
    body: int
    keep: str = ""


def is_forward(subject: str) -> bool:
    """The subject says that the whole mail is handed on."""
    match = _PREFIX.match(subject)
    return match is not None and match.group(1).lower() in _FORWARD


def is_reply(subject: str) -> bool:
    """The subject says that the mail answers another."""
    match = _PREFIX.match(subject)
    return match is not None and match.group(1).lower() in _REPLY


def new_text(text: str, hints: Hints) -> str:
    """What the author of a reply wrote now."""
    lines = text.split("\n")
    seen = [unicodedata.normalize("NFKC", line[:_MAX_CHARS]) for line in lines[:_MAX_LINES]]
    kept = _without_quotes(lines, seen, hints)
    kept = _without_ending(kept)
    result = "\n".join(kept).strip("\n").rstrip()
    return result if result.strip() else text.strip()


def _without_quotes(lines: list[str], seen: list[str], hints: Hints) -> list[str]:
    cut = _first_cut(seen, hints)
    if cut is None:
        return _without_trailing_quotes(lines, seen, hints)
    above = [*lines[: cut.at], cut.keep] if cut.keep else lines[: cut.at]
    above = _without_rules(above)
    marked = _first_words(seen, cut.body)
    if marked is None or not _QUOTED.match(seen[marked]):
        below: list[str] = []
    else:
        below = _answers_below(lines, seen, cut, bool("".join(above).strip()))
    kept = above + below
    return kept if "".join(kept).strip() else lines


def _first_words(seen: list[str], at: int) -> int | None:
    return next((place for place in range(at, len(seen)) if seen[place].strip()), None)


def _first_cut(seen: list[str], hints: Hints) -> _Cut | None:
    """The first place where a quote begins below something, or an attribution at the very top (answer below)."""
    marker = hints.marker.strip()
    for place, line in enumerate(seen):
        if not line.strip():
            continue
        if marker and marker in line:
            ours = _at_marker(seen, place, hints)
            if "".join(seen[: ours.at]).strip():
                return ours
            continue
        if _forwards(line):
            return None
        cut = _titled(seen, place) or _header_block(seen, place, hints) or _attribution(seen, place, hints)
        if cut and (cut.keep or "".join(seen[: cut.at]).strip(" \n-_>*") or _answer_follows(seen, cut)):
            return cut
    return None


def _at_marker(seen: list[str], place: int, hints: Hints) -> _Cut:
    """Our own marker; an attribution stands just above it."""
    for above in range(max(0, place - 8), place):
        if seen[above].strip():
            cut = _attribution(seen, above, hints) or _header_block(seen, above, hints)
            if cut:
                return _Cut(cut.at, len(seen), cut.keep)
    at = place
    while at and (not seen[at - 1].strip() or _QUOTED.match(seen[at - 1])):
        at -= 1
    return _Cut(at, len(seen))


def _answer_follows(seen: list[str], cut: _Cut) -> bool:
    """Below a marked quote at the top of the mail stands unmarked text."""
    first = _first_words(seen, cut.body)
    if first is None or not _QUOTED.match(seen[first]):
        return False
    return any(line.strip() and not _QUOTED.match(line) for line in seen[first:])


def _forwards(line: str) -> bool:
    bare = line.strip(" \t>*-_=:").lower()
    return len(bare) < 80 and bare.startswith(words.FORWARDED)


def _titled(seen: list[str], place: int) -> _Cut | None:
    """`-----Original Message-----` in any of its languages."""
    match = _TITLED_RULE.fullmatch(seen[place])
    if match and match.group(1).strip().lower().startswith(words.ORIGINAL):
        return _Cut(place, place + 1)
    return None


def _header_block(seen: list[str], place: int, hints: Hints) -> _Cut | None:
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
        return _Cut(place, place + len(text))
    # Labels of a language that we do not know: only with one of our own addresses or ticket numbers among them.
    ours = _ours(joined.lower(), hints) or (bool(hints.ticket_prefix) and f"[{hints.ticket_prefix}-" in joined)
    if not others and 3 <= unknown + len(known) <= 8 and ours and _dated(joined):
        return _Cut(place, place + len(text))
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


def _attribution(seen: list[str], place: int, hints: Hints) -> _Cut | None:
    """`On DATE, X wrote:` in any language, on up to four lines; `place` is its first line."""
    line = seen[place]
    if len(line) > _MAX_ATTRIBUTION or not any(map(_DATE_OR_NAME.search, seen[place : place + _WRAPPED])):
        return None
    shared = _MID_LINE.search(line)
    if shared:
        return _Cut(place, place + 1, line[: shared.start(2)].rstrip(" -"))
    joined = ""
    for end in range(place, min(place + _WRAPPED, len(seen))):
        text = seen[end].strip(" \t>\u200b")
        if not text or len(joined) > _MAX_ATTRIBUTION:
            return None
        joined = f"{joined} {text}".strip()
        if _is_attribution(joined, seen, end + 1, hints) and _starts_here(seen, place, end, hints):
            return _Cut(place, end + 1)
        if text.endswith((":", "：")):
            return None
    return None


def _is_attribution(joined: str, seen: list[str], after: int, hints: Hints) -> bool:
    """Each way needs two signs: a date, a verb at its place, an address, a usual beginning, a quote that follows."""
    text = joined.strip(" *_").lower()
    closed = text.endswith((":", "："))
    dated = _dated(text)
    if not closed and not dated:
        return False
    begins = text.startswith(_BEGINNINGS)
    address = _addressed(text) or _ours(text, hints)
    ends_in_verb = text.rstrip(" :：*_,").endswith(words.VERBS)
    following = _first_words(seen, after)
    if dated and following is not None and _QUOTED.match(seen[following]):
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


def _answers_below(lines: list[str], seen: list[str], cut: _Cut, above: bool) -> list[str]:
    """Text under or between marked quotes: answers between quotes keep them, one answer below goes without."""
    blocks = _unquoted_blocks(seen, cut.body)
    if not blocks:
        return []
    first, last = blocks[0][0], blocks[-1][1]
    if any(_QUOTED.match(line) for line in seen[first:]):
        return lines[cut.body : last] if not above else ["", *lines[cut.body : last]]
    rest = lines[first:]
    return ["", *rest] if above else rest


def _unquoted_blocks(seen: list[str], start: int) -> list[tuple[int, int]]:
    """Runs of the author's lines after the quote begins; the torn end of a long quoted line is none of them."""
    blocks: list[tuple[int, int]] = []
    place = start
    while place < len(seen):
        if not seen[place].strip() or _QUOTED.match(seen[place]):
            place += 1
            continue
        end = place
        while end < len(seen) and seen[end].strip() and not _QUOTED.match(seen[end]):
            end += 1
        if _SIGNATURE.fullmatch(seen[place]) or _RULE.fullmatch(seen[place]):
            break
        torn = place > 0 and bool(_QUOTED.match(seen[place - 1])) and len(seen[place - 1]) >= 58 and end - place == 1
        if not torn:
            blocks.append((place, end))
        place = end
    return blocks


def _without_trailing_quotes(lines: list[str], seen: list[str], hints: Hints) -> list[str]:
    """`>` lines at the end of the mail, when something stands above them."""
    if len(lines) > len(seen):
        return lines
    end = len(seen)
    while end and (not seen[end - 1].strip() or _QUOTED.match(seen[end - 1])):
        end -= 1
    quoted = sum(1 for line in seen[end:] if line.strip())
    first = _first_words(seen, 0)
    top = _attribution(seen, first, hints) if first is not None else None
    only_attribution = top is not None and top.body >= end
    return lines[:end] if quoted and end and not only_attribution else lines


def _without_rules(lines: list[str]) -> list[str]:
    """Without the ruler that stands between the author's text and the quote."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.fullmatch(lines[end - 1][:200])):
        end -= 1
    return lines[:end]


def _without_ending(lines: list[str]) -> list[str]:
    """Without signature, phone line and legal paragraph at the end, as long as something remains."""
    for shorten in (_signature, _mobile, _disclaimer, _mobile, _signature):
        end = shorten(lines)
        if end is not None and "".join(lines[:end]).strip():
            lines = lines[:end]
    return lines


def _signature(lines: list[str]) -> int | None:
    """Where the signature's mark stands, at most 15 lines of text above the end."""
    texts = 0
    for place in range(len(lines) - 1, 0, -1):
        line = lines[place][:200]
        texts += bool(line.strip())
        if _SIGNATURE.fullmatch(line) and (texts <= 7 or "_" not in line):
            return place
        if texts > 15:
            return None
    return None


def _mobile(lines: list[str]) -> int | None:
    """Where the phone's lines begin, at most one line of text after each."""
    texts = [place for place, line in enumerate(lines) if line.strip()]
    found: int | None = None
    spare = 1
    for place in reversed(texts):
        line = lines[place].strip(" \t*_[(<-~").lower()
        count = len(line.partition("<")[0].split())
        if (line.startswith(words.MOBILE) and count <= 12) or (line.startswith(words.MOBILE_SHORT) and count <= 4):
            found = place
        elif spare:
            spare -= 1
        else:
            break
    return found


def _disclaimer(lines: list[str]) -> int | None:
    """Where a legal paragraph begins that runs to the end, at most 40 lines."""
    for place in range(max(1, len(lines) - 40), len(lines)):
        if lines[place].strip(" \t*_>").lower().startswith(words.DISCLAIMERS) and not lines[place - 1].strip(" -_*="):
            return place
    return None
