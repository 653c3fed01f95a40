"""How long a session waits: one timer for all of its deadlines.

A timer for each read would be made and cancelled for every line of every client. Deadlines nearly always move later,
so this timer is left running to where an earlier one was, and looks only then how far the present one is.
"""

import asyncio
from typing import Any, TypeVar

T = TypeVar("T")


class DeadlineError(Exception):
    """The client was too slow, or we are shutting down."""


class Patience:
    """Of one session, which waits for one thing at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._waiter: asyncio.Future[Any] | None = None

    async def wait(self, waiter: "asyncio.Future[T]", deadline: float) -> T:
        """What the future brings. Raises DeadlineError when it does not come in time."""
        self._waiter, self._deadline = waiter, deadline
        if self._timer is None or self._timer.when() > deadline:
            self._set_timer()
        try:
            return await waiter
        finally:
            self._waiter = None

    def lose(self) -> None:
        """Waits no longer for what is waited for now, if anything is."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(DeadlineError())

    def end(self) -> None:
        """The session is over: no timer must keep it in memory."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self.end()
        self._timer = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiter is None:
            return
        if self._loop.time() >= self._deadline:
            self.lose()
        else:
            self._set_timer()
