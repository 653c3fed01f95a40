"""What a client has said, as lines and as chunks, however it arrived (RELIABILITY C3, C13)."""

import random

import pytest

from maild.intake.smtp_wire import HIGH_WATER, ClientGoneError, LineTooLongError, Wire
from tests.intake.jumping_loop import JumpingLoop, run


def wire(*said: bytes) -> Wire:
    loop = JumpingLoop()
    found = Wire(loop)
    loop.close()
    for data in said:
        found.feed(data)
    return found


def lines(found: Wire, limit: int = 100) -> list[bytes | str]:
    """All lines that are there; one that was too long is told as words."""
    taken: list[bytes | str] = []
    while True:
        try:
            line = found.line(limit)
        except LineTooLongError:
            taken.append("too long")
            continue
        if line is None:
            return taken
        taken.append(line)


def test_all_lines_of_a_segment_are_there_at_once_and_the_last_when_it_is_whole() -> None:
    found = wire(b"MAIL\r\nRCPT\r\nDA")

    assert lines(found) == [b"MAIL\r\n", b"RCPT\r\n"]
    found.feed(b"TA\r\n")
    assert lines(found) == [b"DATA\r\n"]


def test_any_cut_gives_the_same_lines() -> None:
    dice = random.Random(20261121)
    for _ in range(500):
        said = b"".join(b"x" * dice.randrange(150) + b"\r\n" for _ in range(6))
        cuts = sorted(dice.randrange(len(said)) for _ in range(dice.randrange(12)))
        found, taken = wire(), []
        for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
            found.feed(said[start:end])
            taken += lines(found)

        whole = [line if len(line) <= 100 else "too long" for line in said.splitlines(keepends=True)]
        assert taken == whole, (said, cuts)


def test_a_line_without_an_end_is_not_kept_and_told_once_when_it_ends() -> None:
    found = wire()
    for _ in range(1000):
        found.feed(b"x" * 1000)
        assert found.line(100) is None
        assert not found.is_full

    found.feed(b"x\r\nNOOP\r\n")

    assert lines(found) == ["too long", b"NOOP\r\n"]


def test_what_was_read_too_far_comes_before_what_arrived_since() -> None:
    found = wire(b"NO")
    assert found.line(100) is None
    rest = found.chunk() + b"OP\r\nRS"
    found.feed(b"ET\r\n")

    found.give_back(rest)

    assert lines(found) == [b"NOOP\r\n", b"RSET\r\n"]


def test_what_was_said_before_tls_is_gone() -> None:
    found = wire(b"x" * 200)
    assert found.line(100) is None
    found.feed(b"EHLO injected\r\nMAIL")

    found.forget()
    found.feed(b"NOOP\r\n")

    assert lines(found) == [b"NOOP\r\n"]


def test_a_client_that_says_more_than_is_read_is_held_back() -> None:
    found = wire(b"x" * HIGH_WATER)
    assert not found.is_full

    found.feed(b"x")

    assert found.is_full
    assert len(found.chunk()) == HIGH_WATER + 1 and not found.is_full


def test_who_waits_is_woken_by_words_and_by_the_end_and_the_last_words_are_still_read() -> None:
    async def waits(loop: JumpingLoop) -> list[bytes | str]:
        found = Wire(loop)
        loop.call_later(1, found.feed, b"QU")
        await found.more()
        loop.call_later(1, found.feed, b"IT\r\n")
        loop.call_later(2, found.end)
        await found.more()
        taken = lines(found)
        await found.more()
        with pytest.raises(ClientGoneError):
            await found.more()
        return taken

    assert run(waits) == [b"QUIT\r\n"]
