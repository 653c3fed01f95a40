"""How text becomes words: "this word occurs" means the same in both databases and for texts at hand (SPEC TI-10).

Letters are folded (case, accents, full width), words are cut at everything that is neither letter nor digit, so
`ORD-12345` and `jane@customer.test` are found as phrases. Scripts without spaces between words become overlapping
pairs of letters, so any part of a Chinese, Japanese, Korean or Thai text is found. There are no stop words.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LETTERS = 100_000  # of one text; more is a log file, and a tsvector holds at most one megabyte
DOCUMENT = 200_000
WORD = 64
TERM = 32
TERMS = 16
RUN = 1000

# Stands between the texts of a document, so that no phrase goes over their border; no query can say it.
BORDER = "\ue000"

# Marks that a reader may leave out: accents, the vowel points of Hebrew and Arabic.
_MARKS = (
    *((0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640)),
    *((0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC), (0x06DF, 0x06E8), (0x06EA, 0x06ED), (0x1AB0, 0x1AFF)),
    *((0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x20D0, 0x20FF), (0xFE00, 0xFE0F)),
    *((0x00AD, 0x00AD), (0xFE20, 0xFE2F), (0xFEFF, 0xFEFF)),
)
# Letters that Unicode does not take apart, though readers write them so.
_LETTERS = dict(zip("øłđðħıŧ_", "olddhit ", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
_FOLDED = str.maketrans({chr(mark): "" for low, high in _MARKS for mark in range(low, high + 1)} | _LETTERS)

# Whole blocks of scripts whose vowels are marks, which `\w` would cut at; without their full stops.
_INDIC = "\u0900-\u0963\u0966-\u0df3\u0f00-\u0f03\u0f18-\u0f39\u0f3e-\u0fbc"
# Thai, Lao, Myanmar, Khmer; Han, Kana and Hangul in all their blocks.
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0edf\u1000-\u1049\u1050-\u109d\u1780-\u17d3\u17e0-\u17e9"
    "\u1100-\u11ff\u3005-\u3007\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318e\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3\ud7b0-\ud7fb\uf900-\ufaff\U00020000-\U0003ffff"
)
_ASCII_RUNS = re.compile(r"[a-z0-9]+")
_RUNS = re.compile(rf"[\w{_INDIC}{_UNSPACED}]+")
_PIECES = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_PAIRED = re.compile(rf"[{_UNSPACED}]")
_TYPED = re.compile(r'"([^"]*)(?:"(\*?)|\Z)|[^\s"]+')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」＂", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other; with `prefix`, the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def needle(self) -> str:
        """What a document holds when the term occurs in it."""
        return f" {' '.join(self.words)}{'' if self.prefix else ' '}"


def document(*texts: str) -> str:
    """The words of some texts in order, between spaces: what the index keeps."""
    said = (" ".join(_words(text)) for text in texts)
    joined = f" {f' {BORDER} '.join(each for each in said if each)} "
    return joined if len(joined) <= DOCUMENT else joined[: joined.rindex(" ", 0, DOCUMENT) + 1]


def term(word: str) -> Term | None:
    """A word, or several as a phrase; `inv*` may go on; None where there is neither letter nor digit."""
    pieces = _pieces(word)
    if not pieces:
        return None
    *before, last = pieces
    words = [each for piece in before for each in _indexed(piece)]
    ends_open = word.rstrip('" \r\n').endswith("*")
    if _PAIRED.match(last):
        # Any part of such a text is found: a single letter begins a pair, or stands alone at the end.
        words += [last[place : place + 2] for place in range(len(last) - 1)] or [last]
        ends_open = len(last) == 1
    else:
        words.append(last)
    return Term(tuple(words[:TERM]), ends_open and len(words) <= TERM)


def terms(text: str) -> tuple[Term, ...]:
    """What somebody typed: words, "phrases", `begin*`, all of which must occur; () when there are none."""
    typed = _TYPED.finditer(text.translate(_QUOTES)[:LETTERS])
    found = (term(each[0] if each[1] is None else each[1] + (each[2] or "")) for each in typed)
    return tuple(dict.fromkeys(each for each in found if each is not None))[:TERMS]


def unanswerable(text: str) -> str | None:
    """Why a search for this can only find nothing; None when it can be made."""
    if terms(text):
        return None
    if not text.strip():
        return "nothing to look for was given"
    return f"there is neither a letter nor a digit to look for in '{text.strip()[:40]}'"


def contains(texts: Iterable[str], word: str) -> bool:
    """True when the word, phrase or `begin*` occurs in one of the texts, exactly as the index says it."""
    wanted = term(word)
    return wanted is not None and any(wanted.needle in document(text) for text in texts)


def weight(said: str, subject: str, wanted: tuple[Term, ...]) -> float:
    """How much a document is about the terms: often in few words weighs more, the subject most (BM25 with k1 = 1.2)."""
    length = 0.25 + 0.75 * said.count(" ") / 120
    counted = ((_times(said, each) + 3 * _times(subject, each)) for each in wanted)
    return sum(count / (count + 1.2 * length) for count in counted)


def _times(said: str, wanted: Term) -> int:
    return said.count(wanted.needle)


def _words(text: str) -> list[str]:
    if text.isascii():
        return [run[:WORD] for run in _ASCII_RUNS.findall(text[:LETTERS].lower())]
    pieces = _pieces(text)
    if not _PAIRED.search(" ".join(pieces)):
        return pieces
    return [word for piece in pieces for word in _indexed(piece)]


def _indexed(piece: str) -> list[str]:
    """A word; or the pairs of a run of letters, and its last letter alone."""
    if piece.isascii() or not _PAIRED.match(piece):
        return [piece]
    return [piece[place : place + 2] for place in range(len(piece))]


def _pieces(text: str) -> list[str]:
    """Words and runs of letters without spaces between words."""
    folded = _folded(text[:LETTERS])[:LETTERS]
    if folded.isascii():
        return [run[:WORD] for run in _ASCII_RUNS.findall(folded)]
    pieces = (piece for run in _RUNS.findall(folded) for piece in _PIECES.findall(run))
    return [piece if _PAIRED.match(piece) else piece[:WORD] for piece in pieces]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    if max(map(len, text.split()), default=0) <= RUN:
        return _normalised(text)
    # Sorting the marks of one letter is quadratic in them: a run without spaces is taken in slices.
    return "".join(_normalised(text[place : place + RUN]) for place in range(0, len(text), RUN))


def _normalised(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", plain).translate(_FOLDED))
