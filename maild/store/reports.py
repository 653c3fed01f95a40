"""Counts for reports."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from maild.reports import Kept, Volume
from maild.store import schema
from maild.store.engine import Tx
from maild.tickets.clocks import State, from_record
from maild.tickets.promises import Target

T = schema.tickets
MOST = 100_000
PIECE = 1000


def volume(tx: Tx, since: datetime, until: datetime) -> Volume:
    """Tickets opened, resolved and closed in a period, and how they stand now."""
    phases = sa.select(T.c.phase, sa.func.count().label("total")).group_by(T.c.phase).order_by(T.c.phase)
    return Volume(
        since=since,
        until=until,
        opened=_count(tx, T.c.created_at, since, until),
        resolved=_count(tx, T.c.resolved_at, since, until),
        closed=_count(tx, T.c.closed_at, since, until),
        by_phase=tuple((row.phase, row.total) for row in tx.execute(phases)),
        first_responses=_durations(tx, T.c.first_response_at, since, until),
        resolutions=_durations(tx, T.c.resolved_at, since, until),
    )


def promises(tx: Tx, since: datetime, until: datetime) -> Iterator[Kept]:
    """Every decided promise of the tickets opened in a period, read in pieces."""
    wanted = sa.select(T.c.priority, T.c.clocks, T.c.breach_cause).where(
        T.c.created_at >= since, T.c.created_at < until, T.c.clocks.is_not(None), T.c.spam.is_(False)
    )
    for row in tx.execute(wanted.execution_options(yield_per=PIECE)):
        if not row.clocks or row.clocks["aside"]:
            continue
        clocks = from_record(row.clocks)
        for target in Target:
            clock = clocks.of(target)
            if clock.late or target in clocks.breached:
                yield Kept(row.priority, target.value, broken=True, cause=row.breach_cause)
            elif clock.state is State.MET and clock.allowed is not None:
                yield Kept(row.priority, target.value, broken=False, cause=None)


def _count(tx: Tx, column: sa.Column[Any], since: datetime, until: datetime) -> int:
    return tx.execute(sa.select(sa.func.count()).where(column >= since, column < until)).scalar_one()


def _durations(tx: Tx, column: sa.Column[Any], since: datetime, until: datetime) -> tuple[timedelta, ...]:
    rows = tx.execute(sa.select(T.c.created_at, column).where(column >= since, column < until).limit(MOST))
    return tuple(end - start for start, end in rows)
