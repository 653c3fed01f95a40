"""Waiting in time: one timer for all deadlines of a session (RELIABILITY C8)."""

import asyncio

import pytest

from maild.intake.smtp_patience import DeadlineError, Patience
from tests.intake.jumping_loop import JumpingLoop, run


def in_time(loop: JumpingLoop, seconds: float) -> "asyncio.Future[str]":
    """Something that comes so much later."""
    coming: asyncio.Future[str] = loop.create_future()
    loop.call_later(seconds, lambda: coming.done() or coming.set_result("here"))
    return coming


def test_what_comes_in_time_is_given() -> None:
    async def waits(loop: JumpingLoop) -> str:
        return await Patience(loop).wait(in_time(loop, 9), loop.time() + 10)

    assert run(waits) == "here"


def test_what_does_not_come_is_given_up_at_the_deadline_and_not_before() -> None:
    async def waits(loop: JumpingLoop) -> float:
        began = loop.time()
        with pytest.raises(DeadlineError):
            await Patience(loop).wait(loop.create_future(), began + 10)
        return loop.time() - began

    assert run(waits) == pytest.approx(10)


@pytest.mark.parametrize("deadlines", [(10, 100), (100, 10), (100, 10, 50), (5, 5, 5)])
def test_each_wait_has_its_own_deadline_whatever_those_before_it_had(deadlines: tuple[int, ...]) -> None:
    async def waits(loop: JumpingLoop) -> float:
        patience = Patience(loop)
        for seconds in deadlines[:-1]:
            await patience.wait(in_time(loop, 1), loop.time() + seconds)
        began = loop.time()
        with pytest.raises(DeadlineError):
            await patience.wait(loop.create_future(), began + deadlines[-1])
        return loop.time() - began

    assert run(waits) == pytest.approx(deadlines[-1])


def test_a_thousand_quick_waits_need_one_timer() -> None:
    async def waits(loop: JumpingLoop) -> int:
        patience = Patience(loop)
        for _ in range(1000):
            coming: asyncio.Future[None] = loop.create_future()
            loop.call_soon(coming.set_result, None)
            await patience.wait(coming, loop.time() + 10)
        return loop.timers

    assert run(waits) == 1


def test_a_timer_that_rings_while_nothing_is_waited_for_does_no_harm() -> None:
    async def waits(loop: JumpingLoop) -> str:
        patience = Patience(loop)
        await patience.wait(in_time(loop, 1), loop.time() + 2)
        await asyncio.sleep(60)
        return await patience.wait(in_time(loop, 1), loop.time() + 2)

    assert run(waits) == "here"


def test_whoever_waits_can_be_told_to_stop_and_whoever_does_not_is_left_alone() -> None:
    async def waits(loop: JumpingLoop) -> str:
        patience = Patience(loop)
        patience.lose()
        loop.call_later(3, patience.lose)
        began = loop.time()
        with pytest.raises(DeadlineError):
            await patience.wait(loop.create_future(), began + 1000)
        assert loop.time() - began == pytest.approx(3)
        return await patience.wait(in_time(loop, 1), loop.time() + 2)

    assert run(waits) == "here"


def test_a_session_that_is_over_leaves_no_timer_behind() -> None:
    async def waits(loop: JumpingLoop) -> float:
        patience = Patience(loop)
        await patience.wait(in_time(loop, 1), loop.time() + 500)
        patience.end()
        began = loop.time()
        await asyncio.sleep(600)
        return loop.time() - began

    assert run(waits) == pytest.approx(600)
