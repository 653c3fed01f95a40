"""Small facts about the database itself, and leases."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from maild.store import schema
from maild.store.dialect import insert_new
from maild.store.engine import Tx


def get(tx: Tx, key: str) -> str | None:
    """One fact."""
    return tx.execute(sa.select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar_one_or_none()


def set_once(tx: Tx, key: str, value: str) -> str:
    """Keeps a fact unless it is there; gives the one that holds."""
    insert_new(tx, schema.meta, [{"key": key, "value": value}])
    return get(tx, key) or value


def all_with(tx: Tx, prefix: str) -> dict[str, str]:
    """All facts whose key begins so, without the prefix."""
    rows = tx.execute(sa.select(schema.meta).where(schema.meta.c.key.startswith(prefix, autoescape=True)))
    return {row.key.removeprefix(prefix): row.value for row in rows}


def forget(tx: Tx, key: str) -> bool:
    """Removes a fact; False when it was gone already."""
    return bool(tx.execute(sa.delete(schema.meta).where(schema.meta.c.key == key)).rowcount)


def take_lease(tx: Tx, name: str, holder: str, now: datetime, length: timedelta) -> int | None:
    """The fencing number when `holder` has the lease now, None when somebody else has it."""
    table = schema.leases
    insert_new(tx, table, [{"name": name, "holder": holder, "until": now, "fence": 0}])
    mine_or_free = sa.or_(table.c.holder == holder, table.c.until <= now)
    fence = sa.case((table.c.holder == holder, table.c.fence), else_=table.c.fence + 1)
    taken = (
        sa.update(table)
        .where(table.c.name == name, mine_or_free)
        .values(holder=holder, until=now + length, fence=fence)
        .returning(table.c.fence)
    )
    return tx.execute(taken).scalar_one_or_none()


def free_lease(tx: Tx, name: str, holder: str, now: datetime) -> None:
    """Gives a lease back, so that the next one need not wait."""
    table = schema.leases
    mine = sa.and_(table.c.name == name, table.c.holder == holder)
    tx.execute(sa.update(table).where(mine).values(until=now))
