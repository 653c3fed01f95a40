"""Running timers, one row for each of a ticket's: what is due is found by an index, whatever else is stored (SL-7)."""

from datetime import datetime

import sqlalchemy as sa

from maild.store import schema
from maild.store.dialect import among, upsert
from maild.store.engine import Tx
from maild.store.prepared import Prepared
from maild.tickets.timers import Timer, TimerKind

T = schema.timers


def mirror(tx: Tx, number: int, were: tuple[Timer, ...], wanted: tuple[Timer, ...]) -> None:
    """Makes the running timers of a ticket what the fold says they are now; `were`: what it said before."""
    kinds = {timer.kind.value for timer in were} - {timer.kind.value for timer in wanted}
    if kinds:
        tx.execute(_CANCEL, {"number": number, "kinds": sorted(kinds)})
    for timer in wanted:
        if timer in were:
            continue
        row = {"ticket": number, "kind": timer.kind.value, "due_at": timer.due_at, "state": "running"}
        upsert(tx, T, row, ("ticket", "kind"))


_CANCEL = Prepared(
    sa.update(T)
    .where(
        T.c.ticket == sa.bindparam("number"),
        T.c.state == "running",
        among(T.c.kind, "kinds"),
    )
    .values(state="cancelled")
)

Due = tuple[int, Timer]


def due(tx: Tx, now: datetime, limit: int, after: Due | None = None) -> list[Due]:
    """(ticket, timer) of running timers that are due, oldest first; the cost is that of what is due (SL-7).

    `after`: only those behind this one in the order, so that a pass goes on although some were left where they are.
    """
    query = sa.select(T).where(T.c.state == "running", T.c.due_at <= now)
    if after is not None:
        number, timer = after
        since = sa.literal(timer.due_at, T.c.due_at.type)
        place = sa.tuple_(T.c.due_at, T.c.ticket, T.c.kind)
        # The first condition says nothing new, but it is the one that the index understands.
        query = query.where(T.c.due_at >= since, place > sa.tuple_(since, number, timer.kind.value))
    query = query.order_by(T.c.due_at, T.c.ticket, T.c.kind).limit(limit)
    return [(row.ticket, Timer(TimerKind(row.kind), row.due_at)) for row in tx.execute(query)]


def take(tx: Tx, number: int, timer: Timer) -> bool:
    """Marks a due timer expired; False when somebody else did, or it was moved meanwhile."""
    same = {"number": number, "which": timer.kind.value, "due": timer.due_at}
    return bool(tx.execute(_TAKE, same).rowcount)


_TAKE = Prepared(
    sa.update(T)
    .where(
        T.c.ticket == sa.bindparam("number"),
        T.c.kind == sa.bindparam("which"),
        T.c.due_at == sa.bindparam("due"),
        T.c.state == "running",
    )
    .values(state="expired")
)
