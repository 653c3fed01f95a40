"""May this mail be taken? Size, lines, hops and bare newlines, weighed without reading more than its header."""

import re
from collections.abc import Callable

from maild.intake import smtp_replies as replies
from maild.intake.smtp_data import DotReader
from maild.intake.smtp_replies import Reply
from maild.intake.smtp_settings import BareNewlines, SmtpSettings

HEADER_BYTES = 256 * 1024
_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)

Weight = Callable[[DotReader, SmtpSettings], bool]

# In this order, so that the sender is told the first thing to repair.
LIMITS: tuple[tuple[Weight, Reply], ...] = (
    (lambda mail, limits: mail.size > limits.max_message_bytes, replies.TOO_LARGE),
    (lambda mail, limits: mail.lines > limits.max_lines, replies.TOO_MANY_LINES),
    (
        lambda mail, limits: mail.bare > 0 and limits.bare_newlines is BareNewlines.REFUSE,
        replies.BARE_NEWLINE_IN_MAIL,
    ),
)


def refusal_of(mail: DotReader, settings: SmtpSettings) -> Reply | None:
    """Why a mail that has arrived so far cannot be taken, None when it can."""
    return next((reply for is_over, reply in LIMITS if is_over(mail, settings)), None)


def smells_of_smuggling(mail: DotReader) -> bool:
    """RFC 2920 lets a client go on behind the dot; after bare newlines those commands are somebody's mail text."""
    return mail.bare > 0 and bool(mail.rest)


def hops(mail: bytes | bytearray) -> int:
    """How many servers have passed the mail on (RFC 5321 6.3), by the first `HEADER_BYTES` of it."""
    end = mail.find(b"\r\n\r\n", 0, HEADER_BYTES)
    return len(_RECEIVED.findall(mail, 0, end if end >= 0 else HEADER_BYTES))
