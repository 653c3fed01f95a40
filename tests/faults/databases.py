"""The database is locked, crashed, away, full or silent where its answer to COMMIT belongs (faults F12 to F15)."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial

import psycopg

from tests.faults.fault import Trial
from tests.faults.house import House, house
from tests.faults.postgres import REFUSING, Own, own_cluster
from tests.faults.source import Source
from tests.faults.wire import Wire
from tests.servers.product import eventually

BACK_WITHIN = 15.0
PUT_OFF = 5


def sqlite_is_held_by_another_process(trial: Trial) -> None:
    """F12: 451 in time, no 5yz, and all goes on when the lock ends."""
    with house(trial) as home, home.desk.running():
        source = home.senders(trial.length(10, 60))
        eventually(lambda: source.taken, "the first mail")
        with closing(sqlite3.connect(home.desk.folder / "maild.db", timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(trial.length(13, 60))  # the fault itself: a lock that is held for so long
            other.execute("COMMIT")
        home.settle()
        trial.see(f"the slowest answer took {source.slowest:.1f} s")
        trial.must("an answer within 45 s, whatever is locked", hold=source.slowest < 45)
        home.verdict()


def postgresql_crashes(trial: Trial) -> None:
    """F13: every connection dies, again and again, in the middle of work."""
    with own_cluster() as cluster, house(trial, database=cluster.fresh_database()) as home, home.desk.running():
        source = home.senders(trial.length(20, 200))
        for number in range(trial.length(2, 20)):
            _some_more(source, 4 * (number + 1))
            cluster.stop()
            cluster.start()
        _heals(trial, home, source)
        home.verdict()


def postgresql_is_away(trial: Trial) -> None:
    """F14: gone, then a login that it refuses, then no connection left."""
    with own_cluster() as cluster, house(trial, database=cluster.fresh_database()) as home:
        with home.desk.running():
            source = home.senders(trial.length(200, 1000), pace=0.5)
            _some_more(source, 4)
            seconds = trial.length(4, 600)
            for fault in (_gone, _refuses, _worn_out):
                put_off = source.codes[451] + source.codes[452]
                fault(cluster, partial(_is_put_off, source, put_off), seconds)
                _some_more(source, source.codes[250] + 4)
            trial.see(f"{source.codes[451] + source.codes[452]} mails put off")
            _heals(trial, home, source)
        home.verdict()


def _gone(cluster: Own, put_off: Callable[[], bool], seconds: int) -> None:
    cluster.stop()
    eventually(put_off, "451 while the database is gone", 60)
    time.sleep(seconds)  # the fault itself
    cluster.start()


def _refuses(cluster: Own, put_off: Callable[[], bool], seconds: int) -> None:
    cluster.change_locks(REFUSING)
    eventually(put_off, "451 while the database refuses our password", 60)
    cluster.open_again()


def _worn_out(cluster: Own, put_off: Callable[[], bool], seconds: int) -> None:
    """100 other clients and more hold every connection there is."""
    with ExitStack() as stack:
        keeper = stack.enter_context(cluster.inside())

        def all_are_taken() -> bool:
            cluster.put_out(keeper)
            with suppress(psycopg.OperationalError):
                while True:
                    stack.enter_context(cluster.inside())
            return put_off()

        eventually(all_are_taken, "451 while no connection is left", 60)


def commit_is_not_answered(trial: Trial) -> None:
    """F15: PostgreSQL commits, and the line ends where its answer belongs: unknown to us, as RFC 1047 has it for mail."""
    with own_cluster() as cluster:
        place = trial.folder / "line"
        place.mkdir(mode=0o755)
        url = cluster.fresh_database()
        with Wire(cluster.socket_of(), str(place / ".s.PGSQL.5432")) as wire:
            through = url.replace(str(cluster.folder / "socket"), str(place))
            with house(trial, database=through) as home:
                _cut_commits(trial, home, wire)
                home.verdict()


def _cut_commits(trial: Trial, home: House, wire: Wire) -> None:
    wanted = trial.length(6, 200)

    def is_commit(content: bytes) -> bool:
        return b"COMMIT" in content and wire.cuts < wanted and home.random.randrange(6) == 0

    with home.desk.running():
        source = home.senders(trial.length(30, 400))
        wire.cut_answer_to = is_commit
        eventually(lambda: wire.cuts >= wanted, "so many cuts", 120)
        _heals(trial, home, source)
    trial.see(f"{wire.cuts} commits unanswered over {wire.connections} connections")


def _some_more(source: Source, count: int) -> None:
    eventually(lambda: source.codes[250] >= count, f"{count} mails taken: {source.codes}", 120)


def _is_put_off(source: Source, before: int) -> bool:
    return source.codes[451] + source.codes[452] >= before + PUT_OFF


def _heals(trial: Trial, home: House, source: Source) -> None:
    """The first 250 after the fault, without a hand (I10)."""
    before, began = source.codes[250], time.monotonic()
    done = sum(len(each.answers) > 0 and each.acknowledged for each in source.taken)
    if done < len(source.taken):
        eventually(lambda: source.codes[250] > before, "mail is taken again", 60)
        seconds = time.monotonic() - began
        trial.see(f"the next 250 came {seconds:.1f} s after the fault was over")
        trial.must(f"back within {BACK_WITHIN:.0f} s", hold=seconds <= BACK_WITHIN)
    trial.see(f"quiet after {home.settle():.0f} s")
