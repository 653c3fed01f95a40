"""Several schedulers on one PostgreSQL: one leads, is killed or frozen, another takes over, and nothing happens twice.

The tickets wait to be closed by the clock, a few of them due at any moment, so that whoever leads always has work.
"""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor as Threads
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bench.tick import copied
from bench.worlds import World
from maild.commands.script import Reasoned
from maild.config import load_text
from maild.desk.change import Act, carry_out
from maild.desk.leader import LENGTH
from maild.desk.room import open_room
from maild.mail.model import Mailbox
from maild.resources import data_dir
from maild.tickets.events import Opened
from maild.tickets.workflow import Phase
from tests.servers import postgresql
from tests.servers.process import Running
from tests.servers.product import Desk, eventually

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
WITHIN = 15.0  # seconds until the next one is at work
FIRST, TICKETS, PER_SECOND = 1001, 600, 40
CLOSES = "[tickets]\nclose_resolved_after = '1h'\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, delivery="null:", database=postgresql.fresh_database(), extra=CLOSES)


def resolved(desk: Desk, first_due: datetime, per_second: int) -> None:
    """Tickets that were resolved so that some close by themselves in each second from `first_due` on: one as the desk
    writes it, and copies."""
    config = load_text(desk.config.read_text(), "maild.toml", desk.folder)
    room = open_room(config, data_dir("migrations"))
    opening = Opened("Done", Mailbox("jane@customer.test"), "resolved", Phase.RESOLVED, "normal", "support@acme.test")
    at = first_due - timedelta(hours=1)
    with room.store.begin() as tx:
        carry_out(tx, room, Act(FIRST, None, (Reasoned(opening, ""),), "system:test", "test", at, quiet=True))
    room.store.close()
    copied(World(desk.folder, desk.database), FIRST, FIRST + 1, TICKETS - 1)
    with psycopg.connect(plain(desk.database)) as connection:
        later = f"due_at + (ticket - {FIRST}) * interval '1 second' / {per_second}"
        connection.execute(f"UPDATE timers SET due_at = {later}")


def plain(url: str) -> str:
    """As psycopg wants it."""
    return url.replace("+psycopg", "")


class Looked:
    """What the database says meanwhile."""

    def __init__(self, desk: Desk) -> None:
        self._connection = psycopg.connect(plain(desk.database), autocommit=True)

    def __enter__(self) -> "Looked":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def one(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def leader(self) -> int:
        """The process that has the lease."""
        return self.one("SELECT split_part(holder, '/', 2)::int FROM leases WHERE name = 'scheduler'")

    def closed(self) -> int:
        return self.one("SELECT count(*) FROM events WHERE kind = 'status'")

    def doubled(self) -> int:
        """Tickets that were closed more than once."""
        return self.one(
            "SELECT count(*) FROM (SELECT ticket FROM events WHERE kind = 'status' GROUP BY ticket HAVING count(*) > 1) t"
        )

    def left(self) -> int:
        return self.one("SELECT count(*) FROM timers WHERE state = 'running' AND kind = 'auto_close'")


@contextmanager
def schedulers(desk: Desk, count: int) -> Iterator[dict[int, Running]]:
    """So many `maild run --only scheduler`; those that are left are killed at the end."""
    with ExitStack() as stack:
        with Threads(count) as pool:
            started = [pool.submit(desk.start, "--only", "scheduler") for _ in range(count)]
        running = {process.pid: process for process in (each.result() for each in started)}
        for process in running.values():
            stack.callback(process.kill)
        yield running


def taken_over(looked: Looked, lost: int) -> float:
    """Seconds until another process leads and has closed a ticket."""
    began, before = time.monotonic(), looked.closed()
    eventually(lambda: looked.leader() not in (0, lost), "another process leads", 2 * WITHIN)
    eventually(lambda: looked.closed() > before, "it closes tickets", 2 * WITHIN)
    return time.monotonic() - began


def test_a_leader_that_is_killed_at_work_is_followed_within_seconds_and_nothing_is_done_twice(desk: Desk) -> None:
    # given: four processes, and tickets that close without end
    resolved(desk, datetime.now(UTC) - timedelta(seconds=5), PER_SECOND)
    with schedulers(desk, 4) as running, Looked(desk) as looked:
        eventually(lambda: looked.closed() > 0, "the first are closed")
        # when
        leader = looked.leader()
        os.kill(leader, signal.SIGKILL)
        took = taken_over(looked, leader)
        # then
        print(f"killed: taken over after {took:.1f} s")
        assert took <= WITHIN
        eventually(lambda: looked.left() == 0, "all are closed", 60)
        assert (looked.closed(), looked.doubled()) == (TICKETS, 0)
        assert looked.leader() in running


def test_a_leader_that_is_frozen_is_followed_within_seconds_and_does_nothing_on_return(desk: Desk) -> None:
    # given: two processes, and so much due that the leader is always in the middle of something
    resolved(desk, datetime.now(UTC) - timedelta(hours=1), TICKETS)
    with schedulers(desk, 2) as running, Looked(desk) as looked:
        eventually(lambda: looked.closed() > 0, "the first are closed")
        leader = looked.leader()
        # when
        os.kill(leader, signal.SIGSTOP)
        frozen_at = time.monotonic()
        took = taken_over(looked, leader)
        print(f"frozen: taken over after {took:.1f} s")
        # then: also what the frozen one had locked is done before it wakes
        eventually(lambda: looked.left() == 0, "all are closed", 60)
        print(f"all closed after {time.monotonic() - frozen_at:.1f} s")
        state = Path(f"/proc/{leader}/stat").read_text().rpartition(")")[2].split()[0]
        assert (took <= WITHIN, state) == (True, "T")
        assert (looked.closed(), looked.doubled()) == (TICKETS, 0)
        # and when it wakes, with a beat for each
        events = looked.one("SELECT count(*) FROM events")
        time.sleep(max(0.0, 2 * LENGTH.total_seconds() - (time.monotonic() - frozen_at)))
        os.kill(leader, signal.SIGCONT)
        time.sleep(6)
        # then
        assert looked.one("SELECT count(*) FROM events") == events
        assert (looked.closed(), looked.doubled(), looked.leader() in running) == (TICKETS, 0, True)
