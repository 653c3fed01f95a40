"""The values that the mail room gives: an incoming mail, understood. No library's object leaves this room."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a mail is (SPEC UN-4)."""

    NORMAL = "normal"
    AUTO_REPLY = "auto_reply"
    VACATION = "vacation"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    REPORT = "report"
    CALENDAR = "calendar"
    SPAM = "spam"
    LIST = "list"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address with its display name (RFC 5322 3.4); the address is compared in lower case."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a mail. `name` is safe to show and to store; `content` is decoded."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str | None = None

    @property
    def size(self) -> int:
        """Decoded bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Bounced:
    """One recipient that a bounce speaks of (RFC 3464). `hard`: will never work; `status`: `5.1.1` or None."""

    address: str
    hard: bool
    status: str | None = None


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """One method of an Authentication-Results field that stands where a trusted server may have written it (RFC 8601).

    `authserv_id` lower case; `method` `dkim|spf|dmarc|…`; `result` `pass|fail|…`; `properties` like `header.from`.
    """

    authserv_id: str
    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What only this desk knows, to find the new text of a reply: our addresses, names, marker and ticket prefix."""

    addresses: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    marker: str = ""
    ticket_prefix: str = "TICK"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds within which a mail is read; beyond them it is kept as it came (RELIABILITY D1-D15)."""

    header_bytes: int = 256 * 1024
    header_fields: int = 1000
    field_bytes: int = 64 * 1024
    depth: int = 30
    parts: int = 500
    text_bytes: int = 1024 * 1024
    addresses: int = 500


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The original that a mail hands on (SPEC UN-5), as the forwarder's program wrote it down: nothing of it is proven.

    `words` is what the forwarder wrote above it. `message_id` is the original's where the forward names it.
    """

    author: Mailbox
    subject: str
    date: datetime | None
    text: str
    words: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A mail as maild understands it.

    `author` is the one mailbox of the one From field, None when From is missing, doubled, or not exactly one mailbox;
    `claimed` is the best readable sender for display (From, Sender, Return-Path), never to be trusted.
    `text` is the whole readable text (mails enclosed in this one below it), `new_text` the part its author wrote now.
    `html` is the sanitised HTML or None.
    `lists` are the names of mailing lists that it came by (RFC 2919), in lower case.
    `tokens` are candidates for our signed references found in the text.
    `digest` is the content digest of RELIABILITY 1.4. `defects` are oddities in words for people.
    """

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    author: Mailbox | None
    claimed: Mailbox | None
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    delivered_to: tuple[str, ...]
    subject: str
    date: datetime | None
    text: str
    new_text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    kind: Kind
    kind_because: str
    auto_submitted: bool
    bulk: bool
    bounced: tuple[Bounced, ...]
    bounced_ids: tuple[str, ...]
    language: str | None
    authentication: tuple[AuthenticationResult, ...]
    tokens: tuple[str, ...]
    digest: str
    hops: int
    defects: tuple[str, ...]
    forwarded: Forwarded | None = None
    lists: tuple[str, ...] = ()
