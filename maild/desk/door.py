"""What an edge may ask of the desk: is this recipient ours, is there room, keep these bytes."""

from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from maild.mail.envelope import Envelope


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

    def submit(self, source: bytes | Path, envelope: Envelope) -> "Future[int]":
        """Keep a mail. The future holds the number of its `inbound` row once it is durable.

        `source` is the mail's bytes, or the path of a complete file below `spool_folder()` that the desk takes over
        (and deletes). The future raises TransientError when the mail could not be kept: answer 451, pass no UID.
        """
        ...

    def spool_folder(self) -> Path:
        """Where an edge may stream a large mail before it hands it over; same file system as the blobs."""
        ...
