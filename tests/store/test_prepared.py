"""Prepared statements give what SQLAlchemy gives, by the short way and by the long one."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from maild.errors import PermanentError
from maild.store import Store, Tx, schema
from maild.store.dialect import insert_new
from maild.store.prepared import MOST_ROWS, Prepared
from tests.statements import the_long_way

B = schema.blobs
E = schema.events
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
WRITE = Prepared(sa.insert(E))
READ = Prepared(
    sa.select(E.c.seq, E.c.at, E.c.new, sa.literal(True).label("yes"))
    .where(E.c.ticket == sa.bindparam("ticket"), E.c.kind.in_(("note", "status")))
    .order_by(E.c.seq)
    .limit(2)
)
COUNT = Prepared(sa.select(sa.func.count()).where(E.c.ticket == sa.bindparam("ticket")))


def event(seq: int, kind: str = "note", at: datetime = NOW) -> dict[str, object]:
    return {
        "ticket": 1,
        "seq": seq,
        "at": at,
        "actor": "customer:a@b.test",
        "kind": kind,
        "old": None,
        "new": ["ö", {"a": 1}, None],
        "reason": "",
        "cause": "test",
    }


def written(store: Store, *rows: dict[str, object]) -> None:
    with store.begin() as tx:
        tx.execute(WRITE, list(rows))


def test_rows_are_the_same_by_both_ways(store: Store) -> None:
    written(store, event(1), event(2, "other"), event(3, "status"), event(4))
    with store.read() as tx:
        short = list(tx.execute(READ, {"ticket": 1}))
        with the_long_way():
            long = list(tx.execute(READ, {"ticket": 1}))
    assert [tuple(row) for row in short] == [tuple(row) for row in long]
    assert [row.seq for row in short] == [1, 3]
    assert short[0].at == NOW
    assert short[0].at.tzinfo is UTC
    assert short[0].new == ["ö", {"a": 1}, None]


def test_a_time_of_another_zone_is_stored_as_the_same_moment(store: Store) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    written(store, event(1, at=elsewhere))
    with store.read() as tx:
        assert tx.execute(READ, {"ticket": 1}).one().at == NOW


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises((ValueError, exc.StatementError), match="zone"):
        written(store, event(1, at=datetime(2026, 3, 1)))


def test_rows_that_go_together_are_all_there_in_their_order_by_both_ways(store: Store) -> None:
    rows = [event(seq, at=NOW + timedelta(seconds=seq)) for seq in range(1, 2 * MOST_ROWS + 4)]
    written(store, *rows[:1])
    written(store, *rows[1:-2])
    with the_long_way():
        written(store, *rows[-2:])

    with store.read() as tx:
        found = tx.execute(sa.select(E.c.seq, E.c.at, E.c.new).order_by(E.c.at)).all()

    assert [tuple(each) for each in found] == [(row["seq"], row["at"], row["new"]) for row in rows]


@pytest.mark.parametrize("way", [nullcontext, the_long_way])
def test_the_last_of_rows_that_go_together_is_told(
    sqlite_store: Store, way: Callable[[], AbstractContextManager[None]]
) -> None:
    more = MOST_ROWS + 1
    with sqlite_store.begin() as tx, way():
        first = tx.execute(WRITE, [event(seq) for seq in range(more)]).lastrowid
        assert tx.execute(WRITE, [event(more), event(more + 1)]).lastrowid == first + 2


def test_of_rows_that_go_together_those_that_are_there_stay_as_they_are(store: Store) -> None:
    with store.begin() as tx:
        insert_new(tx, B, _rows("b", size=1))
        insert_new(tx, B, _rows("abcb", size=2))
        kept = tx.execute(sa.select(B.c.sha256, B.c.size).order_by(B.c.sha256))
        assert [(row.sha256[0], row.size) for row in kept] == [("a", 2), ("b", 1), ("c", 2)]


def test_rows_that_go_together_are_one_statement_of_sqlite(sqlite_store: Store) -> None:
    said: list[str] = []
    with sqlite_store.begin() as tx:
        driver: Any = tx.connection.driver_connection
        driver.set_trace_callback(said.append)
        tx.execute(WRITE, [event(seq) for seq in range(MOST_ROWS)])
        driver.set_trace_callback(None)

    assert len(said) == 1


def test_no_row_and_too_many_rows_are_told_apart(store: Store) -> None:
    written(store, event(1), event(3))
    with store.read() as tx:
        assert tx.execute(READ, {"ticket": 7}).one_or_none() is None
        assert tx.execute(COUNT, {"ticket": 1}).scalar_one() == 2
        with pytest.raises(exc.NoResultFound):
            tx.execute(READ, {"ticket": 7}).one()
        with pytest.raises(exc.MultipleResultsFound):
            tx.execute(READ, {"ticket": 1}).one_or_none()


def test_a_statement_that_the_database_refuses_is_the_stores_error(store: Store) -> None:
    written(store, event(1))
    with pytest.raises(Exception, match="the database"), store.begin() as tx:
        tx.execute(WRITE, event(1))
    with store.read() as tx:
        assert tx.execute(COUNT, {"ticket": 1}).scalar_one() == 1


def test_a_value_that_is_missing_is_an_error_before_the_database_sees_it(store: Store) -> None:
    with pytest.raises((KeyError, exc.InvalidRequestError, PermanentError)), store.read() as tx:
        tx.execute(READ, {})


def test_how_many_rows_were_changed_is_told(store: Store) -> None:
    change = Prepared(sa.update(B).where(B.c.size == sa.bindparam("was")))
    with store.begin() as tx:
        _blobs(tx)
        assert tx.execute(change, {"was": 3, "size": 4}).rowcount == 2
        assert tx.execute(change, {"was": 9, "size": 4}).rowcount == 0


def test_a_write_that_nobody_waited_for_is_there_for_the_next_question(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(WRITE, event(1))
        tx.execute(WRITE, [event(2), event(3)])
        assert tx.execute(COUNT, {"ticket": 1}).scalar_one() == 3
        tx.execute(WRITE, event(4))
        assert tx.execute(sa.select(sa.func.count()).select_from(E)).scalar_one() == 4
        tx.execute(WRITE, event(5))
    with store.read() as tx:
        assert tx.execute(COUNT, {"ticket": 1}).scalar_one() == 5


def test_one_refused_write_takes_back_those_that_were_sent_with_it_and_the_next_transaction_is_well(
    store: Store,
) -> None:
    def three_of_which_one_is_there() -> None:
        with store.begin() as tx:
            tx.execute(WRITE, event(2))
            tx.execute(WRITE, event(1))
            tx.execute(WRITE, event(3))

    written(store, event(1))
    with pytest.raises(Exception, match="the database"):
        three_of_which_one_is_there()
    written(store, event(4))
    with store.read() as tx:
        assert [row.seq for row in tx.execute(sa.select(E.c.seq).order_by(E.c.seq))] == [1, 4]


def test_writes_of_a_transaction_that_fails_before_they_were_sent_are_not_sent_by_the_next(store: Store) -> None:
    def one_and_then_a_fault_of_ours() -> None:
        with store.begin() as tx:
            tx.execute(WRITE, event(1))
            raise KeyError

    with pytest.raises(KeyError):
        one_and_then_a_fault_of_ours()
    written(store, event(2))
    with store.read() as tx:
        assert [row.seq for row in tx.execute(sa.select(E.c.seq))] == [2]


def _blobs(tx: Tx) -> None:
    tx.execute(Prepared(sa.insert(B)), _rows("ab", size=3))


def _rows(letters: str, size: int) -> list[dict[str, object]]:
    return [{"sha256": letter * 64, "size": size, "content": b"abc"} for letter in letters]
