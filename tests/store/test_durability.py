"""What the store promises of transactions, and what it says when it cannot keep that."""

import time
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from maild.errors import StorageBroken, TransientError
from maild.resources import data_dir
from maild.store import Store, meta, migrate, open_store, schema, tickets


def _pragma(store: Store, name: str, *, quick: bool = False) -> object:
    with store.begin_quick() if quick else store.begin() as tx:
        return tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_sqlite_flushes_every_commit_but_those_that_may_be_done_again(sqlite_store: Store) -> None:
    assert _pragma(sqlite_store, "synchronous") == 2
    assert _pragma(sqlite_store, "synchronous", quick=True) == 1
    assert _pragma(sqlite_store, "journal_mode") == "wal"
    assert _pragma(sqlite_store, "foreign_keys") == 1
    assert _pragma(sqlite_store, "busy_timeout") == 10_000


def test_postgresql_flushes_every_commit_but_those_that_may_be_done_again(postgresql_store: Store) -> None:
    show = sa.text("SHOW synchronous_commit")
    with postgresql_store.begin() as tx:
        assert tx.execute(show).scalar_one() == "on"
    with postgresql_store.begin_quick() as tx:
        assert tx.execute(show).scalar_one() == "off"


def test_four_threads_that_count_lose_nothing(store: Store) -> None:
    seen: list[int] = []

    def count() -> None:
        for _ in range(25):
            with store.begin() as tx:
                seen.append(tickets.next_number(tx, 1001))

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(seen) == list(range(1001, 1101))


def test_two_processes_worth_of_stores_on_one_file_lose_nothing(sqlite_url: str, sqlite_store: Store) -> None:
    other = open_store(sqlite_url)
    seen: list[int] = []

    def count(store: Store) -> None:
        for _ in range(10):
            with store.begin() as tx:
                seen.append(tickets.next_number(tx, 1001))

    threads = [Thread(target=count, args=(store,)) for store in (sqlite_store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    other.close()

    assert sorted(seen) == list(range(1001, 1021))


def test_what_raises_in_a_transaction_leaves_nothing(store: Store) -> None:
    def fails_half_way() -> None:
        with store.begin() as tx:
            meta.set_once(tx, "half", "way")
            tickets.next_number(tx, 1001)
            raise ZeroDivisionError

    with store.read() as tx:
        before = tx.execute(sa.select(sa.func.count()).select_from(schema.meta)).scalar_one()
    with pytest.raises(ZeroDivisionError):
        fails_half_way()

    with store.begin() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(schema.meta)).scalar_one() == before
        # A sequence gives no number twice; what is counted in the transaction is taken back with it.
        assert tickets.next_number(tx, 1001) == (1001 if store.is_sqlite else 1002)


def test_a_new_ticket_of_one_worker_does_not_wait_for_that_of_another(postgresql_store: Store) -> None:
    store = postgresql_store
    with store.begin() as tx:
        tickets.next_number(tx, 1001)

    with store.begin() as tx, store.begin() as other:
        assert [tickets.next_number(each, 1001) for each in (tx, other)] == [1002, 1003]


def test_a_higher_first_number_counts_from_then_on(store: Store) -> None:
    with store.begin() as tx:
        assert [tickets.next_number(tx, first) for first in (1, 1001, 1001, 500)] == [1, 1001, 1002, 1003]


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    with store.begin() as tx:
        tickets.next_number(tx, 1001)
        with store.read() as other:
            assert other.execute(sa.select(sa.func.count()).select_from(schema.counters)).scalar_one() == 0


@pytest.mark.parametrize("damage", [b"no database at all " * 300, None])
def test_a_damaged_file_is_said_to_be_broken_never_tried_again(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "maild.db"
    store = open_store(f"sqlite:///{path}")
    migrate.upgrade(store, data_dir("migrations"))
    store.close()
    whole = path.read_bytes()
    path.write_bytes(damage or whole[:4096] + bytes(len(whole) - 4096))

    with pytest.raises(StorageBroken), store.begin() as tx:
        tx.execute(sa.select(schema.tickets)).all()

    store.close()


def test_a_postgresql_that_is_away_may_come_back(tmp_path: Path) -> None:
    store = open_store(f"postgresql+psycopg://postgres@/maild?host={tmp_path}")

    with pytest.raises(TransientError), store.begin() as tx:
        tickets.next_number(tx, 1001)

    store.close()


def test_a_connection_that_is_cut_is_a_passing_fault_and_the_next_one_works(postgresql_store: Store) -> None:
    store = postgresql_store

    def is_cut() -> None:
        with store.begin() as tx, store.read() as other:
            pid = tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            tickets.next_number(tx, 1001)

    with pytest.raises(TransientError):
        is_cut()

    with store.begin() as tx:
        assert tickets.next_number(tx, 1001) == 1001  # it was cut before it drew one


def test_a_time_without_a_zone_is_never_stored(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"), store.begin() as tx:
        meta.free_lease(tx, "leader", "a", datetime(2026, 3, 2))


def test_whoever_only_looks_does_not_wait_for_a_writer(sqlite_url: str, sqlite_store: Store) -> None:
    other = open_store(sqlite_url)

    with sqlite_store.begin() as tx:
        tickets.next_number(tx, 1001)
        began = time.monotonic()
        migrate.require_current(other, data_dir("migrations"))
        assert not migrate.is_empty(other)

    assert time.monotonic() - began < 5
    other.close()
