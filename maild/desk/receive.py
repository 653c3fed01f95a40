"""T2: one mail of the spool, read and decided, written whole in one transaction (docs/architecture.md)."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.commands.script import Reasoned
from maild.desk.beyond import beyond, transcript
from maild.desk.change import Act, carry_out
from maild.desk.decide import decide
from maild.desk.decision import Decision
from maild.desk.doing import Doing
from maild.desk.facts import Facts, as_meant, gather, unread_identity
from maild.desk.notify import Occasion, write_notices
from maild.desk.room import Room
from maild.errors import StorageBroken, TransientError
from maild.mail.envelope import Via
from maild.mail.model import InboundMail, Mailbox
from maild.notices import Audience, Notice
from maild.records import replace
from maild.store import Tx, assignment, inbound, messages, sent, tickets
from maild.store.inbound import Received
from maild.tickets.events import AlsoArrived, Linked
from maild.tickets.ticket import Ticket

LATE_AFTER = timedelta(hours=1)
LOOPS = ("too-many-tickets", "too-many-reopens", "same-text")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one mail of the spool."""

    inbound: int
    state: str
    reason: str
    ticket: int | None
    releases: bool = False  # a held mail goes back to the spool by this one


def receive_together(
    room: Room, worker: str, mails: Sequence[tuple[Received, InboundMail]]
) -> list[Done | Exception | None]:
    """Files read mails in order and in one transaction, each whole or not at all.

    Nothing waits for its flush: until then the spool has the mails still, and they would be filed again just so. No
    notice of it leaves before it is durable (`Deliverer`).

    For each gives what became of it, its failure, or None when another worker took it meanwhile. When one of several
    fails, each is done again in a transaction of its own: savepoints would make SQLite's full text flush at each.
    """
    if not mails:
        return []
    room.blobs.keep_large(file.content for _, mail in mails for file in mail.attachments)
    try:
        with room.store.begin_quick() as tx:
            done = [_receive(tx, room, worker, received, mail) for received, mail in mails]
    except (TransientError, StorageBroken):
        raise
    except Exception as error:  # noqa: BLE001 - one bad mail must never stop the others
        if len(mails) == 1:
            return [error]
        return [outcome for each in mails for outcome in receive_together(room, worker, [each])]
    room.mail_waits.set()
    if any(each is not None and each.releases for each in done):
        room.mail_came.set()
    return [*done]


def _receive(tx: Tx, room: Room, worker: str, received: Received, mail: InboundMail) -> Done | None:
    now = room.clock()
    mail = as_meant(mail, room.book)
    if not inbound.still_mine(tx, received.id, worker):
        return None
    facts = gather(tx, mail, received.envelope, room.book, now, lock=True)
    decision = decide(
        mail, received.envelope, facts, room.book, now, inbound=received.id, released_by=received.released_by
    )
    done = _write(tx, room, received, mail, facts, decision, now)
    return replace(done, releases=decision.releases is not None)


def quarantine(room: Room, worker: str, received: Received, reason: str, trace: str | None) -> Done | None:
    """Sets aside a mail that cannot be handled: bytes, reason and traceback are kept, admins are told (IN-5)."""
    now = room.clock()
    with room.store.begin() as tx:
        if not inbound.still_mine(tx, received.id, worker):
            return None
        key = unread_identity(received.source)
        known = inbound.find_identity(tx, key)
        if known is not None:
            reason = f"the same mail as {known.inbound}, which is in quarantine"
            inbound.settle(tx, received.id, "ignored", now, reason=reason)
            return Done(received.id, "ignored", reason, None)
        inbound.keep_identity(tx, key, received.id, None)
        inbound.settle(tx, received.id, "failed", now, reason=reason, trace=trace)
        _tell_admins(tx, room, received, reason, now)
    room.mail_waits.set()
    return Done(received.id, "failed", reason, None)


def words_of(error: BaseException) -> tuple[str, str]:
    """(reason, traceback) of an unexpected failure."""
    return f"{type(error).__name__}: {error}"[:500], "".join(traceback.format_exception(error))[-20_000:]


def _tell_admins(tx: Tx, room: Room, received: Received, reason: str, now: datetime) -> None:
    problem = f"Mail {received.id} ({received.size} bytes, by {received.envelope.via.value}): {reason}"
    notices = [
        Notice("quarantined", Audience.ADMIN, (Mailbox(address),), extra={"problem": problem, "number": received.id})
        for address in room.book.directory.admins
        if sent.told_since(tx, "quarantined", address, now - timedelta(hours=1)) < 1
    ]
    write_notices(tx, notices, Occasion(cause=f"inbound:{received.id}", now=now, ticket=None), room.book)


def _write(
    tx: Tx, room: Room, received: Received, mail: InboundMail, facts: Facts, decision: Decision, now: datetime
) -> Done:
    number: int | None = None
    if facts.duplicate_of is not None:
        number = _also_arrived(tx, room, received, mail, facts, now)
    else:
        ticket = _apply(tx, room, received, mail, decision, now)
        number = ticket.number if ticket else None
        if ticket is not None and facts.alert is not None and decision.opens:
            inbound.keep_message_ids(tx, ticket.number, (facts.alert.reference,))
        if decision.state == "held" and decision.verdict is not None and decision.verdict.name in LOOPS:
            _tell_admins(tx, room, received, decision.reason, now)
        inbound.keep_identity(tx, facts.identity, received.id, number)
    inbound.settle(
        tx,
        received.id,
        decision.state,
        now,
        reason=decision.reason,
        ticket=number,
        message_id=mail.message_id,
        likeness=facts.likeness,
        from_address=(mail.author or mail.claimed or Mailbox("")).address or None,
    )
    return Done(received.id, decision.state, decision.reason, number)


def _apply(
    tx: Tx, room: Room, received: Received, mail: InboundMail, decision: Decision, now: datetime
) -> Ticket | None:
    for each in decision.unreachable:
        sent.mark_unreachable(tx, each.address, each.status, now)
    if decision.bounced_row is not None:
        sent.mark_bounced(tx, decision.bounced_row)
    if decision.releases is not None and decision.agent is not None:
        inbound.retry(tx, decision.releases, released_by=decision.agent.name)
    if not decision.changes:
        _write_mails(tx, room, received, mail, decision, now)
        _go_beyond(tx, room, received, mail, decision, decision.ticket, now)
        return decision.ticket if decision.state == "filed" else None
    if decision.lives and mail.author is not None:
        sent.mark_reachable(tx, mail.author.address)
    return _change(tx, room, received, mail, decision, now)


def _write_mails(tx: Tx, room: Room, received: Received, mail: InboundMail, decision: Decision, now: datetime) -> None:
    occasion = Occasion(
        cause=f"inbound:{received.id}",
        now=now,
        ticket=decision.ticket,
        number=received.id,
        answered_ids=_id_of(mail),
    )
    write_notices(tx, decision.mails, occasion, room.book)


def _id_of(mail: InboundMail) -> tuple[str, ...]:
    """What an answer to this mail refers to."""
    return (mail.message_id,) if mail.message_id else ()


def _change(tx: Tx, room: Room, received: Received, mail: InboundMail, decision: Decision, now: datetime) -> Ticket:
    changes = decision.changes
    number = decision.ticket.number if decision.ticket else tickets.next_number(tx, room.book.first_number)
    if decision.follow_up_of is not None:
        changes = (*changes, Reasoned(Linked("follow-up of", decision.follow_up_of), ""))
    act = Act(
        number=number,
        before=decision.ticket,
        changes=changes,
        actor=decision.actor,
        cause=f"inbound:{received.id}",
        now=decision.message.at if decision.quiet and decision.message else now,
        agent=decision.agent,
        author=decision.author,
        may_answer=decision.may_answer,
        quiet=decision.quiet,
        late=_is_late(received, mail, now),
        already_sent=decision.already_sent,
        idle=decision.idle,
        mails=decision.mails,
    )
    after = carry_out(tx, room, act, _filer(tx, room, received, decision, number))
    if decision.taken_by is not None:
        assignment.take_turn(tx, decision.taken_by)
    original = mail.forwarded.message_id if mail.forwarded and decision.note is not None else None
    known = [each for each in (mail.message_id, original) if each]
    ids = (*known, *mail.in_reply_to, *mail.references)
    inbound.keep_message_ids(tx, number, _foreign(ids, room) if decision.changes else ())
    if decision.follow_up_of is not None:
        _link_back(tx, room, received, decision.follow_up_of, number, now)
    _go_beyond(tx, room, received, mail, decision, after, now)
    return after


def _go_beyond(
    tx: Tx,
    room: Room,
    received: Received,
    mail: InboundMail,
    decision: Decision,
    ticket: Ticket | None,
    now: datetime,
) -> None:
    """What commands do beyond their ticket, and the answers to questions: all in one mail to the agent who asked."""
    if decision.agent is None or not (decision.effects or decision.asks or decision.letters):
        return
    cause = f"inbound:{received.id}"
    doing = Doing(ticket, decision.agent, cause, now, decision.message)
    told = beyond(tx, room, decision.effects, decision.letters, decision.asks, doing)
    if told:
        notice = transcript(told, doing, room.book)
        write_notices(tx, [notice], Occasion(cause, now, ticket, answered_ids=_id_of(mail), by_agent=True), room.book)


def _is_late(received: Received, mail: InboundMail, now: datetime) -> bool:
    """True after an outage: the mail waited in our spool, or in the mailbox that we poll (IN-7)."""
    since = received.envelope.received_at
    if received.envelope.via is Via.IMAP and mail.date is not None:
        since = min(since, mail.date)
    return now - since > LATE_AFTER


def _foreign(ids: tuple[str, ...], room: Room) -> tuple[str, ...]:
    """Ids that are not ours by signature: those that are speak for themselves."""
    return tuple(each for each in ids if room.book.signer.read_message_id(each) is None and ".thread@" not in each)


def _filer(
    tx: Tx, room: Room, received: Received, decision: Decision, number: int
) -> Callable[[], tuple[int, ...]] | None:
    new, note = decision.message, decision.note
    if new is None:
        return None

    def file() -> tuple[int, ...]:
        filed = messages.insert(tx, room.blobs, number, new, (received.source, received.size), received.id)
        if note is None:
            return (filed,)
        return filed, messages.insert(tx, room.blobs, number, note, None, None)

    return file


def _link_back(tx: Tx, room: Room, received: Received, old: int, new: int, now: datetime) -> None:
    """The closed ticket learns that its story goes on elsewhere; nobody is told of that alone."""
    ticket = tickets.load(tx, old, lock=True)
    if ticket is not None:
        change = Reasoned(Linked("followed by", new), "")
        carry_out(tx, room, Act(old, ticket, (change,), "system:receive", f"inbound:{received.id}", now, quiet=True))


def _also_arrived(tx: Tx, room: Room, received: Received, mail: InboundMail, facts: Facts, now: datetime) -> int | None:
    """The same mail by another way: remembered on its ticket, nothing doubled (IN-4)."""
    if facts.duplicate_ticket is None:
        return None
    ticket = tickets.load(tx, facts.duplicate_ticket, lock=True)
    if ticket is None:
        return None
    words = received.envelope.origin or ", ".join(received.envelope.rcpt_to) or "again"
    change = Reasoned(AlsoArrived(f"{received.envelope.via.value}: {words}", mail.message_id), "")
    cause = f"inbound:{received.id}"
    carry_out(tx, room, Act(ticket.number, ticket, (change,), "system:receive", cause, now, quiet=True))
    return ticket.number


__all__ = ["Done", "quarantine", "receive_together", "words_of"]
