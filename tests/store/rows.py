"""Rows as tests need them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from maild.mail.envelope import Envelope, Via
from maild.mail.model import Mailbox
from maild.store import Store, inbound, outbox
from maild.store.outbox import NewMail, Pending

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=90)
MINUTE = timedelta(minutes=1)
ENVELOPE = Envelope(Via.SMTP, NOW)


def spooled(store: Store, *senders: str) -> list[int]:
    """One waiting mail for each sender; gives their ids."""
    rows = [(f"{place:064x}", 10, replace(ENVELOPE, mail_from=sender)) for place, sender in enumerate(senders)]
    with store.begin() as tx:
        return inbound.insert(tx, rows)


def claimed(store: Store, worker: str, now: datetime = NOW, limit: int = 10) -> list[int]:
    """What a worker gets when it asks."""
    with store.begin_quick() as tx:
        return [each.id for each in inbound.claim(tx, worker, now, LEASE, limit)]


def mail(number: int, recipient: str = "jane@customer.test", ticket: int | None = 1001) -> NewMail:
    """A mail to somebody; `number` makes it another one."""
    return NewMail(
        event="answer",
        audience="customer",
        marking="",
        language="en",
        recipient=recipient,
        sender=Mailbox("support@acme.test", "Acme"),
        to=(Mailbox(recipient),),
        cc=(),
        reply_to=None,
        message_id=f"<{number}@acme.test>",
        in_reply_to=(),
        references=(),
        context={},
        ticket=ticket,
    )


def put_out(store: Store, *mails: NewMail, now: datetime = NOW) -> None:
    """Mails to send."""
    with store.begin() as tx:
        outbox.insert(tx, list(mails), now)


def taken(store: Store, worker: str, now: datetime = NOW, limit: int = 10) -> list[Pending]:
    """What a deliverer gets when it asks."""
    with store.begin_quick() as tx:
        return outbox.claim(tx, worker, now, timedelta(minutes=15), MINUTE, limit)
