"""`maildir:PATH`: mails as files, for trials and tests (tmp → fsync → new; the envelope stands on top)."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from maild.errors import PermanentError, RelayError
from maild.transport.options import TransportOptions

FOLDERS = ("tmp", "new", "cur")


class MaildirTransport:
    """A Maildir that takes every mail; `Return-Path` and `Delivered-To` tell the envelope (RFC 5321 4.4)."""

    def __init__(self, url: str, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        name = url.partition(":")[2]
        if not name.strip("/"):
            raise ValueError('a Maildir is written "maildir:FOLDER"')
        self._folder: Path = self._options.folder / name
        self._count = 0

    def __repr__(self) -> str:
        return f"MaildirTransport({self._folder})"

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """Returns once the file is durable under its final name."""
        envelope = _envelope(mail_from, rcpt_to)
        name = self._name()
        temporary = self._folder / "tmp" / name
        try:
            with self._errors_in_words():
                for folder in FOLDERS:
                    (self._folder / folder).mkdir(parents=True, exist_ok=True)
                _write(temporary, envelope + content)
            before_dot()
            with self._errors_in_words():
                temporary.rename(self._folder / "new" / name)
                _sync(self._folder / "new")
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        return f"250 2.0.0 kept as {name}"

    @contextlib.contextmanager
    def _errors_in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # full, read-only or gone: that concerns every mail
            raise RelayError(f"{self._folder}: {error.strerror or error}") from error

    def close(self) -> None:
        """Nothing stays open between mails."""

    def _name(self) -> str:
        self._count += 1
        seconds = int(self._options.clock().timestamp())
        host = self._options.helo.replace("/", "_").replace(":", "_")
        return f"{seconds}.P{os.getpid()}Q{self._count}R{secrets.token_hex(4)}.{host}"


def _envelope(mail_from: str, rcpt_to: str) -> bytes:
    lines = f"Return-Path: <{mail_from}>\r\nDelivered-To: {rcpt_to}\r\n"
    if not (mail_from + rcpt_to).isprintable():
        raise PermanentError("an envelope address has control characters")
    return lines.encode("utf-8")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """The new name is durable only with its folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
