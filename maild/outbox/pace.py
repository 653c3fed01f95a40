"""How many connections to the relays are worth their while: one more for every 50 ms that a mail takes.

A relay nearby answers sooner than Python writes the next mail. A second thread then only waits for the first one's
lock, and each mail costs a tenth more CPU of the whole way. One that is far away or thinks leaves time for others.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WORTH_SECONDS = 0.05
SHARE_OF_THE_NEWEST = 0.2


class Pace:
    """How long a mail takes, told by all connections of a process; safe to use from their threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._usual = 0.0
        self._begun: dict[int, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def mail(self, place: int) -> Iterator[None]:
        """Around the making and sending of one mail over the connection of this place, counted from 0."""
        with self._lock:
            begun = self._begun[place] = self._monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._begun[place]
                self._usual += (self._monotonic() - begun - self._usual) * SHARE_OF_THE_NEWEST

    def wants(self, place: int) -> bool:
        """Shall the connection of this place send? The first always; a mail that hangs counts as long as it does."""
        if place == 0:
            return True
        with self._lock:
            hanging = self._monotonic() - min(self._begun.values()) if self._begun else 0.0
            return max(self._usual, hanging) >= place * WORTH_SECONDS
