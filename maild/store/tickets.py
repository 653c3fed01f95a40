"""Tickets and their history: the row is written from the fold, never edited on its own."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from maild.mail.model import Mailbox
from maild.store import fulltext, schema
from maild.store.dialect import among, insert_new, upsert
from maild.store.engine import Tx
from maild.store.prepared import Prepared
from maild.tickets import clocks
from maild.tickets.event_records import from_record, to_record
from maild.tickets.events import Event
from maild.tickets.ticket import Link, Participant, Standing, Ticket, Todo
from maild.tickets.workflow import Phase

T = schema.tickets
P = schema.participants
SLICE = 500
SAME = (
    *("number", "subject", "status", "priority", "category", "inbox", "language", "answerable", "assignee"),
    *("created_at", "updated_at", "first_response_at", "resolved_at", "closed_at", "answered_at", "heard_at"),
    *("due_at", "followup_at", "action_at", "minutes", "quality", "rating", "level", "organisation", "vip"),
    *("breach_cause", "phase_at"),
    *("merged_into", "spam", "deleted", "messages", "seq"),
)


def next_number(tx: Tx, first: int) -> int:
    """The next ticket number, `first` or higher; never reused.

    On SQLite counted in the same transaction, so without gaps. On PostgreSQL by a sequence, for which new tickets of
    several workers don't wait; a transaction that is taken back leaves a gap.
    """
    if tx.dialect.name == "sqlite":
        counted = tx.execute(_COUNTED, {"first": first}).scalar_one_or_none()
        if counted is None:
            insert_new(tx, schema.counters, [{"name": "ticket", "value": first}])
        return first if counted is None else int(counted)
    number = int(tx.execute(_DRAWN).scalar_one())
    return number if number >= first else _begun(tx, first)


def _begun(tx: Tx, first: int) -> int:
    """The sequence is behind: it is put forward by one at a time, who looks once more whether another did it."""
    tx.execute(_ALONE)
    number = int(tx.execute(_DRAWN).scalar_one())
    return number if number >= first else int(tx.execute(_BEGUN, {"first": first}).scalar_one())


_COUNTED = Prepared(
    sa.update(schema.counters)
    .where(schema.counters.c.name == "ticket")
    .values(value=sa.func.max(schema.counters.c.value + 1, sa.bindparam("first")))
    .returning(schema.counters.c.value)
)
_NUMBERS: sa.ColumnElement[str] = sa.literal_column("'ticket_numbers'")
_DRAWN = Prepared(sa.select(sa.func.nextval(_NUMBERS).label("number")))
_BEGUN = Prepared(sa.select(sa.func.setval(_NUMBERS, sa.bindparam("first", type_=sa.BigInteger)).label("number")))
_ALONE = Prepared(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(_NUMBERS)).label("locked")))


def load(tx: Tx, number: int, *, lock: bool = False) -> Ticket | None:
    """One ticket; `lock` keeps other writers from it until this transaction ends."""
    row = tx.execute(_LOCK if lock else _LOAD, {"number": number}).one_or_none()
    return _ticket(row, _participants(tx, [number])) if row is not None else None


_ONE = sa.select(T).where(T.c.number == sa.bindparam("number"))
_LOAD, _LOCK = Prepared(_ONE), Prepared(_ONE.with_for_update())
_PARTICIPANTS = Prepared(sa.select(P).where(among(P.c.ticket, "numbers")).order_by(P.c.ticket, P.c.place))
_INSERT, _UPDATE = Prepared(sa.insert(T)), Prepared(sa.update(T).where(T.c.number == sa.bindparam("which")))
_APPEND = Prepared(sa.insert(schema.events))


def _participants(tx: Tx, numbers: list[int]) -> dict[int, list[Participant]]:
    found: dict[int, list[Participant]] = {}
    for row in tx.execute(_PARTICIPANTS, {"numbers": numbers}):
        found.setdefault(row.ticket, []).append(Participant(row.address, row.name, Standing(row.standing)))
    return found


def _participants_of_many(tx: Tx, numbers: list[int]) -> dict[int, list[Participant]]:
    """In slices: SQLite takes at most so many bound values."""
    found: dict[int, list[Participant]] = {}
    for start in range(0, len(numbers), SLICE):
        found |= _participants(tx, numbers[start : start + SLICE])
    return found


def _ticket(row: Any, participants: dict[int, list[Participant]]) -> Ticket:
    return Ticket(
        phase=Phase(row.phase),
        requester=Mailbox(row.requester, row.requester_name),
        teams=tuple(row.teams),
        tags=tuple(row.tags),
        followers=tuple(row.followers),
        clocks=clocks.from_record(row.clocks) if row.clocks else None,
        reminded=tuple((what, count) for what, count in row.reminded),
        links=tuple(Link(kind, number) for kind, number in row.links),
        plans=tuple((which, text) for which, text in row.plans),
        fields=tuple((name, value) for name, value in row.fields),
        references=tuple((kind, value) for kind, value in row.refs),
        todos=tuple(Todo(number, text, done) for number, text, done in row.todos),
        participants=tuple(participants.get(row.number, ())),
        **{name: getattr(row, name) for name in SAME},
    )


def save(tx: Tx, before: Ticket | None, ticket: Ticket) -> None:
    """Writes the fold into the ticket's row and its participants."""
    values = {name: getattr(ticket, name) for name in SAME} | {
        "phase": ticket.phase.value,
        "requester": ticket.requester.address,
        "requester_name": ticket.requester.name,
        "teams": list(ticket.teams),
        "tags": list(ticket.tags),
        "followers": list(ticket.followers),
        "links": [[link.kind, link.number] for link in ticket.links],
        "clocks": clocks.to_record(ticket.clocks) if ticket.clocks else None,
        "sla_due_at": ticket.sla_due_at,
        "reminded": list(map(list, ticket.reminded)),
        "plans": list(map(list, ticket.plans)),
        "fields": list(map(list, ticket.fields)),
        "refs": list(map(list, ticket.references)),
        "todos": [[todo.number, todo.text, todo.done] for todo in ticket.todos],
    }
    if before is None:
        tx.execute(_INSERT, values)
    else:
        tx.execute(_UPDATE, values | {"which": ticket.number})
    if before is None or before.participants != ticket.participants:
        _save_participants(tx, before, ticket)
    if before is None or _named(before) != _named(ticket):
        fulltext.index_subject(tx, ticket.number, *_named(ticket))


def _named(ticket: Ticket) -> tuple[str, tuple[str, ...]]:
    """What search finds a ticket by beside its messages."""
    people = (ticket.requester, *(each.mailbox for each in ticket.participants))
    return ticket.subject, tuple(text for box in people for text in (box.name, box.address))


def _save_participants(tx: Tx, before: Ticket | None, ticket: Ticket) -> None:
    here = {each.address for each in ticket.participants}
    gone = [each.address for each in before.participants if each.address not in here] if before else []
    if gone:
        tx.execute(sa.delete(P).where(P.c.ticket == ticket.number, P.c.address.in_(gone)))
    for place, each in enumerate(ticket.participants):
        row = {"ticket": ticket.number, "address": each.address, "name": each.name, "standing": each.standing.value}
        upsert(tx, P, row | {"place": place}, ("ticket", "address"))


def append(tx: Tx, number: int, events: Iterable[Event]) -> None:
    """Adds events to a ticket's history; a trigger refuses that they are ever changed."""
    rows = [_event_row(number, event) for event in events]
    if rows:
        tx.execute(_APPEND, rows)


def _event_row(number: int, event: Event) -> dict[str, Any]:
    kind, old, new = to_record(event.change)
    return {
        "ticket": number,
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "kind": kind,
        "old": old,
        "new": new,
        "reason": event.reason,
        "cause": event.cause,
    }


def history(tx: Tx, number: int) -> list[Event]:
    """Every event of a ticket in order."""
    table = schema.events
    rows = tx.execute(sa.select(table).where(table.c.ticket == number).order_by(table.c.seq))
    return [
        Event(row.at, row.actor, from_record(row.kind, row.old, row.new), row.reason, row.cause, row.seq)
        for row in rows
    ]


def was_told(tx: Tx, number: int, kind: str, cause: str) -> bool:
    """Does the history know of such a change, caused by this?"""
    return tx.execute(_TOLD, {"ticket": number, "kind": kind, "cause": cause}).first() is not None


_TOLD = Prepared(
    sa.select(schema.events.c.seq)
    .where(
        schema.events.c.ticket == sa.bindparam("ticket"),
        schema.events.c.kind == sa.bindparam("kind"),
        schema.events.c.cause == sa.bindparam("cause"),
    )
    .limit(1)
)
_EARLIER = Prepared(
    sa.select(T.c.number, T.c.subject, T.c.status, T.c.created_at)
    .where(T.c.requester == sa.bindparam("requester"), T.c.number != sa.bindparam("number"), T.c.deleted.is_(False))
    .order_by(T.c.created_at.desc())
    .limit(sa.bindparam("most"))
)


def of_requester(tx: Tx, requester: str, but: int, limit: int) -> list[Any]:
    """The newest other tickets of a customer: number, subject, status, created_at."""
    return list(tx.execute(_EARLIER, {"requester": requester, "number": but, "most": limit}))


def opened_since(tx: Tx, requester: str, since: datetime) -> int:
    """How many tickets this address opened since then."""
    count: int = tx.execute(_OPENED, {"requester": requester, "since": since}).scalar_one()
    return count


_OPENED = Prepared(
    sa.select(sa.func.count()).where(T.c.requester == sa.bindparam("requester"), T.c.created_at > sa.bindparam("since"))
)


def reopened_since(tx: Tx, number: int, since: datetime) -> int:
    """How often the customers' side moved this ticket's status since then."""
    count: int = tx.execute(_REOPENED, {"number": number, "since": since}).scalar_one()
    return count


_REOPENED = Prepared(
    sa.select(sa.func.count()).where(
        schema.events.c.ticket == sa.bindparam("number"),
        schema.events.c.kind == "status",
        schema.events.c.actor.startswith("customer:"),
        schema.events.c.at > sa.bindparam("since"),
    )
)


def lock_free(tx: Tx, numbers: Iterable[int]) -> dict[int, Ticket]:
    """These tickets, locked until the transaction ends; those that somebody else has locked are left out.

    A process that hangs in the middle of its transaction so keeps back its own tickets only.
    """
    rows = tx.execute(_LOCK_FREE, {"numbers": sorted(set(numbers))}).all()
    participants = _participants_of_many(tx, [row.number for row in rows])
    return {row.number: _ticket(row, participants) for row in rows}


_LOCK_FREE = Prepared(
    sa.select(T).where(among(T.c.number, "numbers")).order_by(T.c.number).with_for_update(skip_locked=True)
)
