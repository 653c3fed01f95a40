"""Tickets whose next promise ends by a moment, or is broken: the same query language, sorted by that (SPEC SL-3)."""

from datetime import datetime

import sqlalchemy as sa

from maild.store import schema
from maild.store.engine import Tx
from maild.store.find import where
from maild.store.tickets import _participants_of_many, _ticket
from maild.tickets.query import Query, Setting, resolve
from maild.tickets.ticket import Ticket

T = schema.tickets


def promised_by(tx: Tx, query: Query, setting: Setting, until: datetime, limit: int) -> list[Ticket]:
    """The first of those that match, the earliest promise first; clocks that stand still promise nothing now."""
    matching = where(resolve(query, setting), tx.dialect.name)
    wanted = sa.select(T).where(matching, T.c.sla_due_at <= until).order_by(T.c.sla_due_at, T.c.number).limit(limit)
    rows = tx.execute(wanted).all()
    participants = _participants_of_many(tx, [row.number for row in rows])
    return [_ticket(row, participants) for row in rows]
