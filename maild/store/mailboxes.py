"""How far each IMAP mailbox was read (RELIABILITY 1.5)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from maild.store import schema
from maild.store.dialect import upsert
from maild.store.engine import Tx

T = schema.mailboxes


def load(tx: Tx, account: str, folder: str, uidvalidity: int) -> tuple[int, tuple[tuple[int, int], ...]] | None:
    """(highest UID contiguously done, exceptions as (UID, tries)), or None when this validity was never seen."""
    where = sa.and_(T.c.account == account, T.c.folder == folder, T.c.uidvalidity == uidvalidity)
    row: Any = tx.execute(sa.select(T).where(where)).one_or_none()
    return (row.last_uid, tuple((uid, tries) for uid, tries in row.pending)) if row is not None else None


def save(
    tx: Tx,
    account: str,
    folder: str,
    uidvalidity: int,
    last_uid: int,
    pending: tuple[tuple[int, int], ...],
    now: datetime,
) -> None:
    """Remembers how far a mailbox was read."""
    row = {"account": account, "folder": folder, "uidvalidity": uidvalidity, "last_uid": last_uid, "updated_at": now}
    upsert(tx, T, row | {"pending": [list(each) for each in pending]}, ("account", "folder", "uidvalidity"))


def seen_any(tx: Tx, account: str, folder: str) -> bool:
    """True when this folder was read under any validity."""
    query = sa.select(T.c.uidvalidity).where(T.c.account == account, T.c.folder == folder).limit(1)
    return tx.execute(query).one_or_none() is not None
