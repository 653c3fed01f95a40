"""Processes wake each other on PostgreSQL: at once, across lost connections, and never at the cost of a mail."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from maild.store.wake import Bell, Wake
from tests.servers import postgresql
from tests.servers.product import eventually

pytestmark = pytest.mark.servers
SOON = 0.5
LONG = 20.0


@pytest.fixture
def url() -> str:
    return postgresql.fresh_database()


@pytest.fixture
def two(url: str) -> Iterator[tuple[Bell, Bell]]:
    """The same bell in two processes (here: two connections)."""
    with ExitStack() as wakes:
        bells = []
        for _ in range(2):
            wake = Wake(url)
            bells.append(wake.bell("mail came"))
            wakes.enter_context(wake)
        for bell in bells:
            assert bell.wait(LONG)  # each rings once when it has begun to listen
            eventually(lambda: not bell._wake.deaf, "a trial word came back")  # noqa: B023
            bell.clear()
        yield bells[0], bells[1]


def test_a_bell_that_is_rung_here_rings_there_at_once(two: tuple[Bell, Bell]) -> None:
    here, there = two
    took = []
    for _ in range(10):
        began = time.monotonic()
        here.set()
        assert there.wait(LONG)
        took.append(time.monotonic() - began)
        there.clear()

    assert max(took) < SOON


def test_who_is_woken_tells_nobody_again(two: tuple[Bell, Bell]) -> None:
    here, there = two
    here.set()
    assert there.wait(LONG)
    here.clear()

    assert not here.wait(0.3)


def test_ringing_never_waits_and_a_thousand_rings_are_few_words(two: tuple[Bell, Bell], url: str) -> None:
    here, there = two
    with psycopg.connect(_plain(url), autocommit=True) as listener:
        listener.execute("LISTEN maild")
        began = time.monotonic()
        for _ in range(1000):
            here.set()
        assert time.monotonic() - began < SOON
        assert there.wait(LONG)
        words = len(list(listener.notifies(timeout=0.5)))

    assert 1 <= words < 100


def test_a_connection_that_was_cut_comes_back_and_wakes_for_what_was_missed(two: tuple[Bell, Bell], url: str) -> None:
    here, there = two
    with psycopg.connect(_plain(url), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'maild-wake'")

    assert there.wait(LONG)  # rung by the return itself
    assert here.wait(LONG)
    there.clear()
    here.set()
    assert there.wait(LONG)


def test_a_database_that_is_away_delays_neither_the_start_nor_the_bell_nor_the_end() -> None:
    wake = Wake("postgresql+psycopg://nobody@127.0.0.1:1/none")
    bell = wake.bell("mail came")
    began = time.monotonic()
    with wake:
        bell.set()
        assert bell.is_set()

    assert time.monotonic() - began < LONG / 4


def test_after_the_end_a_bell_still_rings_here(url: str) -> None:
    wake = Wake(url)
    bell = wake.bell("mail came")
    with wake:
        pass

    bell.set()

    assert bell.is_set()
    assert not any(thread.name == "wake" for thread in threading.enumerate())


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")
