"""A mail may end its reader; nothing else comes to harm, and nobody is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from maild.mail.model import Hints, InboundMail, Limits
from maild.reading.pool import Bounds, ReadingFailed, ReadingPool
from tests.heap import most_taken

MAIL = b"From: jane@customer.test\r\nSubject: Printer\r\n\r\nHello\r\n"
SECONDS = 20
# Takes many seconds where the number of parts is not limited.
LONG = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 2_000_000
BOUNDLESS = Limits(parts=10**9)


@contextmanager
def readers(size: int = 1, bounds: Bounds | None = None) -> Iterator[ReadingPool]:
    pool = ReadingPool(size, Hints(), Limits(), bounds or Bounds())
    try:
        yield pool
    finally:
        pool.close()


def children() -> set[int]:
    """Our living or uncollected reader processes."""
    found = set()
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and _is_reader(place):
            found.add(int(place.name))
    return found


def _is_reader(place: Path) -> bool:
    try:
        parent = place.joinpath("stat").read_text().rpartition(")")[2].split()[1]
        return parent == str(os.getpid()) and b"maild.reading.child" in place.joinpath("cmdline").read_bytes()
    except OSError:
        return False


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        os.sched_yield()


def busy(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "R"


def test_a_mail_is_understood_in_another_process() -> None:
    with readers() as pool:
        mail = pool.submit(MAIL).result(SECONDS)
        assert (mail.subject, mail.text) == ("Printer", "Hello")
        assert len(children()) == 1


def test_no_process_runs_before_the_first_mail_and_none_after_the_end() -> None:
    # given
    before = children()
    with readers(2) as pool:
        assert children() == before
        # when
        futures = [pool.submit(MAIL) for _ in range(20)]
        assert {future.result(SECONDS).subject for future in futures} == {"Printer"}
        assert 1 <= len(children()) <= 2
    # then
    assert children() == set()


def test_many_threads_get_each_their_own_mail() -> None:
    with readers(2) as pool:
        futures: list[Future[InboundMail]] = [pool.submit(MAIL.replace(b"Printer", b"Mail %d" % n)) for n in range(100)]
        assert [future.result(SECONDS).subject for future in futures] == [f"Mail {n}" for n in range(100)]


def test_a_small_mail_takes_little_from_the_heap() -> None:
    with readers() as pool:
        pool.submit(MAIL).result(SECONDS)  # what a first mail brings in stays

        with most_taken() as bytes_taken:
            pool.submit(MAIL).result(SECONDS)

            assert bytes_taken() < 200_000


def test_large_files_pass_the_pipe_both_ways() -> None:
    # given
    data = os.urandom(3_000_000)
    source = MAIL.replace(b"\r\n\r\n", b"\r\nContent-Type: application/pdf\r\n\r\n", 1) + data
    # when
    with readers() as pool:
        mail = pool.submit(source).result(SECONDS)
    # then
    assert mail.attachments[0].content == b"Hello\r\n" + data


def test_the_death_of_a_reader_fails_one_mail_and_not_the_next() -> None:
    pool = ReadingPool(1, Hints(), BOUNDLESS)
    try:
        # given a reader in the midst of a long mail
        pool.submit(MAIL).result(SECONDS)
        (pid,) = children()
        doomed = pool.submit(LONG)
        wait_until(lambda: busy(pid))
        # when
        os.kill(pid, signal.SIGKILL)
        # then
        with pytest.raises(ReadingFailed, match=r"ended by signal 9 \(SIGKILL\)"):
            doomed.result(SECONDS)
        assert pool.submit(MAIL).result(SECONDS).subject == "Printer"
        assert pid not in children()
    finally:
        pool.close()


def test_a_reader_that_died_between_two_mails_costs_nothing() -> None:
    with readers() as pool:
        pool.submit(MAIL).result(SECONDS)
        (pid,) = children()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
        assert pool.submit(MAIL).result(SECONDS).subject == "Printer"


def test_a_reader_that_hangs_is_ended_after_its_time() -> None:
    with readers(bounds=Bounds(wall_seconds=3.0)) as pool:
        # given
        pool.submit(MAIL).result(SECONDS)
        (pid,) = children()
        # when
        os.kill(pid, signal.SIGSTOP)
        # then
        with pytest.raises(ReadingFailed, match=r"the reader took more than 3 s"):
            pool.submit(MAIL).result(SECONDS)
        assert pool.submit(MAIL).result(SECONDS).subject == "Printer"
        assert pid not in children()


def test_a_reader_that_computes_too_long_is_ended_by_the_kernel() -> None:
    # given
    pool = ReadingPool(1, Hints(), BOUNDLESS, Bounds(cpu_seconds=0))
    # when, then
    try:
        with pytest.raises(ReadingFailed, match="the reader used more than 0 s CPU"):
            pool.submit(LONG).result(SECONDS)
        assert pool.submit(MAIL).result(SECONDS).subject == "Printer"
    finally:
        pool.close()


def test_a_mail_that_needs_more_memory_than_a_reader_has_is_shown_as_it_came() -> None:
    # given
    head = MAIL.replace(b"\r\n\r\n", b"\r\nContent-Type: application/pdf\r\n\r\n", 1)
    source = head + bytes(60_000_000)
    with readers(bounds=Bounds(memory_bytes=120 * 1024 * 1024)) as pool:
        # when
        mail = pool.submit(source).result(SECONDS)
        # then
        assert mail.defects == ("could not be understood: MemoryError",)
        assert mail.subject == "Printer"
        assert mail.attachments[0].content == source
        assert pool.submit(MAIL).result(SECONDS).defects == ()


def test_a_reader_is_replaced_after_its_share_of_mails() -> None:
    with readers(bounds=Bounds(mails=2)) as pool:
        seen = set()
        for _ in range(5):
            pool.submit(MAIL).result(SECONDS)
            seen |= children()
        assert len(seen) >= 2
        assert len(children()) <= 1


def test_a_reader_ends_when_its_parent_is_gone() -> None:
    # given a child whose parent dies without a word
    script = (
        "import os, sys; from maild.mail.model import Hints, Limits; from maild.reading.pool import ReadingPool;"
        "pool = ReadingPool(1, Hints(), Limits()); pool.submit(b'Subject: x\\r\\n\\r\\n').result(20);"
        "child = pool._seats.get(); print(child._process.pid, flush=True); os._exit(9)"
    )
    # when
    root = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    # then
    pid = int(run.stdout)
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text())


def test_a_reader_outlives_the_signals_of_a_stop_and_holds_no_foreign_files() -> None:
    with readers() as pool:
        # given
        inherited = os.open("/dev/null", os.O_RDONLY)
        os.set_inheritable(inherited, True)
        pool.submit(MAIL).result(SECONDS)
        (pid,) = children()
        # when
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
        # then
        assert pool.submit(MAIL).result(SECONDS).subject == "Printer"
        assert children() == {pid}
        assert not Path(f"/proc/{pid}/fd/{inherited}").exists() or inherited <= 4
        os.close(inherited)
