"""What assignment knows of the staff: whose turn was when, who has how much, who had this customer last (SPEC AS-1).

The row without a name counts the turns. Whoever gives a ticket to somebody raises it first and keeps it locked until
his transaction ends, so that processes decide one after the other, each on what the one before it wrote.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from maild.store import schema
from maild.store.engine import Tx
from maild.store.prepared import Prepared
from maild.tickets.workflow import Phase

R = schema.rotations
T = schema.tickets
NOBODY = ""
OPEN = tuple(phase.value for phase in Phase if phase not in (Phase.RESOLVED, Phase.CLOSED))


@dataclass(frozen=True, slots=True)
class Staffing:
    """By agent: how many open tickets he has, and his last turn. `last` had the newest ticket of the customer."""

    open: Mapping[str, int]
    turns: Mapping[str, int]
    last: str | None


_NEXT = Prepared(sa.update(R).where(R.c.agent == NOBODY).values(turn=R.c.turn + 1))
# The same words in both databases; a row that is selected needs a WHERE here for SQLite to tell it from a join.
_TAKE = Prepared(
    sa.text(
        "INSERT INTO rotations (agent, turn) SELECT :agent, turn FROM rotations WHERE agent = '' "
        "ON CONFLICT (agent) DO UPDATE SET turn = excluded.turn"
    )
)


def lock_turns(tx: Tx) -> None:
    """Begins the next turn; every other process waits here until this transaction ends."""
    tx.execute(_NEXT)


def take_turn(tx: Tx, agent: str) -> None:
    """The turn that was begun is his."""
    tx.execute(_TAKE, {"agent": agent})


def _kind(name: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{name}'", sa.Text).label("kind")


_THERE = sa.and_(T.c.deleted.is_(False), T.c.merged_into.is_(None))
_LOADS = (
    sa.select(_kind("open"), T.c.assignee.label("agent"), sa.func.count().label("number"))
    .where(T.c.assignee.in_(sa.bindparam("agents", expanding=True)), T.c.phase.in_(OPEN), _THERE)
    .group_by(T.c.assignee)
)
_TURNS = sa.select(_kind("turn"), R.c.agent, R.c.turn).where(R.c.agent != NOBODY)
_NEWEST = (
    sa.select(T.c.assignee)
    .where(T.c.requester == sa.bindparam("customer"), T.c.assignee.is_not(None), T.c.deleted.is_(False))
    .order_by(T.c.created_at.desc(), T.c.number.desc())
    .limit(1)
    .subquery()
)
_LAST = sa.select(_kind("last"), _NEWEST.c.assignee, sa.literal_column("0", sa.BigInteger))
_STAFFING = Prepared(sa.union_all(_LOADS, _TURNS, _LAST))


def staffing(tx: Tx, agents: Iterable[str], customer: str) -> Staffing:
    """All of it by one statement."""
    found: dict[str, dict[str, int]] = {"open": {}, "turn": {}, "last": {}}
    values: dict[str, Any] = {"agents": list(agents), "customer": customer}
    for row in tx.execute(_STAFFING, values):
        found[row.kind][row.agent] = row.number
    return Staffing(found["open"], found["turn"], next(iter(found["last"]), None))


_URGENT = Prepared(
    sa.select(T.c.number)
    .where(T.c.assignee == sa.bindparam("agent"), T.c.priority == sa.bindparam("priority"), T.c.phase.in_(OPEN), _THERE)
    .order_by(T.c.number)
)


def open_tickets_of(tx: Tx, agent: str, priority: str) -> list[int]:
    """The open tickets of an agent that have this priority, oldest first."""
    return list(tx.execute(_URGENT, {"agent": agent, "priority": priority}).scalars())


def waiting(tx: Tx, since: datetime, limit: int) -> list[int]:
    """Tickets that were opened since then and that nobody has, the oldest first."""
    return list(tx.execute(_WAITING, {"since": since, "limit": limit}).scalars())


_WAITING = Prepared(
    sa.select(T.c.number)
    .where(
        T.c.assignee.is_(None),
        T.c.phase == sa.literal_column(f"'{Phase.NEW.value}'"),
        T.c.created_at > sa.bindparam("since", type_=T.c.created_at.type),
        T.c.spam.is_(False),
        _THERE,
    )
    .order_by(T.c.number)
    .limit(sa.bindparam("limit"))
)
