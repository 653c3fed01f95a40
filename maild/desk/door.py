"""What an edge may ask of the desk: is this recipient ours, is there room, keep these bytes."""

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from maild.mail.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Spooled:
    """A mail that lies whole in a file below `Door.spool_folder()`; `size` in bytes."""

    path: Path
    sha256: str
    size: int


class SpoolFile(Protocol):
    """A file below `Door.spool_folder()` that holds a mail, or nearly all of it."""

    def complete(self) -> Spooled:
        """Writes what is missing and closes it: the desk's own now. May take as long as the disk does; raises OSError.
        Called once, by a thread that may wait."""
        ...


class Door(Protocol):
    """The desk as the intake edges see it. Every method is quick, thread-safe and never raises but where said."""

    def is_recipient(self, address: str) -> bool:
        """True for our addresses and their plus-forms; whole addresses are compared."""
        ...

    def is_blocked(self, address: str) -> bool:
        """True for a sender whose mail is refused in the dialogue (550 5.7.1)."""
        ...

    def has_room(self) -> bool:
        """False when disk or backlog call for 451 before DATA."""
        ...

    def login(self, username: str, password: str) -> str | None:
        """The agent's name when the password is right, None otherwise; constant time."""
        ...

    def submit(self, source: bytes | SpoolFile, envelope: Envelope) -> "Future[int]":
        """Keep a mail. The future holds the number of its `inbound` row once it is durable.

        `source` is the mail's bytes, or a file that the desk completes and takes over. The future raises
        TransientError when the mail could not be kept: answer 451, pass no UID.
        """
        ...

    def spool_folder(self) -> Path:
        """Where an edge may stream a large mail before it hands it over; same file system as the blobs."""
        ...
