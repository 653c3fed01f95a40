"""Several relays in the order of the config: when one is unusable the next one is tried (SPEC OUT-4)."""

from collections.abc import Callable

from maild.errors import RelayError
from maild.outbox.transport import Transport


class Failover:
    """Hands a mail to the first relay that is usable. Only a relay's own failure moves on: a refusal is an answer."""

    def __init__(self, relays: tuple[Transport, ...]) -> None:
        self._relays = relays

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """See `Transport.send`; RelayError only when every relay is unusable."""
        problems = []
        for relay in self._relays:
            try:
                return relay.send(mail_from, rcpt_to, content, before_dot)
            except RelayError as error:
                problems.append(str(error))
        raise RelayError("; ".join(problems))

    def close(self) -> None:
        """Says goodbye to all."""
        for relay in self._relays:
            relay.close()
