"""The spool: mails received, not yet handled, and what became of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from maild.mail.envelope import Envelope, Via
from maild.store import schema
from maild.store.dialect import among, insert_new
from maild.store.engine import Tx
from maild.store.prepared import Prepared

T = schema.inbound


@dataclass(frozen=True, slots=True)
class Received:
    """One row of the spool. `attempts` counts claims, the present one included."""

    id: int
    source: str
    size: int
    envelope: Envelope
    attempts: int
    released_by: str | None


def insert(tx: Tx, rows: list[tuple[str, int, Envelope]]) -> list[int]:
    """Adds received mails (hash, size, envelope); gives their ids in order."""
    values = [_values(source, size, envelope) for source, size, envelope in rows]
    if tx.dialect.name == "sqlite":
        last = tx.execute(_INSERT, values).lastrowid  # only we write now, so the others are the numbers before it
        return list(range(last - len(values) + 1, last + 1))
    result = tx.execute(sa.insert(T).returning(T.c.id, sort_by_parameter_order=True), values)
    return [row.id for row in result]


_INSERT = Prepared(sa.insert(T))


def _values(source: str, size: int, envelope: Envelope) -> dict[str, Any]:
    return {
        "state": "received",
        "source": source,
        "size": size,
        "via": envelope.via.value,
        "mail_from": envelope.mail_from,
        "rcpt_to": list(envelope.rcpt_to),
        "peer": envelope.peer,
        "authenticated_as": envelope.authenticated_as,
        "trusted": envelope.trusted,
        "quiet": envelope.quiet,
        "origin": envelope.origin,
        "received_at": envelope.received_at,
        "attempts": 0,
    }


def claim(tx: Tx, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Received]:
    """Takes the oldest waiting mails under a lease. A mail whose handling ended uncleanly comes alone, so that an
    innocent neighbour is not counted with it; mails of one sender stay in order (no later one while an earlier is
    under another's lease)."""
    rows = tx.execute(_CANDIDATES, {"worker": worker, "now": now, "most": limit}).all()
    if not rows:
        return []
    first = rows[0]
    chosen = [first.id] if first.attempts else [row.id for row in rows if not row.attempts]
    claimed = tx.execute(_TAKE, {"chosen": chosen, "until": now + lease, "who": worker})
    return sorted(map(_received, claimed), key=lambda each: each.id)


_WAITING_BEFORE = T.alias("earlier")
_OF_THE_SENDER = sa.and_(
    _WAITING_BEFORE.c.state == "received",
    _WAITING_BEFORE.c.mail_from == T.c.mail_from,
    _WAITING_BEFORE.c.id < T.c.id,
)
_WORKER = sa.bindparam("worker", type_=T.c.leased_by.type)
_NOW = sa.bindparam("now", type_=T.c.leased_until.type)
# Without their offsets PostgreSQL would join the whole spool to itself, for the first eight of it.
_HELD_BY_ANOTHER = (
    sa.select(_WAITING_BEFORE.c.id)
    .where(_OF_THE_SENDER, _WAITING_BEFORE.c.leased_until > _NOW, _WAITING_BEFORE.c.leased_by != _WORKER)
    .offset(0)
    .exists()
)
# What is free: without a lease, with one that ran out, or left over from this worker's own last, broken batch.
_FREE = sa.or_(T.c.leased_until.is_(None), T.c.leased_until <= _NOW, T.c.leased_by == _WORKER)
_CANDIDATES = Prepared(
    sa.select(T.c.id, T.c.attempts)
    .where(T.c.state == "received", _FREE, ~_HELD_BY_ANOTHER)
    .order_by(T.c.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, of=T)
)
# An earlier mail of the sender waits that is not among these: another's claim, not committed yet, has it locked, or it
# must come alone.
_OVERTAKES = (
    sa.select(_WAITING_BEFORE.c.id).where(_OF_THE_SENDER, ~among(_WAITING_BEFORE.c.id, "chosen")).offset(0).exists()
)
_TAKE = Prepared(
    sa.update(T)
    .where(among(T.c.id, "chosen"), ~_OVERTAKES)
    .values(leased_until=sa.bindparam("until"), leased_by=sa.bindparam("who"), attempts=T.c.attempts + 1)
    .returning(T)
)


def _received(row: Any) -> Received:
    envelope = Envelope(
        via=Via(row.via),
        received_at=row.received_at,
        mail_from=row.mail_from,
        rcpt_to=tuple(row.rcpt_to),
        peer=row.peer,
        authenticated_as=row.authenticated_as,
        trusted=row.trusted,
        quiet=row.quiet,
        origin=row.origin,
    )
    return Received(row.id, row.source, row.size, envelope, row.attempts, row.released_by)


def still_mine(tx: Tx, inbound: int, worker: str) -> bool:
    """True when this worker's claim holds; asked inside the transaction that files the mail (fencing)."""
    return tx.execute(_MINE, {"inbound": inbound, "worker": worker}).one_or_none() is not None


_MINE = Prepared(
    sa.select(T.c.id)
    .where(T.c.id == sa.bindparam("inbound"), T.c.state == "received", T.c.leased_by == sa.bindparam("worker"))
    .with_for_update()
)


def give_back(tx: Tx, ids: list[int], worker: str, *, until: datetime, uncount: bool) -> None:
    """Ends claims early: nothing was done. `uncount`: our own fault, not the mail's."""
    minus = 1 if uncount else 0
    mine = sa.and_(T.c.id.in_(ids), T.c.leased_by == worker, T.c.state == "received")
    tx.execute(sa.update(T).where(mine).values(leased_until=until, leased_by=None, attempts=T.c.attempts - minus))


def settle(
    tx: Tx,
    inbound: int,
    state: str,
    now: datetime,
    *,
    reason: str = "",
    trace: str | None = None,
    ticket: int | None = None,
    message_id: str | None = None,
    from_address: str | None = None,
    likeness: str | None = None,
) -> None:
    """Ends the handling of one mail: filed, held, ignored or failed."""
    values: dict[str, Any] = {
        "state": state,
        "handled_at": now,
        "reason": reason,
        "trace": trace,
        "leased_until": None,
        "leased_by": None,
        "ticket": ticket,
    }
    known = {"message_id": message_id, "from_address": from_address, "likeness": likeness}
    values |= {name: value for name, value in known.items() if value is not None}
    tx.execute(_SETTLE, values | {"inbound": inbound})


# Built once: making a statement costs more than running it. The values are the parameters' names.
_SETTLE = Prepared(sa.update(T).where(T.c.id == sa.bindparam("inbound")))


def retry(tx: Tx, inbound: int, *, released_by: str | None = None) -> bool:
    """Held and failed mails go back to the spool by hand; False when there is no such mail.

    Only what was held is vouched for by that: nobody has judged a mail that failed before it was understood.
    """
    values: dict[str, Any] = {"state": "received", "attempts": 0, "leased_until": None, "reason": None, "trace": None}
    values["released_by"] = sa.case((T.c.state == "held", released_by), else_=T.c.released_by)
    set_aside = sa.and_(T.c.id == inbound, T.c.state.in_(("held", "failed")))
    done = tx.execute(sa.update(T).where(set_aside).values(values))
    if done.rowcount:
        tx.execute(sa.delete(schema.identities).where(schema.identities.c.inbound == inbound))
    return bool(done.rowcount)


def forget(tx: Tx, inbound: int, now: datetime) -> bool:
    """Takes a mail out of quarantine for good; the row stays as ignored, so that its history can be told."""
    set_aside = sa.and_(T.c.id == inbound, T.c.state.in_(("held", "failed")))
    values = {"state": "ignored", "reason": "deleted from quarantine by hand", "handled_at": now}
    return bool(tx.execute(sa.update(T).where(set_aside).values(values)).rowcount)


def quarantined(tx: Tx, limit: int | None = None) -> list[Any]:
    """Held and failed mails, newest first."""
    query = sa.select(T).where(T.c.state.in_(("held", "failed"))).order_by(T.c.id.desc()).limit(limit)
    return list(tx.execute(query))


def one(tx: Tx, inbound: int) -> Any | None:
    """One row of the spool, whatever its state."""
    return tx.execute(sa.select(T).where(T.c.id == inbound)).one_or_none()


def alike_since(tx: Tx, likeness: str, since: datetime) -> int:
    """How many mails said the same from the same address since then."""
    count: int = tx.execute(_ALIKE, {"likeness": likeness, "since": since}).scalar_one()
    return count


_ALIKE = Prepared(
    sa.select(sa.func.count()).where(
        T.c.likeness == sa.bindparam("likeness"), T.c.received_at > sa.bindparam("since"), T.c.state != "ignored"
    )
)


def still_waiting(tx: Tx, first: int, last: int) -> int:
    """How many mails of this stretch of ids wait to be handled, by us or by another process."""
    query = sa.select(sa.func.count()).where(T.c.state == "received", T.c.id.between(first, last))
    return tx.execute(query).scalar_one()


def waiting(tx: Tx) -> int:
    """How many mails wait to be handled."""
    return tx.execute(sa.select(sa.func.count()).where(T.c.state == "received")).scalar_one()


def oldest_waiting(tx: Tx) -> datetime | None:
    """Since when the oldest mail waits to be handled."""
    query = sa.select(sa.func.min(T.c.received_at)).where(T.c.state == "received")
    since: datetime | None = tx.execute(query).scalar_one()
    return since


def count_set_aside(tx: Tx) -> int:
    """How many mails lie in quarantine."""
    return tx.execute(sa.select(sa.func.count()).where(T.c.state.in_(("held", "failed")))).scalar_one()


def find_identity(tx: Tx, key: str) -> Any | None:
    """The mail that was handled under this identity before (IN-4)."""
    return tx.execute(_IDENTITY, {"identity": key}).one_or_none()


_IDENTITY = Prepared(sa.select(schema.identities).where(schema.identities.c.key == sa.bindparam("identity")))
_KEEP_IDENTITY = Prepared(sa.insert(schema.identities))


def keep_identity(tx: Tx, key: str, inbound: int, ticket: int | None) -> None:
    """Remembers a handled mail; a second one of the same key fails the transaction and is then found."""
    tx.execute(_KEEP_IDENTITY, {"key": key, "inbound": inbound, "ticket": ticket})


def relay_id(name: str) -> str:
    """The key under which a relay's own name for a mail leads to its ticket (Amazon SES puts it into Message-IDs)."""
    return f"relay:{name}"


def keep_message_ids(tx: Tx, ticket: int, ids: tuple[str, ...]) -> None:
    """Every id seen on a ticket, its own and all references, leads to it (zammad#5716)."""
    insert_new(tx, schema.message_ids, [{"message_id": each, "ticket": ticket} for each in dict.fromkeys(ids)])


def tickets_of_ids(tx: Tx, ids: tuple[str, ...]) -> list[tuple[str, int]]:
    """(id, ticket) for each of these Message-IDs that was seen on a ticket."""
    if not ids:
        return []
    return [(row.message_id, row.ticket) for row in tx.execute(_TICKETS_OF_IDS, {"ids": list(ids)})]


_TICKETS_OF_IDS = Prepared(sa.select(schema.message_ids).where(among(schema.message_ids.c.message_id, "ids")))
