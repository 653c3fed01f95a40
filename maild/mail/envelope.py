"""What the edge knows about a mail beside its bytes (RFC 5321: the envelope)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Via(StrEnum):
    """The way by which a mail came in."""

    SMTP = "smtp"
    LMTP = "lmtp"
    IMAP = "imap"
    PIPE = "pipe"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One delivery of one mail.

    `mail_from` is the reverse-path without brackets: `""` is the null sender (RFC 5321 4.5.5), None is unknown
    (files, IMAP without Return-Path). `rcpt_to` is empty when unknown. `authenticated_as` is the SMTP AUTH name.
    `trusted` says whether Authentication-Results of configured servers may be believed on this path.
    `quiet` mails are imported with their own dates, closed and unanswered. `origin` names the place in words for
    people, e.g. `imap:support@mail.acme.test/INBOX 1700000001:42`.
    """

    via: Via
    received_at: datetime
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    peer: str | None = None
    authenticated_as: str | None = None
    trusted: bool = False
    quiet: bool = False
    origin: str | None = None
