"""What a leader's lease is worth inside of a transaction, and how long a process that hangs may keep others waiting.

On SQLite one daemon runs at all, and its own threads queue: there these questions have simple answers.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from maild.store import schema
from maild.store.engine import Tx
from maild.store.prepared import Prepared

T = schema.leases
_LEADS = Prepared(
    sa.select(T.c.name).where(
        T.c.name == sa.bindparam("which"), T.c.holder == sa.bindparam("who"), T.c.fence == sa.bindparam("number")
    )
)
_HANGS = Prepared(
    sa.select(sa.func.set_config("idle_in_transaction_session_timeout", sa.bindparam("ms", type_=sa.Text), True))
)


def leads(tx: Tx, name: str, holder: str, fence: int) -> bool:
    """True while nobody took the lease over since it was given under this number, whatever the clocks say.

    The row is not locked: who hangs in the middle of his transaction must not keep the next one from taking over.
    """
    return tx.execute(_LEADS, {"which": name, "who": holder, "number": fence}).one_or_none() is not None


def not_beyond(tx: Tx, name: str, latest: datetime) -> None:
    """Ends a lease no later than one of now would end: what lies beyond was written before the clock was set back."""
    tx.execute(sa.update(T).where(T.c.name == name, T.c.until > latest).values(until=latest))


def ends_when_idle(tx: Tx, length: timedelta) -> None:
    """Has PostgreSQL end this transaction, and free what it locked, when its process says nothing for so long."""
    if tx.dialect.name == "postgresql":
        tx.execute(_HANGS, {"ms": str(length // timedelta(milliseconds=1))})
