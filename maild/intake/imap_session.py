"""What the poller's loop asks of one IMAP connection; `imap.py` fills it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from maild.errors import TransientError


class ConnectionLostError(TransientError):
    """The line is gone, silent, or speaks nonsense: only a new connection helps."""


class LoginRefusedError(TransientError):
    """The server knows us not, or not now. An account is never disabled for it."""


class CommandRefusedError(TransientError):
    """The server answered NO or BAD to one command; the line stands."""


class UnfetchableError(TransientError):
    """This one mail can't be had now; others can."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A selected folder. `uidvalidity` None: UIDs mean nothing after this connection (RFC 3501 2.3.1.1)."""

    uidvalidity: int | None
    uidnext: int | None
    exists: int
    writable: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What is asked before a mail is fetched. `size` is the server's claim, some only estimate it; None: not said."""

    size: int | None
    arrived: datetime | None


class Session(Protocol):
    """One logged-in connection, used by one thread. All may raise ConnectionLostError or CommandRefusedError."""

    def select(self) -> Selected:
        """Opens the folder anew: fresh UIDVALIDITY, UIDNEXT and count."""
        ...

    def uids(self, first: int, last: int | None, since: date | None = None) -> Sequence[int]:
        """UIDs that exist from `first` to `last` (None: to the end), ascending."""
        ...

    def highest(self) -> int:
        """The highest UID in the folder."""
        ...

    def measure(self, uid: int) -> Measured | None:
        """Size and arrival, None when the server says nothing about this UID."""
        ...

    def body(self, uid: int, size: int | None) -> bytes:
        """The whole mail; \\Seen stays as it is. Raises UnfetchableError."""
        ...

    def header(self, uid: int) -> bytes:
        """The header block, cut off when it is huge. Raises UnfetchableError."""
        ...

    def finish(self, uids: Sequence[int]) -> Mapping[int, str]:
        """Flags, moves or deletes, as the account says; may be repeated. Gives those that the server refused to, with
        its words."""
        ...

    def finishes_together(self) -> bool:
        """False when a repeat does harm, so that few should ever be repeated."""
        ...

    def can_idle(self) -> bool:
        """True when the server offers IDLE (RFC 2177)."""
        ...

    def idle(self, stop: threading.Event, seconds: float) -> None:
        """Waits until something happens in the folder, `stop` is set or the time is over."""
        ...

    def close(self) -> None:
        """Says goodbye; never raises."""
        ...
