"""Who holds claims on spool and outbox rows; ending those of the dead, and waits that a clock set back made long."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from maild.store import schema
from maild.store.engine import Tx

CLAIMED = ((schema.inbound, "received"), (schema.outbox, "sending"))


def holders(tx: Tx) -> list[str]:
    """Every name that holds a claim now."""
    names: set[str] = set()
    for table, state in CLAIMED:
        held = sa.and_(table.c.state == state, table.c.leased_by.is_not(None))
        names |= set(tx.execute(sa.select(table.c.leased_by).where(held).distinct()).scalars())
    return sorted(names)


def end(tx: Tx, names: list[str], now: datetime) -> int:
    """Lets the claims of these holders run out now; what they left is then recovered like any expired claim."""
    freed = 0
    for table, state in CLAIMED:
        theirs = sa.and_(table.c.state == state, table.c.leased_by.in_(names))
        freed += tx.execute(sa.update(table).where(theirs).values(leased_until=now)).rowcount if names else 0
    return freed


def no_longer_than(tx: Tx, now: datetime, lease: timedelta, wait: timedelta) -> int:
    """After the clock was set back: no claim ends later than one of now would, and what waits to leave until a time
    that was reckoned by the other clock is due now; gives how many rows that were.

    What an admin or quiet hours put off until a time of day stays: such a row was never tried, and is due later than
    it was written.
    """
    box = schema.outbox.c
    tried = sa.or_(box.attempts > 0, box.last_reply.is_not(None))
    written_ahead = sa.and_(box.created_at > now, sa.or_(tried, box.next_at == box.created_at))
    too_late = sa.or_(written_ahead, sa.and_(tried, box.next_at > now + wait))
    due = sa.update(schema.outbox).where(box.state == "pending", box.next_at > now, too_late).values(next_at=now)
    changed = tx.execute(due).rowcount
    for table, state in CLAIMED:
        beyond = sa.and_(table.c.state == state, table.c.leased_until > now + lease)
        changed += tx.execute(sa.update(table).where(beyond).values(leased_until=now + lease)).rowcount
    return changed
