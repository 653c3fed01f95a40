"""The new text of a reply: structure first (markers, attributions, header blocks, `>`), words second, linear always.

When unsure the text stays; when nothing would be left, everything stays. Forwarded mails are content.
"""

import re
import unicodedata
from html import unescape

from maild.mail import quote_words as words
from maild.mail.endings import SIGNATURE, without_ending
from maild.mail.model import Hints
from maild.mail.quote_heads import QUOTED, Cut, attribution, first_words, quote_head
from maild.mail.tokens import FOUND, remove_tokens

_MAX_LINES = 2000
_MAX_CHARS = 2000
_RULE = re.compile(r"[\s>]*(?:[-_=*―—]\s?){3,}[\s]*")
_PREFIX = re.compile(r"\s*([^\W\d_]{1,7})\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]")
_REPLY, _FORWARD = frozenset(words.REPLY_PREFIXES), frozenset(words.FORWARD_PREFIXES)


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
    kept = without_ending(kept)
    result = "\n".join(kept).strip("\n").rstrip()
    # A reference of ours is bound to one reader; who answered is read by others.
    return remove_tokens(result if result.strip() else text.strip())


def _without_quotes(lines: list[str], seen: list[str], hints: Hints) -> list[str]:
    cut = _first_cut(seen, hints)
    if cut is None:
        return _without_trailing_quotes(lines, seen, hints)
    above = [*lines[: cut.at], cut.keep] if cut.keep else lines[: cut.at]
    above = without_rules(above)
    marked = first_words(seen, cut.body)
    if marked is None or not QUOTED.match(seen[marked]):
        below: list[str] = []
    else:
        below = _answers_below(lines, seen, cut, hints, above=bool("".join(above).strip()))
    kept = above + below
    return kept if "".join(kept).strip() else lines


def _first_cut(seen: list[str], hints: Hints) -> Cut | None:
    """The first place where a quote begins below something, or an attribution at the very top (answer below)."""
    marker = hints.marker.strip()
    letters, first_word = _letters(marker), _first_word(marker)
    head = 0  # the end of a quote's head at the very top: nobody's words
    for place, line in enumerate(seen):
        if place < head or not line.strip():
            continue
        if marker and (marker in line or (first_word in line.lower() and _is_marker(seen, place, letters))):
            ours = _at_marker(seen, place, hints)
            if "".join(seen[head : ours.at]).strip() or _answer_follows(seen, ours):
                return ours
            if not QUOTED.match(line):
                return None
            continue
        if _forwards(line):
            return None
        cut = quote_head(seen, place, hints)
        if cut and (cut.keep or "".join(seen[head : cut.at]).strip(" \n-_>*") or _answer_follows(seen, cut)):
            return cut
        head = cut.body if cut else head
    return None


def _letters(text: str) -> str:
    """What survives programs that wrap, escape, embolden or translate the signs of a line."""
    return "".join(filter(str.isalnum, unescape(text).casefold()))


def _first_word(marker: str) -> str:
    return next((word for word in re.findall(r"[^\W_]+", marker.lower())), marker)


def _is_marker(seen: list[str], place: int, letters: str) -> bool:
    """Our line and nothing else, on up to three lines."""
    joined = ""
    for line in seen[place : place + 3]:
        if len(line) > 300 or not letters:
            return False
        joined += _letters(line)
        if joined == letters or not joined or not letters.startswith(joined):
            return joined == letters
    return False


def _at_marker(seen: list[str], place: int, hints: Hints) -> Cut:
    """Our own marker; an attribution stands just above it. Below a marked one there may be answers."""
    body = place if QUOTED.match(seen[place]) else len(seen)
    for above in range(max(0, place - 8), place):
        if seen[above].strip():
            cut = quote_head(seen, above, hints)
            if cut:
                return Cut(cut.at, body, cut.keep)
    at = place
    while at and (not seen[at - 1].strip() or QUOTED.match(seen[at - 1])):
        at -= 1
    return Cut(at, body)


def _answer_follows(seen: list[str], cut: Cut) -> bool:
    """Below a marked quote at the top of the mail stands unmarked text."""
    first = first_words(seen, cut.body)
    if first is None or not QUOTED.match(seen[first]):
        return False
    return any(line.strip() and not QUOTED.match(line) for line in seen[first:])


def _forwards(line: str) -> bool:
    bare = line.strip(" \t>*-_=:").lower()
    return len(bare) < 80 and bare.startswith(words.FORWARDED)


def _answers_below(lines: list[str], seen: list[str], cut: Cut, hints: Hints, *, above: bool) -> list[str]:
    """Text under or between marked quotes: answers between quotes keep them, one answer below goes without."""
    blocks = _unquoted_blocks(seen, cut.body)
    if not blocks:
        return []
    first, last = blocks[0][0], blocks[-1][1]
    start = [""] if above else []
    if not any(QUOTED.match(line) for line in seen[first:]):
        return start + lines[first:]
    if _for_staff(seen[cut.body :], hints):
        return start + [line for begin, end in blocks for line in (*lines[begin:end], "")]
    return start + lines[cut.body : last]


def _for_staff(seen: list[str], hints: Hints) -> bool:
    """The quoted mail is one of ours to an agent: its lines are not for whoever reads the answer (RELIABILITY F2)."""
    quoted = [line for line in seen if QUOTED.match(line)]
    kinds = {match.group()[1].lower() for line in quoted for match in FOUND.finditer(line)}
    if kinds:
        return kinds != {"p"}
    letters, label = _letters(hints.marker), f"{hints.ticket_prefix}-".casefold()
    return any(label in line.casefold() or (letters and _letters(line) == letters) for line in quoted)


def _unquoted_blocks(seen: list[str], start: int) -> list[tuple[int, int]]:
    """Runs of the author's lines after the quote begins; the torn end of a long quoted line is none of them."""
    blocks: list[tuple[int, int]] = []
    place = start
    while place < len(seen):
        if not seen[place].strip() or QUOTED.match(seen[place]):
            place += 1
            continue
        end = place
        while end < len(seen) and seen[end].strip() and not QUOTED.match(seen[end]):
            end += 1
        if SIGNATURE.fullmatch(seen[place]) or _RULE.fullmatch(seen[place]):
            break
        if end - place > 1 or not _torn(seen, place):
            blocks.append((place, end))
        place = end
    return blocks


def _torn(seen: list[str], place: int) -> bool:
    """The line begins with the word that had no room on the quoted line above it."""
    above = seen[place - 1] if place else ""
    full = len(above) >= 58 and len(f"{above} {seen[place].split(None, 1)[0]}") >= 70
    return full and bool(QUOTED.match(above)) and not seen[place][0].isupper()


def _without_trailing_quotes(lines: list[str], seen: list[str], hints: Hints) -> list[str]:
    """`>` lines at the end of the mail, when something stands above them."""
    if len(lines) > len(seen):
        return lines
    end = len(seen)
    while end and (not seen[end - 1].strip() or QUOTED.match(seen[end - 1])):
        end -= 1
    quoted = sum(1 for line in seen[end:] if line.strip())
    first = first_words(seen, 0)
    top = attribution(seen, first, hints) if first is not None else None
    only_attribution = top is not None and top.body >= end
    return lines[:end] if quoted and end and not only_attribution else lines


def without_rules(lines: list[str]) -> list[str]:
    """Without the ruler that stands between the author's text and the quote."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.fullmatch(lines[end - 1][:200])):
        end -= 1
    return lines[:end]
