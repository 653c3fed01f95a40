"""What was written to whom, and what came of it: questions about the outbox's rows and about addresses, and
what bounces and letters teach about both."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from maild.store import schema
from maild.store.dialect import among, insert_new
from maild.store.engine import Tx
from maild.store.prepared import Prepared

T = schema.outbox


@dataclass(frozen=True, slots=True)
class Reach:
    """How an address was written to: whether it is known as dead, and the automatic mails it got."""

    unreachable: bool
    last_hour: int
    last_day: int
    in_a_row: int  # since a person of ours last wrote to him, at most of a month


def reach(tx: Tx, address: str, now: datetime) -> Reach:
    """What decides whether one more automatic mail may go to a customer."""
    since = {"hour": now - timedelta(hours=1), "day": now - timedelta(days=1), "month": now - timedelta(days=30)}
    row = tx.execute(_REACH, {"address": address, **since}).one()
    return Reach(bool(row.unreachable), row.last_hour, row.last_day, row.in_a_row)


_LAST_WORDS = (
    sa.select(sa.func.max(T.c.created_at))
    .where(
        T.c.recipient == sa.bindparam("address"),
        T.c.created_at > sa.bindparam("month"),  # older ones leave all of the month in a row, as none would
        T.c.audience == "customer",
        T.c.marking == "",
    )
    .scalar_subquery()
)
_DEAD = sa.exists().where(
    schema.addresses.c.address == sa.bindparam("address"), schema.addresses.c.unreachable_at.is_not(None)
)
_REACH = Prepared(
    sa.select(
        _DEAD.label("unreachable"),
        sa.func.count().filter(T.c.created_at > sa.bindparam("hour")).label("last_hour"),
        sa.func.count().filter(T.c.created_at > sa.bindparam("day")).label("last_day"),
        sa.func.count().filter(sa.or_(_LAST_WORDS.is_(None), T.c.created_at > _LAST_WORDS)).label("in_a_row"),
    ).where(
        T.c.recipient == sa.bindparam("address"),
        T.c.created_at > sa.bindparam("month"),
        T.c.audience == "customer",
        T.c.marking != "",
    )
)


def told_since(tx: Tx, event: str, address: str, since: datetime) -> int:
    """How many mails of one kind went to an address since then."""
    count: int = tx.execute(_TOLD, {"address": address, "since": since, "event": event}).scalar_one()
    return count


_TOLD = Prepared(
    sa.select(sa.func.count()).where(
        T.c.recipient == sa.bindparam("address"),
        T.c.created_at > sa.bindparam("since"),
        T.c.event == sa.bindparam("event"),
    )
)


def is_ours(tx: Tx, message_id: str) -> bool:
    """True when we sent a mail of this Message-ID: our record of sending."""
    return tx.execute(_OURS, {"message_id": message_id}).one_or_none() is not None


_OURS = Prepared(sa.select(T.c.id).where(T.c.message_id == sa.bindparam("message_id")).limit(1))


def ticket_of_ids(tx: Tx, ids: tuple[str, ...]) -> list[tuple[str, int]]:
    """(id, ticket) for our own sent Message-IDs, also those whose signature a relay destroyed."""
    if not ids:
        return []
    return [(row.message_id, row.ticket) for row in tx.execute(_TICKETS_OF_IDS, {"ids": list(ids)})]


_TICKETS_OF_IDS = Prepared(
    sa.select(T.c.message_id, T.c.ticket).where(among(T.c.message_id, "ids"), T.c.ticket.is_not(None)).distinct()
)


def recipients_of(tx: Tx, ids: tuple[str, ...]) -> list[str]:
    """Everyone to whom we sent a mail of one of these Message-IDs."""
    if not ids:
        return []
    return list(tx.execute(sa.select(T.c.recipient).where(T.c.message_id.in_(ids)).distinct()).scalars())


def bounced_share(tx: Tx, since: datetime) -> tuple[int, int]:
    """(bounced, all that left) since then."""
    # No mail is due before it was made: by this the index of states and times finds the day's.
    left = sa.and_(T.c.created_at > since, T.c.next_at > since, T.c.state.in_(("sent", "bounced")))
    bounced = sa.func.count().filter(T.c.state == "bounced")
    row = tx.execute(sa.select(bounced, sa.func.count()).where(left)).one()
    return row[0], row[1]


def mark_bounced(tx: Tx, row: int) -> None:
    """A bounce spoke of this mail."""
    tx.execute(sa.update(T).where(T.c.id == row, T.c.state == "sent").values(state="bounced"))


def mark_unreachable(tx: Tx, address: str, status: str | None, now: datetime) -> None:
    """Remembers that mail to an address came back for good."""
    insert_new(tx, schema.addresses, [{"address": address}])
    found = schema.addresses.c.address == address
    tx.execute(sa.update(schema.addresses).where(found).values(unreachable_at=now, status=status))


def mark_reachable(tx: Tx, address: str) -> None:
    """Somebody wrote from this address himself: it lives."""
    tx.execute(_REACHABLE, {"address": address})


_REACHABLE = Prepared(sa.delete(schema.addresses).where(schema.addresses.c.address == sa.bindparam("address")))
