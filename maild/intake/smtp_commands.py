"""One command line becomes a verb and its argument (RFC 5321 2.4, 4.1.1), or a refusal."""

from dataclasses import dataclass

from maild.intake import smtp_replies as replies
from maild.intake.smtp_replies import Reply

# RFC 5321 4.5.3.1.4 says 512 and lets extensions add; RFC 4954 4 gives AUTH 12288.
MAX_LINE = 12 * 1024
MAX_COMMAND = 2048
# Browsers can be made to post mail through us; whoever begins like this speaks no SMTP.
FOREIGN_VERBS = frozenset({"GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "HOST:", "USER-AGENT:"})


@dataclass(frozen=True, slots=True)
class Command:
    """`verb` in upper case; `argument` without surrounding spaces, None when there is none."""

    verb: str
    argument: str | None


def parse_command(line: bytes) -> Command | Reply:
    """From a whole line with its end."""
    text = line.removesuffix(b"\r\n")
    if text == line or b"\r" in text:
        return replies.BARE_NEWLINE_IN_COMMAND
    if len(line) > MAX_COMMAND and line[:5].upper() != b"AUTH ":
        return replies.LINE_TOO_LONG
    try:
        words = text.decode("utf-8")
    except UnicodeDecodeError:
        return replies.NOT_TEXT
    if not words.isprintable():
        return replies.NOT_TEXT
    verb, _, argument = words.partition(" ")
    return Command(verb.upper(), argument.strip(" ") or None)
