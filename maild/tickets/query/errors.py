"""What is wrong with a query: which word, where it stands, and which words would be right (SPEC TI-9)."""

from collections.abc import Iterable
from difflib import get_close_matches

from maild.errors import PermanentError

FEW = 12  # right words that are listed at most when none is near
SHOWN = 60  # letters of a wrong word that are repeated
TOLD = 160


class QueryError(PermanentError):
    """The query cannot be understood. `word` stands at column `place` (from 1); `hint` says what would be right."""

    def __init__(self, word: str, place: int, what: str, hint: str = "") -> None:
        self.word = word
        self.place = place
        self.what = _clipped(what, TOLD)
        self.hint = _clipped(hint, TOLD)
        super().__init__(f"'{_clipped(word, SHOWN)}' (column {place}): {self.what}{'; ' if hint else ''}{self.hint}")


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


class Unclear(Exception):
    """A value that its field cannot take; who knows the word and its place makes a QueryError of it."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def nearest(word: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """`did you mean priority?`; where nothing is near, something else, or the first of the right words."""
    words = {each.casefold(): each for each in known}
    near = [words[each] for each in get_close_matches(word[:SHOWN].casefold(), list(words), n=3, cutoff=0.6)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    if otherwise is not None:
        return otherwise
    first = list(words.values())[:FEW]
    return f"there are {', '.join(first)}{', …' if len(words) > FEW else ''}" if first else ""
