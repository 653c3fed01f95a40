"""Header fields from bytes, within limits and in linear time: unfolding, RFC 2047 words, RFC 2231 parameters.

Ours instead of the stdlib's: `policy.default` is quadratic (python/cpython#136063), compat32 stops at any odd line.
"""

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from maild.mail.charset import codec_of, decode, decode_western
from maild.mail.clean import clean_line
from maild.mail.model import Limits

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
# An encoded word; up to three stray `?` inside are forgiven, which keeps the search linear (RFC 2047 section 2).
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,3})\?=")
_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,100})\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;]*)", re.DOTALL)
_MESSAGE_ID = re.compile(r"<([^<>]{1,1200})>")
_CHARSET = re.compile(rb"charset\s{0,9}=\s{0,9}\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_MAX_ID = 998
_HIGH = bytes(range(128, 256))
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order, names in lower case, values unfolded but not decoded."""

    fields: tuple[tuple[str, str], ...]
    body_start: int
    defects: tuple[str, ...] = ()
    index: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def all(self, name: str) -> list[str]:
        """Every value of a field, in order."""
        return self.index.get(name, [])

    def first(self, name: str) -> str:
        """The first value, empty when the field is absent."""
        values = self.index.get(name)
        return values[0] if values else ""

    def text(self, name: str) -> str:
        """The first value with its encoded words decoded, as one clean line."""
        value = self.first(name)
        return clean_line(decode_words(value)) if value else ""


def parse_headers(source: bytes, start: int, end: int, limits: Limits) -> Headers:
    """The header block that begins at `start`; what exceeds the limits is left out and named (RELIABILITY D3)."""
    defects: list[str] = []
    lines, body_start = _lines(source, start, end, limits, defects)
    raw = [(name.lower(), value) for name, value in _fields(lines, limits, defects)]
    charset = _charset(raw)
    fields = [(name, _to_text(name, value, charset, limits, defects)) for name, value in raw]
    index: dict[str, list[str]] = {}
    for name, value in fields:
        index.setdefault(name, []).append(value)
    return Headers(tuple(fields), body_start, tuple(dict.fromkeys(defects)), index)


def _lines(source: bytes, start: int, end: int, limits: Limits, defects: list[str]) -> tuple[list[bytes], int]:
    """The lines of the block and where the body begins: after the blank line, or at the first line that is no field."""
    lines: list[bytes] = []
    at = start
    while at < end:
        if at - start > limits.header_bytes:
            defects.append(f"header block is larger than {limits.header_bytes} bytes")
            return lines, _blank_line(source, at, end)
        stop = source.find(b"\n", at, end)
        after = end if stop < 0 else stop + 1
        line = source[at : min(after, at + limits.header_bytes)].rstrip(b"\r\n")
        if not line:
            return lines, after
        if not line[:1].isspace() and not _FIELD.match(line):
            if not lines and line.startswith((b"From ", b">From ")):
                at = after
                continue
            defects.append("header block ends without a blank line")
            return lines, at
        lines.append(line)
        at = after
    return lines, end


def _blank_line(source: bytes, at: int, end: int) -> int:
    found = [place + len(mark) for mark in (b"\n\r\n", b"\n\n") if (place := source.find(mark, at - 1, end)) >= 0]
    return min(found, default=end)


def _fields(lines: Iterable[bytes], limits: Limits, defects: list[str]) -> list[tuple[str, bytes]]:
    found: list[tuple[str, list[bytes]]] = []
    for line in lines:
        if line[:1].isspace():
            if found:
                found[-1][1].append(line)
            continue
        if len(found) >= limits.header_fields:
            defects.append(f"more than {limits.header_fields} header fields")
            break
        match = _FIELD.match(line)
        if match:
            found.append((match.group(1).decode("ascii"), [line[match.end() :]]))
    return [(name, b"".join(pieces).strip()) for name, pieces in found]


def _charset(fields: Iterable[tuple[str, bytes]]) -> str | None:
    """The charset of the mail's text: what its raw 8-bit header fields are most likely in too."""
    value = next((value for name, value in fields if name == "content-type"), b"")
    found = _CHARSET.search(value[:2000])
    return found.group(1).decode("ascii") if found else None


def _to_text(name: str, value: bytes, charset: str | None, limits: Limits, defects: list[str]) -> str:
    if len(value) > limits.field_bytes:
        defects.append(f"a header field is larger than {limits.field_bytes} bytes")
        value = value[: limits.field_bytes]
    if value.isascii() and (name != "subject" or b"=?" in value):
        return value.decode("ascii")
    text = decode(value, charset)[0] if codec_of(charset or "") else decode(value, None)[0]
    # Of a subject only people take notice. Elsewhere no charset may make or hide an `@` or a `<` (RELIABILITY D10).
    return text if name == "subject" or _ascii_of(text) == _low_bytes(value) else decode_western(value)


def _ascii_of(text: str) -> bytes:
    return text.encode("ascii", "ignore")


def _low_bytes(value: bytes) -> bytes:
    return value.translate(None, delete=_HIGH)


def decode_words(value: str) -> str:
    """A field value with RFC 2047 words decoded, neighbours joined as bytes first so that split characters heal."""
    if "=?" not in value:
        return value
    out: list[str] = []
    pending: list[bytes] = []
    charset, end = "", 0
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        joins = bool(pending) and not between.strip()
        if not joins or match.group(1).lower() != charset:
            out.append(_flush(pending, charset))
        if not joins:
            out.append(between)
        charset, end = match.group(1).lower(), match.end()
        pending.append(_word_bytes(match.group(2), match.group(3)))
    out.append(_flush(pending, charset))
    out.append(value[end:])
    return "".join(out)


def _flush(pending: list[bytes], charset: str) -> str:
    text = decode(b"".join(pending), charset)[0] if pending else ""
    pending.clear()
    return text


def _word_bytes(encoding: str, data: str) -> bytes:
    raw = data.encode("utf-8", "replace")
    if encoding in "bB":
        return base64_bytes(raw)
    return binascii.a2b_qp(raw.replace(b"\n", b" "), header=True)


def base64_bytes(raw: bytes) -> bytes:
    """Base64 forgiven: foreign characters are skipped, a missing or broken end is cut."""
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        pass
    # `translate`, not a regular expression: that would hold a list of millions of pieces.
    kept = raw.translate(None, delete=_NOT_BASE64)
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=utf-8` → the bare value in lower case and its parameters, pieces joined (RFC 2231)."""
    head, mark, _ = value.partition(";")
    bare = head.partition("(")[0].strip().lower()
    if not mark:
        return bare, {}
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(value, len(head)):
        name, text = match.group(1).lower(), _unquoted(match.group(2))
        base, star, rest = name.partition("*")
        if star:
            number = rest.rstrip("*")
            place = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
            pieces.setdefault(base, {}).setdefault(place, (text, name.endswith("*")))
        else:
            found.setdefault(name, text)
    for base, parts in pieces.items():
        found[base] = _continued(parts)
    return bare, found


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.strip('"')


def _continued(parts: dict[int, tuple[str, bool]]) -> str:
    charset = "utf-8"
    raw = b""
    for place in sorted(parts):
        text, encoded = parts[place]
        if encoded and place == min(parts) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return decode(raw, charset or "utf-8")[0]


def message_ids(value: str) -> list[str]:
    """The Message-IDs of a field as `<...>` without inner white space, at most 998 bytes each (RELIABILITY D15)."""
    found = ["".join(inner.split()) for inner in _MESSAGE_ID.findall(value)]
    if not found and value.strip() and "@" in value and len(value.split()) == 1:
        found = [value.strip().strip("<>")]
    return [
        f"<{clean_line(inner)}>" for inner in found if inner and len(inner.encode("utf-8", "replace")) <= _MAX_ID - 2
    ]


def token(value: str) -> str:
    """The first word of a structured field (`Auto-Submitted`, `Precedence`), lower case, no comments or parameters."""
    words = strip_comments(value).partition(";")[0].lower().split()
    return words[0] if words else ""


def strip_comments(value: str) -> str:
    """A structured field without its comments, however deep they nest (RFC 5322 3.2.2)."""
    if "(" not in value:
        return value
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif char == "(" and not quoted:
            depth += 1
            continue
        elif char == ")" and depth:
            depth -= 1
            out.append(" ")
            continue
        if not depth:
            out.append(char)
    return "".join(out)
