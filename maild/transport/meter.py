"""The limit of a relay: never more mails than it allows in any span of time, over all connections of this process."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from maild.outbox.backoff import Rate, RateReached
from maild.outbox.transport import Transport

AT_ONCE = timedelta()


class Meter:
    """Remembers when the last mails left: a sliding window, since a bucket lets twice its rate pass at the turn of one.

    What left before a restart is forgotten.
    """

    def __init__(self, rate: Rate, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._monotonic = monotonic
        self._left: deque[float] = deque(maxlen=rate.count)
        self._lock = threading.Lock()

    def take(self) -> timedelta:
        """`AT_ONCE` when one more mail may leave, which is counted then; else how long it has to wait."""
        with self._lock:
            now = self._monotonic()
            if len(self._left) == self.rate.count and self._left[0] + self.rate.span.total_seconds() > now:
                return timedelta(seconds=self._left[0] - now) + self.rate.span
            self._left.append(now)
            return AT_ONCE


class Metered:
    """A relay with its limit. What it refuses counts as well: relays count attempts."""

    def __init__(self, relay: Transport, meter: Meter) -> None:
        self._relay = relay
        self._meter = meter

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """See `Transport.send`; RateReached when the mail has to wait."""
        wait = self._meter.take()
        if wait > AT_ONCE:
            raise RateReached(f"the relay's limit is reached: {self._meter.rate}", wait)
        return self._relay.send(mail_from, rcpt_to, content, before_dot)

    def close(self) -> None:
        """Says goodbye."""
        self._relay.close()
