"""Mails to send: one row per mail and recipient, written in the transaction of the change (SPEC OUT-2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from maild.mail.model import Mailbox
from maild.store import schema
from maild.store.dialect import among, insert_new
from maild.store.engine import Tx
from maild.store.messages import boxes, pairs
from maild.store.prepared import Prepared

T = schema.outbox
ORDER_WAIT = timedelta(hours=1)
DOUBT = "outcome unknown"


@dataclass(frozen=True, slots=True)
class NewMail:
    """One mail to one recipient; several rows of one Message-ID are one mail to several people of one side."""

    event: str
    audience: str
    marking: str
    language: str
    recipient: str
    sender: Mailbox
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    reply_to: str | None
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    context: dict[str, Any]
    ticket: int | None = None
    message: int | None = None
    leaves_at: datetime | None = None  # after the recipient's quiet hours; None: at once


@dataclass(frozen=True, slots=True)
class Pending:
    """A claimed row; `attempt` counts the present one; `doubted`: an earlier attempt's outcome is unknown."""

    id: int
    mail: NewMail
    created_at: datetime
    attempt: int
    content: str | None
    doubted: bool = False
    overtakes: bool = False  # an earlier mail of the same ticket to the same person did not leave in time


def insert(tx: Tx, mails: list[NewMail], now: datetime) -> None:
    """Adds mails; one that is there already (same Message-ID and recipient) stays one."""
    insert_new(tx, T, [_values(mail, now) for mail in mails])


def _values(mail: NewMail, now: datetime) -> dict[str, Any]:
    return {
        "state": "pending",
        "ticket": mail.ticket,
        "event": mail.event,
        "audience": mail.audience,
        "marking": mail.marking,
        "language": mail.language,
        "recipient": mail.recipient,
        "sender": [mail.sender.address, mail.sender.name],
        "to": pairs(mail.to),
        "cc": pairs(mail.cc),
        "reply_to": mail.reply_to,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "refs": list(mail.references),
        "context": mail.context,
        "message": mail.message,
        "created_at": now,
        "next_at": mail.leaves_at or now,
        "attempts": 0,
    }


def claim(tx: Tx, worker: str, now: datetime, lease: timedelta, wait: timedelta, limit: int) -> list[Pending]:
    """Takes due mails: attempt counted and the next time set before anything is tried (mox, RELIABILITY 1.6).

    A later mail of the same ticket to the same person waits for an earlier one, at most an hour.
    """
    due = {"now": now, "since": now - ORDER_WAIT, "most": limit}
    found = {row.id: bool(row.overtakes) for row in tx.execute(_DUE, due)}
    if not found:
        return []
    values = {"ids": list(found), "worker": worker, "until": now + lease, "later": now + wait}
    rows = tx.execute(_TAKE, values).all()
    return sorted((_pending(row, overtakes=found[row.id]) for row in rows), key=lambda each: each.id)


_EARLIER = T.alias("earlier")
_NOW = sa.bindparam("now", type_=T.c.next_at.type)
_BEFORE_IT = sa.and_(
    _EARLIER.c.ticket == T.c.ticket,
    _EARLIER.c.recipient == T.c.recipient,
    _EARLIER.c.id < T.c.id,
    _EARLIER.c.state.in_([sa.literal_column(f"'{state}'") for state in ("pending", "sending", "unknown")]),
)
_HELD_UP = sa.exists().where(
    _BEFORE_IT,
    # Wrapped, so that no index on the time tempts the planner: a recipient may have thousands of young mails.
    sa.func.coalesce(_EARLIER.c.created_at, _EARLIER.c.created_at) > sa.bindparam("since"),
    # One that waits for the end of quiet hours holds up nothing; one that rests with its relay does.
    sa.or_(_EARLIER.c.attempts > 0, _EARLIER.c.last_reply.is_not(None), _EARLIER.c.next_at <= _NOW),
)
_OVERTAKES = sa.exists().where(
    _BEFORE_IT, _EARLIER.c.attempts > 0, sa.or_(_EARLIER.c.state != "pending", _EARLIER.c.next_at > _NOW)
)
_DUE = Prepared(
    sa.select(T.c.id, _OVERTAKES.label("overtakes"))
    .where(T.c.state == "pending", T.c.next_at <= _NOW, ~_HELD_UP)
    .order_by(T.c.next_at, T.c.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, of=T)
)
_TAKE = Prepared(
    sa.update(T)
    .where(among(T.c.id, "ids"))
    .values(
        state="sending",
        attempts=T.c.attempts + 1,
        leased_by=sa.bindparam("worker"),
        leased_until=sa.bindparam("until"),
        next_at=sa.bindparam("later"),
        dot_at=None,
    )
    .returning(T)
)


def _pending(row: Any, *, overtakes: bool) -> Pending:
    doubted = (row.last_reply or "").startswith(DOUBT)
    return Pending(row.id, mail_of(row), row.created_at, row.attempts, row.content, doubted, overtakes)


def shown_messages(tx: Tx, mails: list[Pending]) -> dict[int, Any]:
    """What the mails of a batch need of the messages that they show, by their ids."""
    ids = list({each.mail.message for each in mails if each.content is None} - {None})
    return {row.id: row for row in tx.execute(_SHOWN, {"ids": ids})} if ids else {}


_M = schema.messages.c
_SHOWN = Prepared(sa.select(_M.id, _M.at, _M.from_address, _M.from_name, _M.new_text).where(among(_M.id, "ids")))


def mail_of(row: Any) -> NewMail:
    """The values of a row."""
    return NewMail(
        event=row.event,
        audience=row.audience,
        marking=row.marking,
        language=row.language,
        recipient=row.recipient,
        sender=Mailbox(*row.sender),
        to=boxes(row.to),
        cc=boxes(row.cc),
        reply_to=row.reply_to,
        message_id=row.message_id,
        in_reply_to=tuple(row.in_reply_to),
        references=tuple(row.refs),
        context=row.context,
        ticket=row.ticket,
        message=row.message,
    )


def mark_dot(tx: Tx, row: int, worker: str, now: datetime) -> bool:
    """The final dot is about to go out: from now on the outcome may be unknown. False: the claim was lost."""
    return bool(tx.execute(_MINE, {"dot_at": now, "row": row, "worker": worker}).rowcount)


def settle(
    tx: Tx,
    row: int,
    worker: str,
    state: str,
    now: datetime,
    *,
    reply: str,
    next_at: datetime | None,
    content: str | None = None,
) -> bool:
    """Ends an attempt; False when the claim was lost meanwhile and somebody else decides.

    `content` names the exact bytes that may have arrived: a later attempt sends the same.
    """
    values: dict[str, Any] = {"state": state, "last_reply": reply[:500], "leased_by": None, "leased_until": None}
    if next_at is not None:
        values["next_at"] = next_at
    if content is not None:
        values["content"] = content
    if state == "sent":
        values["sent_at"] = now
    return bool(tx.execute(_MINE, values | {"row": row, "worker": worker}).rowcount)


_IS_MINE = sa.and_(T.c.state == "sending", T.c.leased_by == sa.bindparam("worker"))
_MINE = Prepared(sa.update(T).where(T.c.id == sa.bindparam("row"), _IS_MINE))


def settle_sent(tx: Tx, row: int, worker: str, attempt: int, now: datetime, reply: str) -> bool:
    """The relay took it. That holds also where the claim was lost meanwhile, unless somebody has tried again since."""
    values = {"last_reply": reply[:500], "sent_at": now, "row": row, "worker": worker, "attempt": attempt}
    return bool(tx.execute(_SENT, values).rowcount)


_NOT_TRIED_SINCE = sa.and_(T.c.state.in_(("pending", "unknown")), T.c.attempts == sa.bindparam("attempt"))
_SENT = Prepared(
    sa.update(T)
    .where(T.c.id == sa.bindparam("row"), sa.or_(_IS_MINE, _NOT_TRIED_SINCE))
    .values(
        state="sent",
        last_reply=sa.bindparam("last_reply"),
        sent_at=sa.bindparam("sent_at"),
        leased_by=None,
        leased_until=None,
    )
)


def rest(tx: Tx, ids: list[int], worker: str, until: datetime, reply: str) -> None:
    """The relay is unusable: these mails wait and their attempt is not spent."""
    tx.execute(_REST, {"ids": ids, "worker": worker, "until": until, "reply": reply[:500]})


def give_back(tx: Tx, ids: list[int], worker: str) -> None:
    """Nothing was tried: these mails are as due as before, in front of the younger ones, and their attempt is not
    spent."""
    tx.execute(_GIVE_BACK, {"ids": ids, "worker": worker})


_DOUBTED = T.c.last_reply.startswith(DOUBT)
_UNTRIED = (
    sa.update(T)
    .where(among(T.c.id, "ids"), _IS_MINE)
    .values(state="pending", attempts=T.c.attempts - 1, leased_by=None, leased_until=None)
)
_REST = Prepared(
    _UNTRIED.values(
        next_at=sa.bindparam("until"),
        last_reply=sa.case((_DOUBTED, T.c.last_reply), else_=sa.bindparam("reply", type_=sa.Text)),
    )
)
_GIVE_BACK = Prepared(_UNTRIED.values(next_at=T.c.created_at))


def recover(tx: Tx, worker: str, now: datetime, *, resend_at: datetime | None) -> int:
    """Rows whose sender died, or that this sender's own broken batch left.

    Unknown when the dot had gone out, pending otherwise. Unknown ones are sent once more at `resend_at`; they stay for
    an admin when it is None, or when that was done already.
    """
    lost = {"worker": worker, "now": now}
    safe = tx.execute(_DUE_AGAIN, lost)
    unsure = tx.execute(_HELD, lost) if resend_at is None else tx.execute(_ONCE_MORE, lost | {"later": resend_at})
    return safe.rowcount + unsure.rowcount


_LOST = sa.update(T).where(
    T.c.state == "sending", sa.or_(T.c.leased_until <= _NOW, T.c.leased_by == sa.bindparam("worker"))
)
_FREE = {"leased_by": None, "leased_until": None}
_DUE_AGAIN = Prepared(_LOST.where(T.c.dot_at.is_(None)).values(state="pending", next_at=_NOW, **_FREE))
_HELD = Prepared(_LOST.where(T.c.dot_at.is_not(None)).values(state="unknown", **_FREE))
_ONCE_MORE = Prepared(
    _LOST.where(T.c.dot_at.is_not(None)).values(
        state=sa.case((_DOUBTED, "unknown"), else_="pending"),
        next_at=sa.bindparam("later"),
        last_reply=f"{DOUBT}: the sender died at the final dot",
        **_FREE,
    )
)


def one(tx: Tx, row: int) -> Any | None:
    """One row."""
    return tx.execute(sa.select(T).where(T.c.id == row)).one_or_none()


def listed(tx: Tx, *, everything: bool, limit: int | None = None) -> list[Any]:
    """Rows that still matter (or all), newest first."""
    query = sa.select(T).order_by(T.c.id.desc()).limit(limit)
    if not everything:
        query = query.where(T.c.state.in_(("pending", "sending", "unknown", "failed")))
    return list(tx.execute(query))


def count(tx: Tx) -> int:
    """How many mails still have to leave."""
    query = sa.select(sa.func.count()).where(T.c.state.in_(("pending", "sending", "unknown")))
    return tx.execute(query).scalar_one()


def oldest_waiting(tx: Tx) -> datetime | None:
    """Since when the oldest mail waits to leave."""
    since: datetime | None = tx.execute(sa.select(sa.func.min(T.c.created_at)).where(schema.OPEN_MAILS)).scalar_one()
    return since


def retry(tx: Tx, row: int, now: datetime) -> bool:
    """By hand: try a pending, failed or unknown mail now.

    One that was given up gets the whole schedule again: since when it waits counts anew, and so do its attempts.
    """
    return bool(tx.execute(_BY_HAND, {"row": row, "now": now}).rowcount)


_GIVEN_UP = T.c.state.in_(("failed", "unknown"))
_BY_HAND = Prepared(
    sa.update(T)
    .where(T.c.id == sa.bindparam("row"), T.c.state.in_(("pending", "failed", "unknown")))
    .values(
        state="pending",
        next_at=_NOW,
        attempts=sa.case((_GIVEN_UP, 0), else_=T.c.attempts),
        created_at=sa.case((_GIVEN_UP, _NOW), else_=T.c.created_at),
    )
)


def drop(tx: Tx, row: int) -> bool:
    """By hand: a mail that has not left will not leave."""
    waiting = sa.and_(T.c.id == row, T.c.state.in_(("pending", "failed", "unknown")))
    return bool(tx.execute(sa.update(T).where(waiting).values(state="cancelled")).rowcount)
