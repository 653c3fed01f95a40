"""Files that old programs wrote into the text itself, between `begin 644 name` and `end` (POSIX uuencode)."""

import binascii
import re
from dataclasses import dataclass

_BEGIN = re.compile(r"begin [0-7]{3,4} (\S[^\n]{0,200})")
_MAX_FILES = 100


@dataclass(frozen=True, slots=True)
class Uuencoded:
    """One such file."""

    name: str
    content: bytes


def take_uuencoded(text: str) -> tuple[str, list[Uuencoded]]:
    """The text without such files, and the files; a block that is torn or only looks like one stays text."""
    if "begin " not in text:
        return text, []
    kept: list[str] = []
    files: list[Uuencoded] = []
    lines = text.split("\n")
    tried_until = at = 0
    while at < len(lines):
        match = _BEGIN.fullmatch(lines[at].rstrip()) if at >= tried_until and len(files) < _MAX_FILES else None
        content, after = _file(lines, at + 1) if match else (None, at)
        if match is None or content is None:
            kept.append(lines[at])
            # What was tried in vain is not tried again: each line is looked at twice at most.
            tried_until = max(tried_until, after)
            at += 1
            continue
        files.append(Uuencoded(match.group(1).strip(), content))
        at = after
    return "\n".join(kept), files


def _file(lines: list[str], at: int) -> tuple[bytes | None, int]:
    """The content of the lines up to `end` and the line after it; None and how far it got when they are none."""
    pieces: list[bytes] = []
    for place in range(at, len(lines)):
        line = lines[place].rstrip("\r")
        if line.strip() == "end":
            return (b"".join(pieces) if pieces else None), place + 1
        if not line.strip(" `"):
            continue
        piece = _decoded(line)
        if piece is None:
            return None, place
        pieces.append(piece)
    return None, len(lines)


def _decoded(line: str) -> bytes | None:
    """One line: a letter for its length, four letters for each three bytes; blanks at the end may be lost."""
    if not line.isascii() or len(line) > 90:
        return None
    size = (ord(line[0]) - 32) & 63
    needed = 1 + (size + 2) // 3 * 4
    if not 32 <= ord(line[0]) <= 96 or len(line) > needed + 3:
        return None
    try:
        return binascii.a2b_uu(line[:needed].ljust(needed).encode("ascii"))
    except binascii.Error:
        return None
