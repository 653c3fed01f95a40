"""Mails that are files of this mail (message/rfc822), read as far as people want to see them; never deeper."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from maild.mail import addresses, body
from maild.mail.headers import message_ids, parse_headers
from maild.mail.model import Limits, Mailbox
from maild.mail.structure import Part, walk

_MAX_SHOWN = 5
_TYPES = frozenset({"message/rfc822", "message/global"})


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What one of them says of itself."""

    author: Mailbox | None
    subject: str
    date: datetime | None
    text: str
    message_id: str | None


def enclosed_mails(
    parts: Iterable[Part],
    source: bytes,
    limits: Limits,
    scan: addresses.Scan,
    read_date: Callable[[str], datetime | None],
) -> tuple[Enclosed, ...]:
    """The first few enclosed mails in their order."""
    found = [part for part in parts if part.content_type in _TYPES][:_MAX_SHOWN]
    return tuple(_read(part.content(source), limits, scan, read_date) for part in found)


def _read(
    content: bytes, limits: Limits, scan: addresses.Scan, read_date: Callable[[str], datetime | None]
) -> Enclosed:
    content = content.lstrip(b"\r\n")
    headers = parse_headers(content, 0, len(content), limits)
    return Enclosed(
        author=addresses.claimed([*headers.all("from")[:1], headers.first("sender")], scan),
        subject=headers.text("subject"),
        date=read_date(headers.first("date")),
        text=body.read_body(walk(content, headers, limits).parts, content, limits).text,
        message_id=next(iter(message_ids(headers.first("message-id"))), None),
    )


def with_enclosed(text: str, mails: Iterable[Enclosed], limits: Limits) -> str:
    """The text of a mail and below it that of the mails in it, as mail programs show them."""
    shown = [text] if text.strip() else []
    room = limits.text_bytes
    for mail in mails:
        if mail.text.strip() and len(mail.text) <= room:
            room -= len(mail.text)
            shown.append("\n".join(_head(mail)) + "\n\n" + mail.text)
    return "\n\n".join(shown)


def _head(mail: Enclosed) -> list[str]:
    date = mail.date.strftime("%Y-%m-%d %H:%M UTC") if mail.date else ""
    told = (("From", str(mail.author or "")), ("Date", date), ("Subject", mail.subject))
    return ["---------- Attached message ----------", *(f"{label}: {value}" for label, value in told if value)]
