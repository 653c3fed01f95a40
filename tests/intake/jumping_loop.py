"""An event loop whose time stands still while there is work, and jumps to the next timer when there is none."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Clock(selectors.DefaultSelector):
    """Waiting is what moves the time."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everything waits and no timer runs"
        self.now += max(0.0, timeout)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """`timers` counts what was asked for by `call_at`."""

    def __init__(self) -> None:
        self._clock = _Clock()
        self.timers = 0
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def spend(self, seconds: float) -> None:
        """Work that takes so long."""
        self._clock.now += seconds

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, **more: Any) -> asyncio.TimerHandle:  # type: ignore[override]
        self.timers += 1
        return super().call_at(when, callback, *args, **more)


def run(work: Callable[[JumpingLoop], Coroutine[Any, Any, T]]) -> T:
    """Runs it on such a loop of its own."""
    loop = JumpingLoop()
    try:
        return loop.run_until_complete(work(loop))
    finally:
        loop.close()
