"""What a client says in AUTH (RFC 4954): base64, then the fields of PLAIN (RFC 4616)."""

import base64
import binascii
from dataclasses import dataclass, field

CANCEL = b"*"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and its password, which no repr shows."""

    username: str
    password: str = field(repr=False)


def decode_text(line: bytes) -> str | None:
    """The UTF-8 text in a base64 line; `=` alone is the empty text. None when unreadable."""
    try:
        return base64.b64decode(b"" if line == b"=" else line, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def plain_credentials(text: str | None) -> Credentials | None:
    """authzid NUL authcid NUL password; nobody may act for another."""
    fields = (text or "").split("\0")
    if len(fields) != 3 or fields[0] not in ("", fields[1]):
        return None
    return login_credentials(fields[1], fields[2])


def login_credentials(username: str | None, password: str | None) -> Credentials | None:
    """Both must be there."""
    return Credentials(username, password) if username and password else None
