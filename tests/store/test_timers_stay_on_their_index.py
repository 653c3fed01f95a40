"""What a tick asks goes by an index, however many tickets there are: its cost is that of what is due (SPEC SL-7)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from maild.store import Store, Tx, leads, meta, schema, tickets, timers
from maild.tickets.timers import Timer, TimerKind
from tests.statements import the_long_way
from tests.store.rows import NOW

Asks = Callable[[Tx], object]
DUE = Timer(TimerKind.SLA, NOW)
LAST = (1500, DUE)
FAR = NOW + timedelta(days=30)
# What is asked, and which way it must go on SQLite.
QUESTIONS: tuple[tuple[str, Asks, str], ...] = (
    ("what is due", lambda tx: timers.due(tx, NOW, 1000), "ix_timers_state_due_at (state=? AND due_at<?)"),
    (
        "the next page",
        lambda tx: timers.due(tx, NOW, 1000, LAST),
        "ix_timers_state_due_at (state=? AND due_at>? AND due_at<?)",
    ),
    ("take one", lambda tx: timers.take(tx, 1001, DUE), "sqlite_autoindex_timers_1 (ticket=? AND kind=?)"),
    (
        "lock them",
        lambda tx: tickets.lock_free(tx, (1001, 1002)),
        "tickets USING INDEX sqlite_autoindex_tickets_1 (number=?)",
    ),
    ("who leads", lambda tx: leads.leads(tx, "scheduler", "a", 1), "leases USING INDEX sqlite_autoindex_leases_1"),
    ("when told", lambda tx: meta.get(tx, "timers-refused"), "meta USING INDEX sqlite_autoindex_meta_1"),
)


def filled(store: Store, count: int) -> None:
    """Timers of so many tickets, of which one in a hundred is due."""
    rows = [
        {"ticket": 1001 + place, "kind": "sla", "due_at": FAR if place % 100 else NOW, "state": "running"}
        for place in range(count)
    ]
    with store.begin() as tx:
        tx.execute(sa.insert(schema.timers), rows)


@contextmanager
def asked() -> Iterator[list[tuple[str, object]]]:
    """Every statement that is sent meanwhile."""
    found: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE"):
            found.append((statement, given))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with the_long_way():
            yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("question", "ask", "way"), QUESTIONS, ids=[name for name, _, _ in QUESTIONS])
def test_every_question_of_a_tick_goes_by_an_index(sqlite_store: Store, question: str, ask: Asks, way: str) -> None:
    filled(sqlite_store, 2000)
    with asked() as statements, sqlite_store.begin() as tx:
        ask(tx)
    statement, given = statements[0]
    with sqlite_store.raw() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()  # type: ignore[arg-type]

    steps = [row[3] for row in plan]
    assert way in steps[0], f"{question}: {steps}"
    scanned = [step for step in steps if step.startswith("SCAN") and "json_each" not in step]  # that is the list given
    assert not scanned, f"{question}: {steps}"


def test_postgresql_looks_only_at_what_is_due(postgresql_store: Store) -> None:
    filled(postgresql_store, 20_000)
    with postgresql_store.begin() as tx:
        tx.execute(sa.text("ANALYZE timers"))
    with asked() as statements, postgresql_store.read() as tx:
        assert len(timers.due(tx, NOW, 1000)) == 200
        statement, given = statements[0]
        rows = tx.exec_driver_sql(f"EXPLAIN {statement}", given).scalars().all()  # type: ignore[arg-type]

    plan = "\n".join(rows)
    assert "ix_timers_state_due_at" in plan and "Seq Scan" not in plan, plan


def test_the_same_number_of_steps_is_taken_whether_few_or_many_wait(sqlite_store: Store) -> None:
    """SQLite counts its own steps: with fifty times as many tickets at rest they stay as they are."""
    filled(sqlite_store, 1)
    counts = []
    for at_rest in (range(2000, 2100), range(2100, 7000)):
        rows = [{"ticket": number, "kind": "due", "due_at": FAR, "state": "running"} for number in at_rest]
        with sqlite_store.begin() as tx:
            tx.execute(sa.insert(schema.timers), rows)
        counts.append(_steps(sqlite_store))

    assert counts[0] == counts[1] > 0


def _steps(store: Store) -> int:
    """How often SQLite's machine called back, once for every step."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with store.read() as tx:
        timers.due(tx, NOW, 1000)
        driver = tx.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(count, 1)
        timers.due(tx, NOW, 1000)
        driver.set_progress_handler(None, 1)
    return steps
