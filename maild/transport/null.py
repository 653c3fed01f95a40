"""`null:`: takes every mail and keeps none; for trials in which nobody may be written to."""

from collections.abc import Callable


class NullTransport:
    """Mails end here."""

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """Takes the mail and forgets it."""
        before_dot()
        return "250 2.0.0 taken and forgotten (null:)"

    def close(self) -> None:
        """Nothing was opened."""
