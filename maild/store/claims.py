"""Who holds claims on spool and outbox rows, and ending the claims of the dead."""

from datetime import datetime

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
