"""Several relays in the order of the config: when one is unusable the next one is tried (SPEC OUT-4)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from maild.errors import RelayError
from maild.outbox.backoff import RateReached
from maild.outbox.transport import Transport

RESTS = (5.0, 30.0, 120.0, 300.0)


@dataclass(slots=True)
class Route:
    """A relay, and until when it is not asked first."""

    relay: Transport
    failures: int = 0
    rests_until: float = 0.0


class Failover:
    """Hands a mail to the first relay that is usable. Only a relay's own failure, or its limit, moves on: a refusal is
    an answer. One that failed rests, so that not every mail waits for it; it is asked again when no other is usable."""

    def __init__(self, relays: tuple[Transport, ...], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._routes = tuple(Route(relay) for relay in relays)
        self._monotonic = monotonic

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """See `Transport.send`; RelayError only when every relay is unusable."""
        problems: list[RelayError] = []
        for route in self._in_turn():
            try:
                reply = route.relay.send(mail_from, rcpt_to, content, before_dot)
            except RelayError as error:
                problems.append(error)
                self._judge(route, error)
            else:
                route.failures = 0
                return reply
        raise _of_all(problems)

    def close(self) -> None:
        """Says goodbye to all."""
        for route in self._routes:
            route.relay.close()

    def _in_turn(self) -> list[Route]:
        """In order, those that rest behind the others."""
        now = self._monotonic()
        return sorted(self._routes, key=lambda route: route.rests_until > now)

    def _judge(self, route: Route, error: RelayError) -> None:
        if not isinstance(error, RateReached):
            route.rests_until = self._monotonic() + RESTS[min(route.failures, len(RESTS) - 1)]
            route.failures += 1


def _of_all(problems: list[RelayError]) -> RelayError:
    """Only where nothing but limits stands in the way it is known how long to wait."""
    words = "; ".join(str(each) for each in problems)
    waits = [each.wait for each in problems if isinstance(each, RateReached)]
    return RateReached(words, min(waits)) if waits and len(waits) == len(problems) else RelayError(words)
