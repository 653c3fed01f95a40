"""`Outgoing` → the exact bytes of a mail (RFC 5322, MIME): the same values give the same bytes on every repeat.

Nothing that a customer wrote can stop a mail or add a field to it: values are cleaned, not refused (RELIABILITY C4).
Only an address that cannot be written at all raises PermanentError; of several recipients the others are kept, because
one odd Cc must not silence a ticket.
"""

from collections.abc import Iterable
from email.utils import format_datetime

from maild.errors import PermanentError
from maild.ids import derived_id
from maild.mail.model import Attachment, Mailbox
from maild.outbox.bodies import Part, content_id, file_part, inline_part, multipart, text_part
from maild.outbox.fields import address_field, extra_field, id_field, text_field
from maild.outbox.outgoing import Outgoing

SUBJECT_WORD = 66
ENVELOPE_FIELDS = frozenset(("date", "from", "sender", "reply-to", "to", "cc", "bcc", "return-path", "received"))
THREAD_FIELDS = frozenset(("subject", "message-id", "in-reply-to", "references", "auto-submitted"))
OWN_FIELDS = ENVELOPE_FIELDS | THREAD_FIELDS | {"mime-version", "content-type", "content-transfer-encoding"}


def compose(mail: Outgoing) -> bytes:
    """The mail as CRLF lines with an ASCII header section, ready for any relay without extensions."""
    if id_field("Message-ID", (mail.message_id,)) is None:
        raise ValueError(f"{mail.message_id!r} is no Message-ID")
    body = _body(mail)
    lines = [line for line in _header(mail) if line]
    return "\r\n".join((*lines, "MIME-Version: 1.0", "")).encode("ascii") + bytes(body)


def _header(mail: Outgoing) -> Iterable[str | None]:
    yield f"Date: {format_datetime(mail.date)}"
    yield address_field("From", (mail.sender,))
    yield address_field("To", mail.to)
    yield _cc(mail.cc)
    yield address_field("Reply-To", (mail.reply_to,)) if mail.reply_to else None
    yield text_field("Subject", mail.subject, longest_word=SUBJECT_WORD)
    yield id_field("Message-ID", (mail.message_id,))
    yield id_field("In-Reply-To", mail.in_reply_to)
    yield id_field("References", mail.references)
    yield extra_field("Auto-Submitted", mail.auto_submitted) if mail.auto_submitted else None
    for name, value in mail.headers:
        if name.lower() in OWN_FIELDS:
            raise ValueError(f"{name} is written by compose itself")
        yield extra_field(name, value)


def _cc(boxes: tuple[Mailbox, ...]) -> str | None:
    try:
        return address_field("Cc", boxes)
    except PermanentError:  # whoever cannot be written cannot be copied; his own delivery fails and is told
        return None


def _body(mail: Outgoing) -> Part:
    inline = tuple(file for file in mail.attachments if mail.html is not None and file.inline and content_id(file))
    files = tuple(file_part(file) for file in mail.attachments if file not in inline)
    return multipart("mixed", (_words(mail, inline), *files), _boundary(mail, "mixed"))


def _words(mail: Outgoing, inline: tuple[Attachment, ...]) -> Part:
    text = text_part("plain", mail.text)
    if mail.html is None:
        return text
    shown = (text_part("html", mail.html), *(inline_part(file) for file in inline))
    html = multipart('related; type="text/html"', shown, _boundary(mail, "related"))
    return multipart("alternative", (text, html), _boundary(mail, "alternative"))


def _boundary(mail: Outgoing, level: str) -> str:
    return f"=_{derived_id('boundary', mail.message_id, level)}"
