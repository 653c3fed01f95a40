"""What the listener's loop hands to the desk: together, as soon as the loop has read all that there is to read.

A commit of twenty mails costs little more than one of one. Its thread also takes Python's lock away from the loop: the
fewer commits there are while the loop is busy, the less both wait for each other.
"""

import asyncio
from collections.abc import Callable

# Under a load that leaves the loop no pause nobody waits longer than this for company.
PATIENCE_SECONDS = 0.01


class Handover:
    """Used by the loop's thread alone. `heard` counts what was read from clients, to know a pause by."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.heard = 0
        self._loop = loop
        self._calls: list[Callable[[], None]] = []
        self._until = 0.0
        self._heard_before = 0

    def put(self, call: Callable[[], None]) -> None:
        """To be made with those that follow at once. Must not raise."""
        self._calls.append(call)
        if len(self._calls) == 1:
            self._until = self._loop.time() + PATIENCE_SECONDS
            self._loop.call_soon(self._wait_one_round)

    def _wait_one_round(self) -> None:
        """The loop has looked at its sockets before this, and reads from those that have something to say after it."""
        self._heard_before = self.heard
        self._loop.call_soon(self._look)

    def _look(self) -> None:
        if self.heard != self._heard_before and self._loop.time() < self._until:
            self._wait_one_round()
            return
        calls, self._calls = self._calls, []
        for call in calls:
            call()
