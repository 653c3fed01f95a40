"""Outlook's `winmail.dat` opened ([MS-OXTNEF]): the files and the text that it hides, by one linear, bounded walk.

Ours instead of tnefparse: 48 bytes that claim five million values cost that 5 s and 700 MB, a claim of four billion
is as short; it slices the rest of the stream anew for each object and strips NULs from the ends of files.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from maild.mail.charset import decode

_SIGNATURE = 0x223E9F78
_MAX_ITEMS = 200
_MAX_OUT = 50 * 1024 * 1024
_MAX_PROPERTIES = 2000
_ATTACHMENT = 2

_BODY, _DATA, _TITLE = 0x800C, 0x800F, 0x8010
_NEW_FILE, _MESSAGE_PROPERTIES, _FILE_PROPERTIES, _CODEPAGE = 0x9002, 0x9003, 0x9005, 0x9007

_TEXT, _HTML, _INTERNET_CODEPAGE = 0x1000, 0x1013, 0x3FDE
_OBJECT, _SHORT_NAME, _LONG_NAME, _MIME_TYPE, _CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
_FIXED = {0x02: 4, 0x0B: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x01: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING, _UNICODE = 0x1E, 0x1F
_VARIABLE = frozenset({_STRING, _UNICODE, 0x0D, 0x102})
_MULTIPLE, _NAMED = 0x1000, 0x8000
# A message as attached object begins with the id of its interface; what follows is TNEF again.
_MESSAGE_OBJECT = bytes.fromhex("0703020000000000c000000000000046")


@dataclass(slots=True)
class TnefFile:
    """One file inside."""

    name: str = ""
    content: bytes = field(default=b"", repr=False)
    content_type: str = ""
    content_id: str | None = None


@dataclass(slots=True)
class Tnef:
    """What a `winmail.dat` held."""

    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str = ""


def open_tnef(content: bytes) -> Tnef | None:
    """The content of the stream; None when it is none, is torn, or holds more than it may: then it stays a file."""
    try:
        found = _opened(content)
    except (struct.error, UnicodeError, ValueError, LookupError):
        return None
    return found if found.files or found.text or found.html else None


def _opened(content: bytes) -> Tnef:
    if struct.unpack_from("<I", content)[0] != _SIGNATURE:
        raise ValueError("no TNEF signature")
    found, charset = Tnef(), "windows-1252"
    for level, name, data in _objects(content):
        if name == _CODEPAGE and len(data) >= 4:
            charset = _charset(struct.unpack_from("<I", data)[0], charset)
        elif name == _NEW_FILE:
            found.files.append(TnefFile())
        elif level == _ATTACHMENT and found.files:
            _tell_file(found.files[-1], name, data, charset)
        elif name == _BODY and not found.text:
            found.text = _string(data, charset)
        elif name == _MESSAGE_PROPERTIES:
            _tell_message(found, data, charset)
        if len(found.files) > _MAX_ITEMS:
            raise ValueError("too many files")
    found.files = [file for file in found.files if file.content]
    if sum(len(file.content) for file in found.files) > _MAX_OUT:
        raise ValueError("too large")
    return found


def _objects(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Level, name and data of each object in order; the last may be cut off."""
    at = 6
    while at + 11 <= len(content):
        level, name, _, size = struct.unpack_from("<BHHI", content, at)
        if level not in (1, _ATTACHMENT):
            raise ValueError("no TNEF object")
        yield level, name, content[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _tell_file(file: TnefFile, name: int, data: bytes, charset: str) -> None:
    if name == _TITLE:
        file.name = file.name or _string(data, charset)
    elif name == _DATA:
        file.content = data
    elif name == _FILE_PROPERTIES:
        values = dict(_properties(data, charset))
        file.name = _text_of(values, _LONG_NAME) or file.name or _text_of(values, _SHORT_NAME)
        file.content_type = _text_of(values, _MIME_TYPE).lower()
        file.content_id = _text_of(values, _CONTENT_ID).strip("<> ") or None
        inside = values.get(_OBJECT)
        if isinstance(inside, bytes) and inside.startswith(_MESSAGE_OBJECT):
            file.content, file.content_type = inside[len(_MESSAGE_OBJECT) :], "application/ms-tnef"
            file.name = f"{file.name or 'message'}.dat"


def _tell_message(found: Tnef, data: bytes, charset: str) -> None:
    values = dict(_properties(data, charset))
    page = values.get(_INTERNET_CODEPAGE)
    inner = _charset(struct.unpack("<I", page[:4])[0], charset) if isinstance(page, bytes) else charset
    html = values.get(_HTML, b"")
    found.html = found.html or (html if isinstance(html, str) else decode(html, inner)[0]).rstrip("\0")
    found.text = _text_of(values, _TEXT) or found.text


def _text_of(values: dict[int, str | bytes], name: int) -> str:
    value = values.get(name, "")
    return value.strip("\0 ") if isinstance(value, str) else ""


def _properties(data: bytes, charset: str) -> Iterator[tuple[int, str | bytes]]:
    """MAPI properties by their id, of several values the first; a torn or boasting list ends where it tears."""
    count, at = min(struct.unpack_from("<I", data)[0], _MAX_PROPERTIES), 4
    for _ in range(count):
        if at + 4 > len(data):
            return
        kind, name = struct.unpack_from("<HH", data, at)
        at = _after_name(data, at + 4) if name >= _NAMED else at + 4
        if kind & 0xFFF in _VARIABLE:
            first, at = _variable(data, at)
        elif kind & 0xFFF in _FIXED:
            first, at = _fixed(data, at, _FIXED[kind & 0xFFF], bool(kind & _MULTIPLE))
        else:
            return
        yield name, _value(first, kind & 0xFFF, charset)


def _after_name(data: bytes, at: int) -> int:
    (kind,) = struct.unpack_from("<I", data, at + 16)
    if kind == 0:
        return at + 24
    (size,) = struct.unpack_from("<I", data, at + 20)
    return int(at + 24 + _padded(size))


def _variable(data: bytes, at: int) -> tuple[bytes, int]:
    """Each value takes four bytes at least: more than the data can hold ends in `struct.error`."""
    (count,) = struct.unpack_from("<I", data, at)
    first, at = b"", at + 4
    for place in range(count):
        (size,) = struct.unpack_from("<I", data, at)
        if place == 0:
            first = data[at + 4 : at + 4 + size]
        at += 4 + _padded(size)
    return first, at


def _fixed(data: bytes, at: int, size: int, multiple: bool) -> tuple[bytes, int]:
    count = 1
    if multiple:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    return data[at : at + size], at + size * count


def _padded(size: int) -> int:
    return size + (-size % 4)


def _value(raw: bytes, kind: int, charset: str) -> str | bytes:
    if kind == _UNICODE:
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    return _string(raw, charset) if kind == _STRING else raw


def _string(raw: bytes, charset: str) -> str:
    return decode(raw.rstrip(b"\0"), charset)[0]


def _charset(page: int, otherwise: str) -> str:
    return {65001: "utf-8", 20127: "us-ascii", 28591: "iso-8859-1", 20866: "koi8-r", 50220: "iso-2022-jp", 932: "cp932",
            936: "gbk", 949: "cp949", 950: "cp950", 51932: "euc-jp"}.get(
        page, f"windows-{page}" if 1250 <= page <= 1258 else otherwise
    )  # fmt: skip
