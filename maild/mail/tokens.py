"""Signed references of ours: in reply addresses, Message-IDs, return paths and the last line of a mail (SPEC ID-1).

One form and one verifier for every kind, so that no path can forget the check (CVE-2026-47123). A token is lower-case
base32 and survives systems that fold the case of a local part:

    version(1) kind(1) day(3) recipient tag(5) MAC(16) number(1..)

The MAC is the first 80 bits of HMAC-SHA256 over all other fields and the purpose-bound key, compared in constant time.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache

from maild.ids import ALPHABET, base32_text
from maild.mail.addresses import lower

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
LAST_DAY = 32**3 - 1
VERSION = "k"
MAC_LENGTH = 16
TAG_LENGTH = 5
SHAPE = re.compile(r"k[a-z][a-z2-7]{3}[a-z2-7]{5}[a-z2-7]{16}[a-z2-7]{1,12}\Z")
# Also behind `%2B`, which is the plus of an address in a link.
FOUND = re.compile(r"(?:(?<![a-z2-7])|(?<=%2b))k[pnicbs][a-z2-7]{25,37}(?![a-z2-7])", re.IGNORECASE)


class TokenKind(Enum):
    """What an answer to the token's address is."""

    PUBLIC = "p"  # from the customers' side: a reply; from an agent: a public answer
    NOTICE = "n"  # an agent's notification: answering it answers the customer
    INTERNAL = "i"  # a note's notification: answering it is a note
    SUPPLIER = "s"  # the thread with a supplier: from him an answer, from an agent a mail to him (TI-7)
    CONFIRM = "c"  # "was this you?": answering it releases the held mail of this number
    BOUNCE = "b"  # a return path (VERP): what arrives here speaks about the outbox row of this number


@dataclass(frozen=True, slots=True)
class Token:
    """A verified reference. `number` is the ticket's, inbound row's or outbox row's, as the kind says."""

    kind: TokenKind
    number: int
    issued: datetime
    tag: str


def encode_number(number: int) -> str:
    """A whole number in base32 digits, most significant first."""
    digits = ""
    while True:
        number, rest = divmod(number, 32)
        digits = ALPHABET[rest] + digits
        if number == 0:
            return digits


def decode_number(digits: str) -> int:
    """The inverse of `encode_number`."""
    value = 0
    for digit in digits:
        value = value * 32 + ALPHABET.index(digit)
    return value


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks tokens. `keys`: the first signs, all verify (rotation)."""

    keys: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"Signer({len(self.keys)} keys)"

    def sign(self, kind: TokenKind, number: int, recipient: str, now: datetime) -> str:
        """A token for one recipient; `number` is not secret, the MAC keeps it from being guessed."""
        # A clock that is wrong by ages must not stop the mail: the day is bounded by what three digits hold.
        day = encode_number(min(max((now - EPOCH).days, 0), LAST_DAY)).rjust(3, "a")
        head = VERSION + kind.value + day + recipient_tag(self.keys[0], recipient)
        tail = encode_number(number)
        return head + self._mac(self.keys[0], head + tail) + tail

    def verify(self, text: str) -> Token | None:
        """The token's facts, or None when it is not ours; never raises."""
        text = text.strip().lower()
        if not SHAPE.match(text):
            return None
        head, mac, tail = text[:10], text[10 : 10 + MAC_LENGTH], text[10 + MAC_LENGTH :]
        if not any(hmac.compare_digest(self._mac(key, head + tail), mac) for key in self.keys):
            return None
        try:
            kind = TokenKind(head[1])
        except ValueError:
            return None
        issued = EPOCH + timedelta(days=decode_number(head[2:5]))
        return Token(kind, decode_number(tail), issued, head[5:10])

    def is_for(self, token: Token, address: str) -> bool:
        """True when the token was made for this address (agents' tokens are bound to one person)."""
        return any(hmac.compare_digest(recipient_tag(key, address), token.tag) for key in self.keys)

    def first(self, candidates: Iterable[str]) -> Token | None:
        """The first candidate that verifies."""
        return next((token for token in map(self.verify, candidates) if token is not None), None)

    def message_id(self, kind: TokenKind, number: int, recipient: str, cause: str, domain: str, now: datetime) -> str:
        """A signed Message-ID that depends on its cause: a repeat of the same notice has the same id."""
        token = self.sign(kind, number, recipient, now)
        unique = base32_text(hashlib.sha256(cause.encode()).digest()[:10])
        seal = self._mac(self.keys[0], token + unique)[:8]
        return f"<{token}.{unique}{seal}@{domain}>"

    def read_message_id(self, message_id: str) -> Token | None:
        """The token inside one of our Message-IDs; None for foreign and for altered ones."""
        local = message_id.strip("<> \t").partition("@")[0].lower()
        text, _, rest = local.partition(".")
        unique, seal = rest[:-8], rest[-8:]
        if (
            not unique
            or not local.isascii()
            or not any(hmac.compare_digest(self._mac(key, text + unique)[:8], seal) for key in self.keys)
        ):
            return None
        return self.verify(text)

    @staticmethod
    def _mac(key: bytes, text: str) -> str:
        return base32_text(hmac.digest(key, b"token\0" + text.encode("utf-8", "replace"), "sha256")[:10])


@lru_cache(512)
def recipient_tag(key: bytes, address: str) -> str:
    """Five letters that bind a token to an address without showing it."""
    digest = hmac.digest(key, b"recipient\0" + lower(address.strip()).encode("utf-8", "replace"), "sha256")
    return base32_text(digest[:4])[:TAG_LENGTH]


def plus_address(base: str, token: str) -> str:
    """`support@acme.test` + token → `support+token@acme.test` (RFC 5233)."""
    local, _, domain = base.partition("@")
    return f"{local}+{token}@{domain}"


def plus_part(address: str) -> tuple[str, str]:
    """(`support@acme.test`, `token`) of `support+token@acme.test`; the second is empty without a plus."""
    local, at, domain = address.rpartition("@")
    name, _, detail = local.partition("+")
    return lower(name + at + domain), lower(detail)


def remove_tokens(text: str) -> str:
    """The text without anything that looks like one of our tokens: a capability never leaves to somebody else."""
    return FOUND.sub("[…]", text)
