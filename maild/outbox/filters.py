"""What templates may do with a text: quote it, show it as HTML, answer its subject, link to it."""

import re
from unicodedata import bidirectional

from markupsafe import Markup, escape

_ANSWERED = re.compile(r"\s*(?:re|aw|antw|sv|vs|odp|r)\s?:", re.IGNORECASE)
_LEFTWARD = frozenset(("R", "AL"))
_LINK = re.compile(r"(?:mailto:|https?://)[!-~]+\Z")


def quoted(text: str) -> str:
    """`> ` before each line: whose words these are stays plain, whatever they imitate (RELIABILITY E4)."""
    return "\n".join(f"> {line}".rstrip() for line in text.rstrip().split("\n"))


def as_html(text: str) -> Markup:
    """The text as it was typed: line breaks and indentation kept, everything else escaped."""
    lines = str(escape(text.rstrip())).expandtabs(4).split("\n")
    return Markup("<br>\n".join(map(_spaced, lines)))  # noqa: S704  # escaped above


def _spaced(line: str) -> str:
    words = line.lstrip(" ")
    return "&nbsp;" * (len(line) - len(words)) + words.replace("  ", "&nbsp; ")


def reply(subject: str) -> str:
    """`Re: ` before a subject that has none yet: a stable subject keeps the thread together (SPEC OUT-3)."""
    return subject if not subject or _ANSWERED.match(subject) else f"Re: {subject}"


def href(link: str) -> str:
    """The link if a click on it can only write a mail or open a page, else nothing (RELIABILITY E5)."""
    return link if _LINK.match(link) else ""


def isolated(text: str) -> str:
    """A name that is written from right to left, kept from turning what stands beside it (Unicode UAX #9: isolates)."""
    return f"\u2068{text}\u2069" if any(bidirectional(letter) in _LEFTWARD for letter in text) else text


FILTERS = {"quoted": quoted, "as_html": as_html, "reply": reply, "href": href, "isolated": isolated}
