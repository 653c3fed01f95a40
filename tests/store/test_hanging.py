"""Sessions of a process that was frozen in the middle of what it said, which PostgreSQL takes for busy ones."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from maild.store import Store, leads

AT_ONCE, LATER = timedelta(0), timedelta(hours=1)
LOCK = "LOCK TABLE meta IN EXCLUSIVE MODE"
STARTS_WITHIN = 5.0


@pytest.fixture
def frozen(postgresql_store: Store, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """A session that holds a lock and waits for the rest of a pipeline; its name is the test's parameter."""
    url = postgresql_store.url.replace("+psycopg", "")
    with closing(psycopg.connect(url, application_name=request.param)) as connection:
        connection.execute("BEGIN")
        connection.execute(LOCK)
        connection.pgconn.enter_pipeline_mode()
        connection.pgconn.send_query_params(b"SELECT 1", [])
        connection.pgconn.send_flush_request()
        connection.pgconn.flush()
        yield connection


def _hangs(store: Store) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'ClientRead' AND query = 'SELECT 1'"
    with store.begin() as tx:
        return bool(tx.exec_driver_sql(query).scalar_one())


def _ended(store: Store, lead: timedelta, other: timedelta) -> int:
    until = time.monotonic() + STARTS_WITHIN
    while not _hangs(store):
        assert time.monotonic() < until
    with store.begin() as tx:
        return leads.end_hanging(tx, lead=lead, other=other)


@pytest.mark.parametrize(
    ("frozen", "lead", "other", "ended"),
    [
        ("maild leads", AT_ONCE, LATER, 1),
        ("maild leads", LATER, AT_ONCE, 0),
        ("maild", LATER, AT_ONCE, 1),
        ("maild", AT_ONCE, LATER, 0),
        ("psql", AT_ONCE, AT_ONCE, 0),
    ],
    indirect=["frozen"],
)
@pytest.mark.usefixtures("frozen")
def test_a_session_of_ours_that_says_nothing_more_is_ended_when_its_time_is_over(
    postgresql_store: Store, lead: timedelta, other: timedelta, ended: int
) -> None:
    assert _ended(postgresql_store, lead, other) == ended


@pytest.mark.parametrize("frozen", ["maild leads"], indirect=True)
@pytest.mark.usefixtures("frozen")
def test_what_it_had_locked_is_free_then(postgresql_store: Store) -> None:
    assert _ended(postgresql_store, AT_ONCE, LATER) == 1

    with postgresql_store.begin() as tx:
        tx.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        tx.exec_driver_sql(LOCK)


def test_our_own_sessions_are_named_and_those_at_work_stay(postgresql_store: Store) -> None:
    with postgresql_store.begin() as busy, postgresql_store.begin() as tx:
        leads.ends_when_idle(busy, LATER)
        names = tx.exec_driver_sql("SELECT application_name FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

        assert "maild leads" in set(names.scalars())
        assert leads.end_hanging(tx, lead=LATER, other=LATER) == 0


def test_on_sqlite_there_is_nobody_to_end(sqlite_store: Store) -> None:
    with sqlite_store.begin() as tx:
        assert leads.end_hanging(tx, lead=AT_ONCE, other=AT_ONCE) == 0
