"""What other threads hand back to the loop."""

import asyncio
import threading

import pytest

from maild.intake.smtp_handback import Handback


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts how often another thread wakes it."""

    woken = 0

    def call_soon_threadsafe(self, *args: object, **more: object) -> asyncio.Handle:  # type: ignore[override]
        self.woken += 1
        return super().call_soon_threadsafe(*args, **more)  # type: ignore[arg-type]


@pytest.fixture
def loop() -> CountingLoop:
    return CountingLoop()


def test_all_that_is_handed_in_before_the_loop_looks_wakes_it_once_and_keeps_its_order(loop: CountingLoop) -> None:
    handback, done = Handback(loop), []
    for number in range(100):
        handback.put(lambda number=number: done.append(number))  # type: ignore[misc]

    loop.call_soon(loop.stop)
    loop.run_forever()

    assert done == list(range(100)) and loop.woken == 1
    loop.close()


def test_nothing_is_lost_between_two_threads(loop: CountingLoop) -> None:
    handback, done = Handback(loop), []

    def hand_in(number: int) -> None:
        done.append(number)
        if len(done) == 4000:
            loop.stop()

    def give() -> None:
        for number in range(2000):
            handback.put(lambda: hand_in(number))  # noqa: B023 - called before or after, only counted

    givers = [threading.Thread(target=give) for _ in range(2)]
    for giver in givers:
        giver.start()
    loop.run_forever()

    for giver in givers:
        giver.join()
    assert len(done) == 4000
    loop.close()


def test_one_that_fails_does_not_keep_the_others_waiting(loop: CountingLoop) -> None:
    handback, done, errors = Handback(loop), [], []
    loop.set_exception_handler(lambda _loop, context: errors.append(context["exception"]))

    def fail() -> None:
        raise ValueError

    for call in (lambda: done.append(1), fail, lambda: done.append(2), loop.stop):
        handback.put(call)
    loop.run_forever()

    assert done == [1, 2] and [type(error) for error in errors] == [ValueError]
    loop.close()


def test_after_the_end_nobody_waits_any_more(loop: CountingLoop) -> None:
    loop.close()

    Handback(loop).put(lambda: None)

    assert loop.woken == 0
