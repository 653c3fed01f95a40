"""A mail that is about to leave, as values: what render makes words of and compose makes bytes of."""

from dataclasses import dataclass, field
from datetime import datetime

from maild.mail.model import Attachment, Mailbox


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of one mail. `subject` is one line without the ticket token; `html` is a whole document or None."""

    subject: str
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything that stands in the bytes. Ids carry their angle brackets; `headers` are extra fields in order.

    `auto_submitted` is `auto-generated`, `auto-replied` or None for a person's own words (RFC 3834 5).
    """

    sender: Mailbox
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    reply_to: Mailbox | None
    subject: str
    date: datetime
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    auto_submitted: str | None
    text: str
    html: str | None
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = field(default=())
