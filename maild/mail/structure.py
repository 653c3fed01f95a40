"""The parts of a mail as byte ranges, by an iterative walk that nothing a stranger sends can make deep or long.

Ranges of the one source instead of stdlib `Message` objects: 1,000 nested parts end that parser in RecursionError,
200,000 empty ones cost it 50 s (RELIABILITY D1, D2). `message/*` is never entered: it is a file of this mail.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from maild.mail.headers import Headers, base64_bytes, parameters, parse_headers
from maild.mail.model import Limits

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/\s]*=?[ \t]*=?\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf: its headers and where its body stands in the source. `branch` numbers the alternative that it is in."""

    headers: Headers
    content_type: str
    type_parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    start: int
    end: int
    within: str
    branch: int | None

    def raw(self, source: bytes) -> bytes:
        """The body as it stands in the mail."""
        return source[self.start : self.end]

    def content(self, source: bytes) -> bytes:
        """The body, its transfer encoding undone as far as it can be."""
        encoding = self.headers.first("content-transfer-encoding").strip("\"' ;").lower()
        return _decoded(self.raw(source), encoding, self.content_type)


@dataclass(frozen=True, slots=True)
class Structure:
    """All leaves in reading order."""

    parts: tuple[Part, ...]
    root_type: str
    root_parameters: dict[str, str]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    start: int
    end: int
    depth: int
    default_type: str
    within: str
    branch: int | None
    headers: Headers | None = None


def walk(source: bytes, headers: Headers, limits: Limits) -> Structure:
    """The structure of a mail whose own headers are already read."""
    parts: list[Part] = []
    defects: list[str] = []
    branches = 0
    root_type, root_parameters = _media_type(headers, "text/plain")
    stack = [_Open(headers.body_start, len(source), 0, "text/plain", "", None, headers)]
    while stack:
        item = stack.pop()
        own = item.headers or parse_headers(source, item.start, item.end, limits)
        kind, given = _media_type(own, item.default_type)
        children: list[tuple[int, int]] = []
        if kind.startswith("multipart/") and item.depth < limits.depth:
            room = limits.parts - len(parts) - len(stack)
            children = _children(source, own.body_start, item.end, given.get("boundary", ""), room, defects)
        elif kind.startswith("multipart/"):
            defects.append(f"parts nested more than {limits.depth} deep are kept as one file")
        if not children:
            parts.append(_leaf(own, kind, given, item))
            continue
        if kind == "multipart/alternative" and item.branch is None:
            branches += 1
        branch = branches if kind == "multipart/alternative" and item.branch is None else item.branch
        inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        stack.extend(_Open(a, b, item.depth + 1, inner, kind, branch) for a, b in reversed(children))
    return Structure(tuple(parts), root_type, root_parameters, tuple(dict.fromkeys(defects)))


def _media_type(headers: Headers, default: str) -> tuple[str, dict[str, str]]:
    kind, given = parameters(headers.first("content-type"))
    if kind == "text":
        return "text/plain", given
    return (kind, given) if _MEDIA_TYPE.fullmatch(kind) else (default, given)


def _leaf(headers: Headers, kind: str, given: dict[str, str], item: _Open) -> Part:
    disposition, more = parameters(headers.first("content-disposition"))
    if kind.startswith("multipart/"):
        # A container whose parts can't be found reads as text; one that is too deep is a file.
        kind = "application/octet-stream" if item.depth else "text/plain"
    return Part(headers, kind, given, disposition, more, headers.body_start, item.end, item.within, item.branch)


def _children(
    source: bytes, start: int, end: int, boundary: str, room: int, defects: list[str]
) -> list[tuple[int, int]]:
    """The ranges between the boundary lines of one container (RFC 2046 5.1.1); the last one may lack its end."""
    mark = (
        b"--" + boundary.rstrip().encode("utf-8", "replace") if boundary.strip() else _first_dashes(source, start, end)
    )
    if len(mark) < 3:
        return []
    found: list[tuple[int, int]] = []
    inside: int | None = None
    for place, after, closing in _boundary_lines(source, start, end, mark):
        if inside is not None:
            found.append((inside, max(inside, _before_line_end(source, place))))
        inside = None if closing else after
        if closing:
            break
        if len(found) >= room:
            defects.append("more parts than allowed; the rest stands only in the kept original")
            inside = None
            break
    if inside is not None:
        found.append((inside, end))
    return found


def _boundary_lines(source: bytes, start: int, end: int, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    at = source.find(mark, start, end)
    while at >= 0:
        stop = source.find(b"\n", at, end)
        after = end if stop < 0 else stop + 1
        if at == start or source[at - 1 : at] == b"\n":
            rest = source[at + len(mark) : min(after, at + len(mark) + 200)].rstrip()
            if rest in (b"", b"--"):
                yield at, after, rest == b"--"
        at = source.find(mark, max(after, at + 1) if after > at else end, end)


def _before_line_end(source: bytes, place: int) -> int:
    if source[place - 2 : place] == b"\r\n":
        return place - 2
    return place - 1 if source[place - 1 : place] == b"\n" else place


def _first_dashes(source: bytes, start: int, end: int) -> bytes:
    """The boundary of a container that names none: its first line that begins with two dashes and a word."""
    window = source[start : min(end, start + 4096)]
    match = re.search(rb"(?:^|\n)(--[^\s-][^\s]{3,80})\r?\n", window)
    return match.group(1) if match else b""


def _decoded(raw: bytes, encoding: str, kind: str) -> bytes:
    if encoding in ("base64", "b"):
        return _base64_body(raw, kind)
    if encoding in ("quoted-printable", "q"):
        return binascii.a2b_qp(raw)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return uudecode(raw)
    return raw


def _base64_body(raw: bytes, kind: str) -> bytes:
    """Base64 lines; a footer that a list server appended in clear text is kept behind a text (RFC 2045 6.8)."""
    if not kind.startswith("text/"):
        return base64_bytes(raw)
    run = _BASE64_RUN.match(raw)
    reach = run.end() if run else 0
    if reach < len(raw):
        line = raw.rfind(b"\n", 0, reach) + 1
        reach = reach if raw[:reach].rstrip().endswith(b"=") else line
        return base64_bytes(raw[:reach]) + b"\n" + raw[reach:]
    return base64_bytes(raw)


def uudecode(raw: bytes) -> bytes:
    """The file inside `begin … end` lines; broken lines are skipped."""
    out: list[bytes] = []
    lines = raw.splitlines()
    begun = next((n + 1 for n, line in enumerate(lines) if line.startswith(b"begin ")), 0)
    for line in lines[begun:]:
        if line.strip() == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
