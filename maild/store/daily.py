"""What is told once a day: whose turn was taken on which day, exactly once among any number of processes."""

from datetime import date

import sqlalchemy as sa

from maild.store import meta, schema
from maild.store.dialect import insert_new
from maild.store.engine import Tx

PREFIX = "told-on:"
M = schema.meta


def days_taken(tx: Tx) -> dict[str, str]:
    """The last day of each turn, as 2026-11-21."""
    return meta.all_with(tx, PREFIX)


def take_day(tx: Tx, name: str, day: date) -> bool:
    """True for the one transaction that takes the turn of this day; others wait for its end and find it taken."""
    key, wanted = f"{PREFIX}{name}", day.isoformat()
    insert_new(tx, M, [{"key": key, "value": ""}])
    taken = sa.update(M).where(M.c.key == key, M.c.value < wanted).values(value=wanted)
    return bool(tx.execute(taken).rowcount)
