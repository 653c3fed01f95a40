"""References to other systems in mails: order numbers, licence keys; each a link by a template (SPEC UN-6).

The text is a stranger's. A pattern is tried where a word or a sign begins, on a short piece from there: so the time
grows with the text's length and no faster, whatever config's pattern is (RELIABILITY E8).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

LOOKED_AT = 20_000
LONGEST = 100
MOST = 20
STARTS = re.compile(r"(?<!\w)(?=\w)|(?=[^\w\s])")
WORD = re.compile(r"\w")
FLAGS = re.compile(r"\(\?[aims]{1,4}\)")  # as in (?i)ord-\d+: they must stay in front
VALUE = "{value}"


@dataclass(frozen=True, slots=True)
class Reference:
    """One kind of reference. Its value is the pattern's first group, or the whole match; `url` has `{value}`."""

    name: str
    pattern: re.Pattern[str]
    url: str = ""

    def link(self, value: str) -> str:
        """Where the value leads; nothing of it can become another part of the address."""
        return self.url.replace(VALUE, quote(value, safe=""))


def whole_words(pattern: str) -> re.Pattern[str]:
    """A pattern of config as `found` wants it: it never ends inside a word, whatever else it could match instead."""
    flags = FLAGS.match(pattern)
    front = flags.group() if flags else ""
    return re.compile(rf"{front}(?:{pattern[len(front) :]})(?!(?<=\w)(?=\w))")


def found(text: str, references: Iterable[Reference]) -> tuple[tuple[str, str], ...]:
    """The (name, value) pairs in a text, each once; whole words only: `ORD-1234` is not in `WORD-1234`."""
    references = tuple(references)
    if not references:
        return ()
    seen: dict[tuple[str, str], None] = {}
    looked_at = text[:LOOKED_AT]
    starts = [each.start() for each in STARTS.finditer(looked_at)]
    for reference in references:
        for value in _values(looked_at, starts, reference.pattern):
            seen[reference.name, value] = None
            if len(seen) >= MOST:
                return tuple(seen)
    return tuple(seen)


def link_of(name: str, value: str, references: Iterable[Reference]) -> str:
    """Where a reference of the ticket leads by the config of today; empty when nowhere."""
    return next((each.link(value) for each in references if each.name.casefold() == name.casefold()), "")


def _values(text: str, starts: list[int], pattern: re.Pattern[str]) -> Iterator[str]:
    passed = 0
    for start in starts:
        match = pattern.match(text, start, start + LONGEST) if start >= passed else None
        if match is None or not match.group() or _goes_on(text, match.end()):
            continue
        passed = match.end()
        value = (match.group(1) if pattern.groups else None) or match.group()
        yield " ".join(value.split())


def _goes_on(text: str, end: int) -> bool:
    """True when the match ends inside a word."""
    return WORD.match(text, end) is not None and WORD.match(text, end - 1) is not None
