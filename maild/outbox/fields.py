"""Header fields as lines of at most 78 characters where that is possible (RFC 5322 2.1.1), ASCII only (RFC 2047).

Written directly: the standard library's writer costs thirty times more, and encodes long Message-IDs so that clients
lose the thread (python/cpython#79986).
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

from maild.errors import PermanentError
from maild.mail.clean import clean_line
from maild.mail.model import Mailbox
from maild.outbox.addresses import wire_address

WIDTH = 78
ENCODED_WORD = 75  # RFC 2047 2
LONGEST_VALUE = 998  # what a stranger chose gets no more room than one line could hold
LONGEST_ID = 900
MOST_IDS = 40
NAME_WIDTH = 60
PARAMETER_WIDTH = 60

_ID = re.compile(r"<[!-;=?-~]{1,898}>\Z")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,70}\Z")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+\Z")
_PRINTABLE = re.compile(r"[ -~]*\Z")
_PLAIN_PARAMETER = re.compile(r"[A-Za-z0-9 !#$&+^_`{}~().,;@=-]{1,60}\Z")
# RFC 2047 5 (3): what may stand in a Q word of a phrase is safe in every field.
_Q = {code: chr(code) for code in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"} | {0x20: "_"}


def one_line(text: str) -> str:
    """Any text as one clean line: no control characters, no runs of spaces, no more than one line could hold."""
    cut = text[: 4 * LONGEST_VALUE]
    clean = cut if cut.isprintable() else clean_line(cut)  # what is printable is clean already
    return " ".join(clean.split())[:LONGEST_VALUE].rstrip()


def text_field(name: str, value: str, *, longest_word: int = LONGEST_ID) -> str:
    """An unstructured field (RFC 5322 3.6.5): plain words first; from the first that is not ASCII, encoded words."""
    words = one_line(value).split(" ")
    plain = 0
    while plain < len(words) and _is_plain(words[plain], longest_word):
        plain += 1
    rest = " ".join(words[plain:])
    return folded(name, [*words[:plain], *(encoded_words(rest, WIDTH - len(name) - 2) if rest else ())])


def _is_plain(word: str, longest: int) -> bool:
    return len(word) <= longest and "=?" not in word and bool(_PRINTABLE.match(word))


def folded(name: str, tokens: Iterable[str]) -> str:
    """`Name: token token`, a new line before each token that would not fit."""
    lines, line = [], f"{name}:"
    for token in tokens:
        if len(line) + 1 + len(token) > WIDTH and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += f" {token}"
    return "\r\n".join([*lines, line])


def encoded_words(text: str, room: int = ENCODED_WORD) -> list[str]:
    """RFC 2047 words of at most 75 characters, each of whole characters, in the shorter of the two encodings."""
    width = max(min(room, ENCODED_WORD), 40) - len("=?utf-8?q??=")
    quoted = "".join(_q(char) for char in text)
    if len(quoted) <= 4 * len(text.encode()) // 3 + 4:
        return [f"=?utf-8?q?{''.join(map(_q, piece))}?=" for piece in _pieces(text, width, lambda char: len(_q(char)))]
    pieces = _pieces(text, width // 4 * 3, lambda char: len(char.encode()))
    return [f"=?utf-8?b?{base64.b64encode(piece.encode()).decode('ascii')}?=" for piece in pieces]


def _q(char: str) -> str:
    return "".join(_Q.get(byte) or f"={byte:02X}" for byte in char.encode())


def _pieces(text: str, room: int, cost: Callable[[str], int]) -> Iterator[str]:
    start, used = 0, 0
    for place, char in enumerate(text):
        size = cost(char)
        if used + size > room:
            yield text[start:place]
            start, used = place, 0
        used += size
    yield text[start:]


def id_field(name: str, ids: Iterable[str]) -> str | None:
    """Message-IDs one a line, never encoded whatever their length; what is no id is left out, the middle of a very
    long chain too (first and newest ones carry the thread)."""
    good = [each for each in ids if _ID.match(each)]
    if len(good) > MOST_IDS:
        good = good[:1] + good[1 - MOST_IDS :]
    return f"{name}: " + "\r\n ".join(good) if good else None


def address_field(name: str, boxes: Iterable[Mailbox]) -> str | None:
    """The mailboxes that can be written; raises PermanentError when there are some and none can."""
    tokens: list[list[str]] = []
    refused: PermanentError | None = None
    for box in boxes:
        try:
            tokens.append(_mailbox(box))
        except PermanentError as error:
            refused = error
    if not tokens:
        if refused:
            raise refused
        return None
    for each in tokens[:-1]:
        each[-1] += ","
    return folded(name, [token for each in tokens for token in each])


def _mailbox(box: Mailbox) -> list[str]:
    address = wire_address(box.address)
    name = one_line(box.name)
    return [*phrase(name), f"<{address}>"] if name else [address]


def phrase(name: str) -> list[str]:
    """A display name (RFC 5322 3.2.5) as atoms, a quoted string or encoded words."""
    if len(name) > NAME_WIDTH or "=?" in name or not _PRINTABLE.match(name):
        return encoded_words(name, 60)
    if _ATOMS.match(name):
        return [name]
    return ['"' + re.sub(r'(["\\])', r"\\\1", name) + '"']


def parameter(name: str, value: str) -> str:
    """`; name="value"` on a line of its own, in the form of RFC 2231 when it is long or not plain ASCII."""
    value = one_line(value)
    if _PLAIN_PARAMETER.match(value):
        return f';\r\n {name}="{value}"'
    pieces = list(_pieces(value, PARAMETER_WIDTH - 7, lambda char: len(_percent(char))))
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{_percent(value)}"
    marks = ["utf-8''", *[""] * (len(pieces) - 1)]
    return "".join(
        f";\r\n {name}*{number}*={mark}{_percent(piece)}"
        for number, (mark, piece) in enumerate(zip(marks, pieces, strict=True))
    )


def _percent(text: str) -> str:
    return quote(text, safe="")


def extra_field(name: str, value: str) -> str:
    """A field of ours such as `X-Maild-Ticket`; the name is our own word, the value may be anybody's."""
    if not _FIELD_NAME.match(name):
        raise ValueError(f"{name!r} is not a header field name")
    return text_field(name, value)
