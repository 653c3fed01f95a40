"""MIME parts as bytes (RFC 2045, 2046): texts as 7bit, quoted-printable or base64, files as base64."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from maild.mail.clean import clean_text
from maild.mail.model import Attachment
from maild.outbox.fields import parameter

SHORT_LINE = 78
# Before or at these some program on the way writes a `>`, ends the part or drops a space: the encodings hide them.
_FRAGILE = (b"\r\nFrom ", b"\r\n--=_", b"\r\n.\r\n", b" \r\n")
_LONG = re.compile(rb"[^\n]{%d}" % (SHORT_LINE + 1))
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}\Z")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,300}\Z")
_OPAQUE = ("multipart/", "message/")  # RFC 2046 5.2.1 forbids base64 in these


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its header lines and what stands below the empty line."""

    header: tuple[str, ...]
    body: bytes

    def __bytes__(self) -> bytes:
        return "\r\n".join((*self.header, "", "")).encode("ascii") + self.body


def text_part(subtype: str, text: str) -> Part:
    """A text in UTF-8, always ended by a line end, in the shortest encoding that arrives unharmed."""
    raw = _clean(text).replace("\n", "\r\n").encode("utf-8")
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    encoding, body = _encoded(raw)
    return Part((f"Content-Type: text/{subtype}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"), body)


def _clean(text: str) -> str:
    """What is printable line by line is clean already: asked once, that costs a tenth of the cleaning."""
    return text if text.replace("\n", "").isprintable() else clean_text(text)


def _encoded(raw: bytes) -> tuple[str, bytes]:
    if raw.isascii() and not _LONG.search(raw) and not _is_fragile(raw):
        return "7bit", raw
    quoted = binascii.b2a_qp(raw, istext=True).replace(b"\nFrom ", b"\n=46rom ")
    if quoted.startswith(b"From "):
        quoted = b"=46" + quoted[1:]
    return ("quoted-printable", quoted) if len(quoted) <= len(raw) * 1.4 else ("base64", _base64(raw))


def _is_fragile(raw: bytes) -> bool:
    # The signature's mark `-- ` ends in a space on purpose: it stays readable where nothing else needs an encoding.
    lines = b"\r\n" + raw.replace(b"\r\n-- \r\n", b"\r\n\r\n")
    return any(mark in lines for mark in _FRAGILE)


def _base64(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")


def file_part(file: Attachment) -> Part:
    """A file of its own, to be saved or opened."""
    return Part((*_file_header(file, "attachment"), "Content-Transfer-Encoding: base64"), _base64(file.content))


def inline_part(file: Attachment) -> Part:
    """A picture inside the HTML, found by its Content-ID (RFC 2392)."""
    header = (*_file_header(file, "inline"), f"Content-ID: <{content_id(file)}>", "Content-Transfer-Encoding: base64")
    return Part(header, _base64(file.content))


def _file_header(file: Attachment, disposition: str) -> tuple[str, str]:
    kind = file.content_type.lower().strip()
    if not _TYPE.match(kind) or kind.startswith(_OPAQUE):
        kind = "application/octet-stream"
    name = parameter("filename", file.name) if file.name.strip() else ""
    return f"Content-Type: {kind}", f"Content-Disposition: {disposition}{name}"


def content_id(file: Attachment) -> str | None:
    """The Content-ID without brackets when it can be written as it is."""
    bare = (file.content_id or "").strip().removeprefix("<").removesuffix(">")
    return bare if _CONTENT_ID.match(bare) else None


def multipart(subtype: str, parts: Sequence[Part], boundary: str) -> Part:
    """Several parts as one. A boundary that begins with `=_` cannot occur in base64, in quoted-printable, nor in a text
    that was left as 7bit (see `_FRAGILE`)."""
    if len(parts) == 1:
        return parts[0]
    rule = f"--{boundary}".encode("ascii")
    body = b"".join(rule + b"\r\n" + bytes(part) + b"\r\n" for part in parts) + rule + b"--\r\n"
    return Part((f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"',), body)
