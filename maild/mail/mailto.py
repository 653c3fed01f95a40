"""`mailto:` links that act with one click (RFC 6068, SPEC AG-5), encoded so that every mail client reads the same.

Everything but the unreserved letters of RFC 3986 is percent-encoded. A space is %20, because desktop clients show a `+`
as it is. A `+` is %2B, which RFC 6068 5 allows: webmail and some desktops read the link as if a form had written it and
make a space of a bare `+`, which would break the signed address `support+token@…`; all of them decode %2B.
"""

from functools import lru_cache
from itertools import accumulate
from urllib.parse import quote

from maild.mail.clean import clean_line, clean_text

LONGEST = 1000  # Outlook for Windows stops near 2,000 letters, and a text mail shows the whole link


def mailto(address: str, subject: str = "", body: str = "") -> str:
    """A link to `address`; its body ends with an empty line, so that the cursor stands below the commands.

    A subject that makes the link too long is cut. What is too long even without one gives no link but an empty text:
    half of a command could be another command.
    """
    path = "mailto:" + _address(clean_line(address))
    words = _field("body", _lines(body))
    room = LONGEST - len(path) - len(words) - len("?subject=&")
    if room < 0:
        return ""
    title = _field("subject", _cut(clean_line(subject), room))
    fields = "&".join(filter(None, (title, words)))
    return f"{path}?{fields}" if fields else path


def _address(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return _encoded(local) + at + _encoded(domain)


def _field(name: str, value: str) -> str:
    return f"{name}={_encoded(value)}" if value else ""


def _lines(body: str) -> str:
    """RFC 6068 5: lines of a body end with CRLF, whatever the platform."""
    text = clean_text(body).strip("\n")
    return "\r\n".join((*text.split("\n"), "", "")) if text else ""


def _cut(text: str, room: int) -> str:
    """As many whole letters as fit into `room` once they are encoded."""
    if len(_encoded(text)) <= room:
        return text
    sizes = accumulate(len(_encoded(letter)) for letter in text[:room])
    return text[: sum(size <= room for size in sizes)].rstrip()


@lru_cache(maxsize=1024)  # the links of one mail share address and subject, those of all mails their bodies
def _encoded(text: str) -> str:
    return quote(text, safe="")
