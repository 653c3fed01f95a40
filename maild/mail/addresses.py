"""Mailboxes as maild compares and shows them, and the rule by which From names an author (RELIABILITY A9-A11)."""

import re
from collections.abc import Callable, Iterable

from maild.mail.clean import clean_line
from maild.mail.headers import decode_words, strip_comments
from maild.mail.model import Mailbox

# (name as it stands, address) pairs and the words for what was odd, as mail-parser's scanner gives them.
Scan = Callable[[str], tuple[list[tuple[str, str]], list[str]]]

_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\x9f\ud800-\udfff<>\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LOOSE = re.compile(r"[A-Za-z0-9._%+'=&/!#$*?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_BARE = re.compile(r"<\s{0,9}([A-Za-z0-9._+-]{1,64})\s{0,9}>|^\s{0,9}([A-Za-z0-9._+-]{1,64})\s{0,9}$")
# `Staff: alice@acme.test;` is a group (RFC 6854), however few are in it.
_GROUP = re.compile(r'[^<>@"]*:|\s*"[^"]*"\s*:')
# One sender needs no more; 60 kB of `;` are scanned for a quarter of a second, several times.
_MAX_SENDER = 4096
# What the scanner calls odd but cannot change which address is meant.
_HARMLESS = frozenset({"invalid-display-name"})


def lower(address: str) -> str:
    """Lower case of ASCII letters only: no Unicode rule may turn a foreign address into an agent's (A11)."""
    return address.translate(_UPPER)


def mailboxes(value: str, scan: Scan, at_most: int) -> tuple[Mailbox, ...]:
    """All mailboxes of one address field, names decoded."""
    pairs, _ = scan(_first_addresses(value, at_most))
    return tuple(box for name, address in pairs[:at_most] if (box := _mailbox(name, address)))


def _first_addresses(value: str, at_most: int) -> str:
    if value.count(",") < at_most:
        return value
    place = -1
    for _ in range(at_most):
        place = value.find(",", place + 1)
    return value[:place]


def _mailbox(name: str, address: str) -> Mailbox | None:
    if "@" not in address or len(address) > 320 or (_UNSAFE.search(address) and not address.startswith('"')):
        return None
    shown = clean_line(decode_words(name))
    # A name that looks like an address is a trick or says nothing; the real address is shown instead (A10).
    return Mailbox(lower(clean_line(address)), "" if "@" in shown else shown[:200])


def author(fields: list[str], scan: Scan) -> Mailbox | None:
    """The mailbox of the one From field, None when it could be read in more than one way (A9)."""
    if len(fields) != 1 or len(fields[0]) > _MAX_SENDER or _GROUP.match(strip_comments(fields[0])):
        return None
    pairs, oddities = scan(fields[0])
    if len(pairs) != 1 or not _HARMLESS.issuperset(oddities):
        return None
    box = _mailbox(*pairs[0])
    if box is None or box.address.count("@") != 1 or box.address.startswith('"'):
        return None
    again, odd = scan(f'"{box.name.replace(chr(92), "").replace(chr(34), "")}" <{box.address}>')
    return box if not odd and [lower(address) for _, address in again] == [box.address] else None


def claimed(sources: Iterable[str], scan: Scan) -> Mailbox | None:
    """The best readable sender, for people only: the first address that any of the fields shows."""
    values = [value[:_MAX_SENDER] for value in sources if value.strip()]
    for value in values:
        found = mailboxes(value, scan, 1)
        if found:
            return found[0]
    for value in values:
        loose = _loose(value)
        if loose:
            return loose
    return None


def _loose(value: str) -> Mailbox | None:
    """An address inside a field that breaks the grammar, or a bare local name such as `<MAILER-DAEMON>`."""
    match = _LOOSE.search(value[:2000])
    if match:
        return Mailbox(lower(match.group().strip(".'")))
    bare = _BARE.search(value[:2000])
    if not bare:
        return None
    name = clean_line(decode_words(value[: bare.start()])).strip('" ')
    return Mailbox(lower(bare.group(1) or bare.group(2)), "" if "@" in name else name)
