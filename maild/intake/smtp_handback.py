"""What other threads hand back to the listener's loop: the first of many wakes it, and it takes all that lies there.

A group commit ends the waiting of many sessions at once; `asyncio.wrap_future` would wake the loop for each of them.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class Handback:
    """Calls to be made in the loop's thread, in the order in which they were handed in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._calls: deque[Callable[[], None]] = deque()
        self._woken = False

    def put(self, call: Callable[[], None]) -> None:
        """By any thread. After the loop's end nobody waits for it any more."""
        self._calls.append(call)
        if not self._woken and not self._loop.is_closed():
            self._woken = True
            self._loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        # First this, then the calls: what is handed in meanwhile is either seen here or wakes again.
        self._woken = False
        try:
            while self._calls:
                self._calls.popleft()()
        finally:
            if self._calls:  # one that failed must not keep the others waiting
                self._loop.call_soon(self._take)
