"""T3: what became of an attempt to send a mail, kept as soon as it is known (RELIABILITY 1.6)."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from maild.clock import rfc3339
from maild.commands.script import Reasoned
from maild.config.measures import duration_text
from maild.desk.change import Act, carry_out
from maild.desk.room import Room
from maild.notices import Audience
from maild.outbox.backoff import next_attempt
from maild.store import Tx, inbound, outbox, tickets
from maild.store.outbox import DOUBT, NewMail, Pending
from maild.tickets.events import Change, DeliveryDelayed, DeliveryFailed

log = logging.getLogger("maild.deliver")
LEASE = timedelta(minutes=15)
RESEND_AFTER = timedelta(minutes=15)
DELAY_TOLD_AFTER = timedelta(hours=4)
# Long enough to be no queue id: such names come back in Message-IDs that the relay wrote over ours (SPEC OUT-7).
RELAY_NAME = re.compile(r"(?<![\w-])[0-9A-Za-z]{8,}[0-9A-Za-z-]{12,80}(?![\w-])")


@dataclass(frozen=True, slots=True)
class Policy:
    """How long and how often a mail is tried, and what becomes of one whose outcome is unknown."""

    retry: tuple[timedelta, ...]
    give_up_after: timedelta
    resend_unknown: bool = True
    lease: timedelta = LEASE


class Outcomes:
    """Those of one sender, `name`: each is one transaction, and the ticket learns of it in the same."""

    def __init__(self, room: Room, policy: Policy, name: str, random: Random) -> None:
        self._room = room
        self._policy = policy
        self._name = name
        self._random = random
        self._taken: tuple[Pending, str] | None = None  # what the relay took and said, until that is written

    def taken(self, pending: Pending, reply: str) -> None:
        """The relay took it."""
        self._taken = (pending, reply)
        self.keep_taken()

    def keep_taken(self) -> None:
        """What the relay took is sent: written before anything else can go wrong, so that a crash sends it no second
        time. When the store is away now, it learns of it before it recovers. PostgreSQL may crash without its machine,
        so there it is durable, too."""
        if self._taken is None:
            return
        pending, reply = self._taken
        store, now = self._room.store, self._room.clock()
        quick = store.is_sqlite and self._policy.resend_unknown
        with store.begin_quick() if quick else store.begin() as tx:
            outbox.settle_sent(tx, pending.id, self._name, pending.attempt, now, reply)
            named = RELAY_NAME.search(reply)
            if named and pending.mail.ticket is not None:
                inbound.keep_message_ids(tx, pending.mail.ticket, (inbound.relay_id(named.group()),))
        self._taken = None
        _log("sent", pending, reply)

    def later(self, pending: Pending, reply: str) -> None:
        """It did not leave now: tried again, and its owner is told when that will be hours after it was made."""
        if self.is_late(pending):
            self.give_up(pending, reply)
            return
        said = f"{DOUBT} before; now {reply}" if pending.doubted else reply
        next_at = self._room.clock() + self.wait(pending.attempt)
        delayed = next_at - pending.created_at >= DELAY_TOLD_AFTER
        change = DeliveryDelayed(pending.mail.recipient) if delayed else None
        self._settle(pending, "pending", said, next_at, change=change)

    def unknown(self, pending: Pending, reply: str, content: bytes) -> None:
        """Sent once more, the very same bytes, unless that is what was just done."""
        if self._policy.resend_unknown and not pending.doubted:
            next_at = self._room.clock() + RESEND_AFTER
            self._settle(pending, "pending", f"{DOUBT}: {reply}", next_at, content=content)
            return
        self._settle(pending, "unknown", f"{DOUBT}: {reply}", None, content=content)

    def failed(self, pending: Pending, reply: str) -> None:
        """Failed for good: recorded, and whoever owns the ticket is told whom the mail did not reach."""
        change = DeliveryFailed(pending.mail.recipient, hard=True, status=None)
        self._settle(pending, "failed", reply, None, change=change)

    def give_up(self, pending: Pending, reply: str) -> None:
        """Tried for as long as the policy says."""
        self.failed(pending, f"given up after {duration_text(self._policy.give_up_after)}: {reply}")

    def is_late(self, pending: Pending) -> bool:
        """It has waited for as long as the policy says."""
        return self._room.clock() - pending.created_at >= self._policy.give_up_after

    def wait(self, attempt: int) -> timedelta:
        """From this attempt to the next one."""
        return next_attempt(attempt, self._policy.retry, self._random.uniform(-0.1, 0.1))

    def _settle(
        self,
        pending: Pending,
        state: str,
        reply: str,
        next_at: datetime | None,
        *,
        content: bytes | None = None,
        change: Change | None = None,
    ) -> None:
        """Durable at once: what may be sent again must not be sent because a database or a machine crashed later.

        `change`: what its ticket learns of it, when it is a mail that somebody waits for.
        """
        room, now, mail = self._room, self._room.clock(), pending.mail
        with room.store.begin() as tx:
            kept = room.blobs.put(tx, content) if content is not None and pending.content is None else None
            if not outbox.settle(tx, pending.id, self._name, state, now, reply=reply, next_at=next_at, content=kept):
                return
            if change is not None and mail.ticket is not None and _must_tell(mail):
                # Since when, because one that was tried again by hand may fail, and must be told, once more.
                cause = f"outbox:{pending.id}/{rfc3339(pending.created_at)}"
                self._tell(tx, mail.ticket, Reasoned(change, reply[:200]), cause, now)
        _log(state, pending, reply)

    def _tell(self, tx: Tx, number: int, told: Reasoned, cause: str, now: datetime) -> None:
        """The ticket learns it, and whoever owns it; of a delay once, however often it is tried."""
        if isinstance(told.change, DeliveryDelayed) and tickets.was_told(tx, number, told.change.kind, cause):
            return
        ticket = tickets.load(tx, number, lock=True)
        if ticket is not None:
            carry_out(tx, self._room, Act(number, ticket, (told,), "system:deliver", cause, now))


def _must_tell(mail: NewMail) -> bool:
    return mail.audience == Audience.CUSTOMER.value and mail.event == "answer"


def _log(state: str, pending: Pending, reply: str) -> None:
    event, level = pending.mail.event, logging.WARNING if state == "failed" else logging.INFO
    log.log(level, "%s outbox=%d event=%s attempt=%d reply=%s", state, pending.id, event, pending.attempt, reply)
