"""Mails from stdin, single files, mbox (RFC 4155, mboxrd) and Maildir, as the bytes they are (IN-3)."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from maild.errors import PermanentError, TransientError

# sysexits(3), which every mail server's pipe understands.
EX_OK = 0
EX_USAGE = 64
EX_DATAERR = 65
EX_TEMPFAIL = 75

STDIN = "-"
FROM = b"From "
LINE_BYTES = 65_536
MESSAGE_BYTES = 64 * 1024 * 1024

Refuse = Callable[[str, str], None]
Named = tuple[str, bytes]


def stop_at_once(name: str, words: str) -> None:
    """What happens to a mail that can't be taken unless the caller has a better idea."""
    raise PermanentError(f"{name}: {words}")


def read_files(
    paths: Sequence[str | Path],
    stdin: BinaryIO,
    *,
    max_bytes: int = MESSAGE_BYTES,
    refuse: Refuse = stop_at_once,
) -> Iterator[Named]:
    """Names and mails, one in memory at a time. No path, or `-`, is stdin: always exactly one mail.

    Raises PermanentError for a path that is no mail, before the first mail is given, and TransientError when reading
    fails. A mail above `max_bytes` goes to `refuse`, by name and reason.
    """
    readers = [_reader(str(path), stdin) for path in paths or [STDIN]]
    for reader in readers:
        try:
            yield from reader(max_bytes, refuse)
        except OSError as err:
            raise TransientError(f"{err.filename or 'stdin'} can't be read: {err.strerror}") from err


Reader = Callable[[int, Refuse], Iterator[Named]]


def _reader(path: str, stdin: BinaryIO) -> Reader:
    """The kind of a path is decided before anything is read in: a wrong word in a command leaves no half done."""
    if path == STDIN:
        return lambda most, refuse: _single("stdin", stdin, most, refuse)
    place = Path(path)
    if place.is_dir():
        names = _folder(place)
        return lambda most, refuse: _each(names, most, refuse)
    if not place.is_file():
        raise PermanentError(f"{path}: no such file or folder")
    return lambda most, refuse: _file(place, most, refuse)


def _file(place: Path, most: int, refuse: Refuse) -> Iterator[Named]:
    """A file that begins with `From ` is an mbox, unless its name says that it is one mail."""
    with place.open("rb") as stream:
        many = place.suffix.lower() != ".eml" and stream.read(len(FROM)) == FROM
        stream.seek(0)
        yield from (_mbox if many else _single)(str(place), stream, most, refuse)


def _single(name: str, stream: BinaryIO, most: int, refuse: Refuse) -> Iterator[Named]:
    """One mail. Only a leading `From ` line is taken off, as pipes of mail servers put it there.

    A pipe is never split at `From ` lines: whoever writes such a line into a body would send a second mail of his own
    making, with headers that no server has seen.
    """
    content = stream.read(most + LINE_BYTES + 1)
    if content.startswith(FROM):
        content = content.partition(b"\n")[2]
    if len(content) > most:
        refuse(name, f"larger than {most} bytes")
    elif not content.strip():
        refuse(name, "empty, no mail")
    else:
        yield name, content


def _folder(place: Path) -> list[Path]:
    """Files of a Maildir (oldest first, by the time that leads each name), or the .eml files of a plain folder."""
    if (place / "cur").is_dir() and (place / "new").is_dir():
        found = [*_visible(place / "cur"), *_visible(place / "new")]
        return sorted(found, key=lambda path: (_delivered(path.name), path.name))
    found = sorted(path for path in _visible(place) if path.suffix.lower() == ".eml")
    if not found:
        raise PermanentError(f"{place}: neither a Maildir (cur and new) nor a folder with .eml files")
    return found


def _visible(place: Path) -> Iterator[Path]:
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.is_file() and not entry.name.startswith("."):
                yield Path(entry.path)


def _delivered(name: str) -> int:
    seconds = name.partition(".")[0]
    return int(seconds) if seconds.isdecimal() and len(seconds) < 16 else 0


def _each(places: list[Path], most: int, refuse: Refuse) -> Iterator[Named]:
    for place in places:
        now_at = place if place.exists() else _moved(place)
        if now_at is None:  # removed by its owner meanwhile
            continue
        with now_at.open("rb") as stream:
            yield from _single(str(now_at), stream, most, refuse)


def _moved(place: Path) -> Path | None:
    """A reader of the Maildir moves files from new to cur and adds flags to their names."""
    unique = place.name.partition(":")[0]
    return next((path for path in _visible(place.parent.parent / "cur") if path.name.startswith(unique)), None)


def _mbox(name: str, stream: BinaryIO, most: int, refuse: Refuse) -> Iterator[Named]:
    mail = _Growing(f"{name}#1", most)
    number, after_blank, whole = 0, True, True
    while line := stream.readline(LINE_BYTES):
        if whole and after_blank and is_separator(line, first=number == 0):
            if number:
                yield from mail.close(refuse)
            number += 1
            mail = _Growing(f"{name}#{number}", most)
        else:
            mail.add(unquoted(line) if whole else line)
        after_blank = whole and line in (b"\n", b"\r\n")
        whole = line.endswith(b"\n")
    yield from mail.close(refuse)


def is_separator(line: bytes, *, first: bool = False) -> bool:
    """`From sender Sat Nov 21 09:30:00 2026`: with time and year, so that a sentence splits nothing."""
    if not line.startswith(FROM):
        return False
    words = line.split()
    timed = any(word.count(b":") in (1, 2) and word.replace(b":", b"").isdigit() for word in words)
    dated = any(len(word) == 4 and word.isdigit() for word in words)
    return first or (timed and dated)


def unquoted(line: bytes) -> bytes:
    """mboxrd: `>From ` was `From `, `>>From ` was `>From `."""
    return line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(FROM) else line


class _Growing:
    """One mail of an mbox while it is read; beyond the bound only its size grows."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._content = bytearray()
        self._size = 0

    def add(self, line: bytes) -> None:
        self._size += len(line)
        if self._size <= self._most + 2:
            self._content += line

    def close(self, refuse: Refuse) -> Iterator[Named]:
        """Without the blank line that ends a mail in an mbox."""
        content = bytes(self._content)
        for blank in (b"\r\n\r\n", b"\n\n"):
            if content.endswith(blank):
                content = content[: -len(blank) // 2]
                break
        if self._size > self._most + 2:
            refuse(self._name, f"larger than {self._most} bytes")
        elif not content.strip():
            refuse(self._name, "empty, no mail")
        else:
            yield self._name, content
