"""What the listener hands to the desk: together, in the pauses of its loop, and soon even if there is no pause."""

import asyncio

from maild.intake.smtp_handover import PATIENCE_SECONDS, Handover
from tests.intake.jumping_loop import JumpingLoop, run


class Told:
    """The calls that were made, by their numbers."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def of(self, handover: Handover, number: int) -> None:
        """Hands over a call that tells this number."""
        handover.put(lambda: self.numbers.append(number))


async def a_round() -> None:
    """Until everything that was ready in the loop has run."""
    await asyncio.sleep(0)


def test_a_mail_that_comes_alone_is_handed_over_as_soon_as_the_loop_has_looked_for_more() -> None:
    async def alone(loop: JumpingLoop) -> tuple[list[int], float]:
        handover, told = Handover(loop), Told()
        told.of(handover, 1)
        began = loop.time()
        for _ in range(3):
            await a_round()
        return told.numbers, loop.time() - began

    assert run(alone) == ([1], 0.0)


def test_mails_that_end_while_clients_still_speak_are_handed_over_together_and_in_their_order() -> None:
    async def busy(loop: JumpingLoop) -> list[list[int]]:
        handover, told = Handover(loop), Told()
        seen = []
        for number in range(5):
            handover.heard += 1
            told.of(handover, number)
            await a_round()
            seen.append(list(told.numbers))
        for _ in range(3):
            await a_round()
        return [*seen, told.numbers]

    assert run(busy) == [[], [], [], [], [], [0, 1, 2, 3, 4]]


def test_clients_who_never_stop_speaking_hold_nobody_up_for_longer_than_patience() -> None:
    async def never_quiet(loop: JumpingLoop) -> float:
        handover, told = Handover(loop), Told()
        told.of(handover, 1)
        began = loop.time()
        while not told.numbers:
            handover.heard += 1
            loop.spend(PATIENCE_SECONDS / 20)
            await a_round()
        return loop.time() - began

    assert PATIENCE_SECONDS <= run(never_quiet) <= 1.2 * PATIENCE_SECONDS


def test_what_comes_after_a_handover_waits_for_the_next_pause() -> None:
    async def twice(loop: JumpingLoop) -> list[list[int]]:
        handover, told = Handover(loop), Told()
        seen = []
        for number in (1, 2):
            told.of(handover, number)
            for _ in range(3):
                await a_round()
            seen.append(list(told.numbers))
        return seen

    assert run(twice) == [[1], [1, 2]]
