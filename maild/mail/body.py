"""Which parts of a mail are its text and which are files; the readable text of it all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from maild.mail.charset import decode, html_charset
from maild.mail.clean import clean_text
from maild.mail.containers import notes_on, unpacked
from maild.mail.files import attachment, found_file, given_name
from maild.mail.model import Attachment, Limits
from maild.mail.sanitise import within_limits, without_tags
from maild.mail.structure import Part
from maild.mail.text import html_to_text, tidy, unflow
from maild.mail.tnef import Tnef
from maild.mail.uuencoded import take_uuencoded

_BODY_TYPES = frozenset({"text/plain", "text/html"})
_STUB_LENGTH = 300
_STUB_RATIO = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One body part as text: for HTML the source stays beside it."""

    branch: int | None
    text: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """The readable side of a mail. `notes` is what its files say in words: an invitation, a sealed container."""

    text: str
    plain: str
    html: str
    notes: str
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]


def read_body(parts: tuple[Part, ...], source: bytes, limits: Limits) -> Body:
    """Text and files of a mail; every part that is not its text is a file."""
    bodies = _body_parts(parts)
    defects: list[str] = []
    inside: list[Attachment] = []
    pieces = [_piece(part, source, limits, defects, inside) for part in bodies]
    chosen = {id(part) for part in bodies}
    files = [
        attachment(part, source, number, limits)
        for number, part in enumerate(parts, 1)
        if id(part) not in chosen and not _other_wording(part)
    ] + inside
    files, hidden = unpacked(files)
    if hidden and not any(piece.text.strip() or piece.html for piece in pieces):
        pieces = _of_tnef(hidden)
    plain = "\n\n".join(piece.text for piece in pieces if piece.html is None and piece.text.strip())
    html = "\n".join(piece.html for piece in pieces if piece.html)
    text = "\n\n".join(text for piece in _shown(pieces) if (text := _readable(piece)))
    notes = notes_on(parts, files, says_something=bool(text.strip()))
    return Body(text, plain, html, notes, tuple(files), tuple(dict.fromkeys(defects)))


def _of_tnef(hidden: Tnef) -> list[Piece]:
    """The body that Outlook hid in winmail.dat, for a mail that has no other."""
    if hidden.html.strip():
        return [Piece(None, "", clean_text(hidden.html))]
    return [Piece(None, clean_text(hidden.text).strip("\n"))]


def _body_parts(parts: tuple[Part, ...]) -> list[Part]:
    plain = [part for part in parts if part.content_type in _BODY_TYPES and part.disposition != "attachment"]
    nameless = [part for part in plain if not given_name(part)]
    if nameless:
        return nameless
    if plain:
        return plain[:1]
    alone = parts[0].content_type if len(parts) == 1 else ""
    return [parts[0]] if alone.startswith("text/") and alone != "text/calendar" else []


def _other_wording(part: Part) -> bool:
    """One more form of the same text inside an alternative (AMP, enriched): nothing that a reader would miss."""
    return (
        part.branch is not None
        and part.within == "multipart/alternative"
        and part.content_type.startswith("text/")
        and part.content_type != "text/calendar"
        and not part.disposition
        and not given_name(part)
    )


def _piece(part: Part, source: bytes, limits: Limits, defects: list[str], inside: list[Attachment]) -> Piece:
    content = part.content(source)
    if len(content) > limits.text_bytes:
        defects.append(f"only the first {limits.text_bytes} bytes of a text are read")
        content = content[: limits.text_bytes]
    is_html = part.content_type == "text/html"
    charset = part.type_parameters.get("charset", "").split(" ")[0].strip("\"'") or None
    if charset is None and is_html:
        charset = html_charset(content)
    text, defect = decode(content, charset)
    if defect:
        defects.append(defect)
    text = clean_text(text)
    if is_html:
        return Piece(part.branch, "", text)
    if part.type_parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.type_parameters.get("delsp", "").lower())
    text, encoded = take_uuencoded(text)
    inside += [found_file(file.name, file.content) for file in encoded]
    return Piece(part.branch, text.strip("\n"))


def _shown(pieces: list[Piece]) -> list[Piece]:
    """Of each alternative the plain text, unless that is empty or only says that there is HTML."""
    plain: dict[int | None, int] = {}
    for piece in pieces:
        if piece.html is None and piece.branch is not None:
            plain[piece.branch] = plain.get(piece.branch, 0) + len(piece.text.strip())
    html = {
        piece.branch
        for piece in pieces
        if piece.html is not None and _says_more(piece.html, plain.get(piece.branch, 0))
    }
    return [piece for piece in pieces if piece.branch is None or (piece.html is not None) == (piece.branch in html)]


def _says_more(html: str, plain_length: int) -> bool:
    if not plain_length:
        return True
    if plain_length > _STUB_LENGTH or len(html) < plain_length * _STUB_RATIO:
        return False
    return len(re.sub(r"\s+", " ", visible_text(html))) > max(200, plain_length * _STUB_RATIO)


def _readable(piece: Piece) -> str:
    return visible_text(piece.html) if piece.html is not None else piece.text


def visible_text(html: str) -> str:
    """The text of HTML, by the parser where its limits allow."""
    return clean_text(html_to_text(html) if within_limits(html) else tidy(without_tags(html)))


def types_of(parts: Iterable[Part]) -> frozenset[str]:
    """The content types that occur."""
    return frozenset(part.content_type for part in parts)
