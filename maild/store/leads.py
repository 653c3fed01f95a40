"""What a leader's lease is worth inside of a transaction, and how long a process that hangs may keep others waiting.

On SQLite one daemon runs at all, and its own threads queue: there these questions have simple answers.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from maild.store import schema
from maild.store.engine import OUR_SESSIONS, Tx
from maild.store.prepared import Prepared

T = schema.leases
_LEADS = Prepared(
    sa.select(T.c.name).where(
        T.c.name == sa.bindparam("which"), T.c.holder == sa.bindparam("who"), T.c.fence == sa.bindparam("number")
    )
)
_LEADING = "maild leads"  # while a transaction of the leader's runs, its session bears this name
_HANGS = sa.select(
    sa.func.set_config("idle_in_transaction_session_timeout", sa.bindparam("ms", type_=sa.Text), True),
    sa.func.set_config("application_name", _LEADING, True),
)
_END_HANGING = sa.text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
    " AND xact_start IS NOT NULL AND wait_event = 'ClientRead' AND state_change < clock_timestamp()"
    " - CASE application_name WHEN :leading THEN CAST(:lead AS interval) WHEN :own THEN CAST(:other AS interval) END"
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


def end_hanging(tx: Tx, *, lead: timedelta, other: timedelta) -> int:
    """Ends sessions of ours in which PostgreSQL waits for the rest of what a process began to say; gives how many.

    That is what `ends_when_idle` cannot see: in the midst of a pipeline of statements a session counts as busy, and
    one that is frozen there would keep its locks for ever. `lead`: for the leader's transactions, `other`: for all.
    """
    if tx.dialect.name != "postgresql":
        return 0
    limits = {"lead": lead, "other": other, "leading": _LEADING, "own": OUR_SESSIONS}
    ended: int = tx.execute(_END_HANGING, limits).scalar_one()
    return ended
