"""The way out, as the deliverer sees it; `transport/` fills it."""

from collections.abc import Callable
from typing import Protocol


class Transport(Protocol):
    """Sends one mail to one recipient at a time; keeps its connection between calls; used by one thread."""

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """Hands `content` (CRLF lines, not dot-stuffed) over and returns the other side's last answer.

        `before_dot` is called once, before the last piece of the content leaves with the final dot. Raises
        TransientError (4yz: try this mail later), PermanentError (5yz), RelayError (the relay itself is unusable now)
        or AmbiguousError (connection lost or silent after the dot).
        """
        ...

    def close(self) -> None:
        """Says goodbye; never raises."""
        ...
