"""The original of a forwarded mail: inline in the forms of mail programs, or attached whole (SPEC UN-5).

Only a forward by its subject or by its structure is one; what it tells of the original is the forwarder's word.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from maild.mail import forward_words as words
from maild.mail import quotes
from maild.mail.addresses import lower
from maild.mail.clean import clean_line
from maild.mail.enclosed import Enclosed
from maild.mail.endings import SIGNATURE, without_ending
from maild.mail.headers import decode_words
from maild.mail.model import Forwarded, Mailbox
from maild.mail.quote_heads import first_words
from maild.mail.quote_words import ORIGINAL
from maild.mail.written_dates import written_date
from maild.records import replace

_MAX_LINES = 2000
_MAX_CHARS = 2000
_MAX_BLOCK = 40
_GAP = 3
_LABEL = re.compile(r"[\s*_•|]{0,12}([^\W\d_][^\W_]*(?:[ '’-][^\W\d_]+){0,3})[\s*_]{0,4}[:：][\s*_]*(.*)")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'=&/!#$*?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_QUOTE = re.compile(r"(?:> ?|\| ?)")
_PREFIXES = re.compile(r"\s*[^\W\d_]{1,7}\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]\s*")
_NORDIC_FROM = re.compile(r"^[ \t>*]{0,9}Fra[ *]{0,3}:", re.MULTILINE)
_DASHES = " \t>|*-_=~+"
_CLASS = {label: name for name, labels in words.LABELS.items() for label in labels}


@dataclass(frozen=True, slots=True)
class Mail:
    """What of a mail tells whether and what it forwards. `named`: the original's Message-ID where a header tells it."""

    subject: str
    text: str
    enclosed: Sequence[Enclosed] = ()
    names_original: bool = False
    named: str | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """The header lines that stand above an original: from line `at` to before line `body`."""

    at: int
    body: int
    fields: dict[str, str]
    quoted: bool


def forwarded(mail: Mail) -> Forwarded | None:
    """The original that this mail hands on, None when it is no forward or the original names no sender."""
    unsure = _nordic(mail.subject)
    says_so = unsure or quotes.is_forward(mail.subject)
    if says_so or mail.names_original or not mail.text.strip():
        found = _attached(mail)
        if found:
            return found
    if quotes.is_reply(mail.subject) and not (unsure and _NORDIC_FROM.search(mail.text)):
        return None
    return _inline(mail, says_so=says_so)


def _nordic(subject: str) -> bool:
    """`VS:` is a forward in Danish and Norwegian, an answer in Finnish: the word for `From` decides."""
    return subject.lstrip().lower().startswith(("vs:", "vs :"))


def bare_subject(subject: str) -> str:
    """A subject without `Fwd:`, `WG:`, `Re:` and the like in front, at most five of them."""
    for _ in range(5):
        if not (quotes.is_forward(subject) or quotes.is_reply(subject)):
            break
        match = _PREFIXES.match(subject)
        subject = subject[match.end() :] if match else subject
    return subject.strip()


def _attached(mail: Mail) -> Forwarded | None:
    """The enclosed mail; of several only when all are from the same author, else nobody knows whose affair it is."""
    authors = {item.author.address for item in mail.enclosed if item.author}
    first = next((item for item in mail.enclosed if item.author), None)
    if first is None or first.author is None or len(authors) != 1:
        return None
    return Forwarded(
        first.author, first.subject, first.date, first.text, _own_words(mail.text.split("\n")), first.message_id
    )


def _inline(mail: Mail, *, says_so: bool) -> Forwarded | None:
    lines = mail.text.split("\n")
    seen = [unicodedata.normalize("NFKC", line[:_MAX_CHARS]) for line in lines[:_MAX_LINES]]
    block = _marked(seen) or (_unmarked(seen) if says_so else None)
    author = _author(block.fields.get("from", "")) if block else None
    if block is None or author is None:
        return None
    below = lines[block.body :]
    if block.quoted:
        below = [_QUOTE.sub("", line, count=1) for line in below]
    return Forwarded(
        author=author,
        subject=clean_line(decode_words(block.fields.get("subject", ""))) or bare_subject(mail.subject),
        date=written_date(block.fields.get("sent", "")),
        text="\n".join(below[: _end(below)]).strip("\n").rstrip(),
        words=_own_words(quotes.without_rules(lines[: block.at])),
        message_id=mail.named,
    )


def _marked(seen: list[str]) -> _Block | None:
    """Below the first line that only a program writes above a forward."""
    for place, line in enumerate(seen):
        if _is_marker(line):
            block = _block(seen, place + 1)
            if block and "from" in block.fields:
                return replace(block, at=place)
    return None


def _is_marker(line: str) -> bool:
    bare = line.strip(_DASHES).lower()
    if len(bare) > 100 or not bare.startswith(words.MARKERS) or _QUOTE.match(line.lstrip()):
        return False
    return line.strip(" \t*").startswith(("--", "==", "__", "~~")) or bare.endswith((":", "："))


def _unmarked(seen: list[str]) -> _Block | None:
    """The first header block of a mail whose subject says that it is a forward, perhaps below `Original Message`."""
    for place, line in enumerate(seen):
        if line.strip(_DASHES + ":").lower().startswith(ORIGINAL) and line.strip(" \t>|*").startswith(
            ("--", "__", "==")
        ):
            block = _block(seen, place + 1)
            if block and "from" in block.fields:
                return replace(block, at=place)
        if _class_of(line) in ("from", "sent", "subject"):
            block = _block(seen, place)
            if block and _is_head(block.fields):
                return block
    return None


def _is_head(fields: dict[str, str]) -> bool:
    """`From:` alone may be the forwarder's own word; with a subject or a date beside it a program wrote it."""
    return "from" in fields and bool({"subject", "sent"} & fields.keys()) and len(fields) > 2


def _class_of(line: str) -> str | None:
    match = _LABEL.fullmatch(_QUOTE.sub("", line, count=1))
    return _CLASS.get(match.group(1).strip().lower()) if match else None


def _block(seen: list[str], start: int) -> _Block | None:
    """The labelled lines from `start` on, folded ones joined; a blank line between two labels is forgiven."""
    first = first_words(seen, start)
    if first is None or first - start > _GAP or _class_of(seen[first]) is None:
        return None
    quoted = bool(_QUOTE.match(seen[first].lstrip()))
    fields: dict[str, str] = {}
    current = ""
    place = first
    while place < min(len(seen), first + _MAX_BLOCK):
        line = _QUOTE.sub("", seen[place].lstrip(), count=1) if quoted else seen[place]
        label = _class_of(line)
        if not line.strip():
            following = first_words(seen, place + 1)
            if following is None or following > place + 1 or _class_of(seen[following]) in (None, *fields):
                break
        elif label:
            match = _LABEL.fullmatch(_QUOTE.sub("", line, count=1))
            current = label
            fields.setdefault(label, match.group(2).strip() if match else "")
        elif current and len(line) < 200 and not _ends_block(fields, line):
            fields[current] = f"{fields[current]} {line.strip()}".strip()
        else:
            break
        place += 1
    return _Block(first, place, fields, quoted)


def _ends_block(fields: dict[str, str], line: str) -> bool:
    """An unlabelled line goes on with a folded value only where values may be long and the block is whole after it."""
    return len(fields) < 2 and not line.startswith((" ", "\t")) and "@" not in line


def _author(value: str) -> Mailbox | None:
    """`Jane Doe <jane@x.test>`, `Jane Doe [mailto:jane@x.test]`, `jane@x.test`: first address, name before it."""
    value = decode_words(value)[:1000]
    match = _ADDRESS.search(value.replace("mailto:", " "))
    if not match:
        return None
    name = clean_line(re.split(r"[<\[(]|mailto:", value, maxsplit=1)[0]).strip("\"'* ")
    return Mailbox(lower(match.group().strip(".'*")), "" if "@" in name else name[:200])


def _end(lines: list[str]) -> int:
    """The line of the mark that some programs set below, else the end."""
    for place, line in enumerate(lines):
        bare = line[:200].strip(_DASHES).lower()
        if bare.startswith(words.ENDS) and line.strip().startswith("-"):
            return place
    return len(lines)


def _own_words(lines: list[str]) -> str:
    """What the forwarder says, without signature and phone line; these may be all that stands there."""
    first = first_words(lines, 0)
    if first is None or SIGNATURE.fullmatch(lines[first][:200]):
        return ""
    # The line in front lets everything below it be an ending.
    kept = without_ending(["-", *lines[first:]])[1:]
    return "\n".join(kept).strip("\n").rstrip()
