"""T3: mails of the outbox, composed once, sent outside any transaction, and their outcome kept (RELIABILITY 1.6).

A mail's outcome is written before the next one begins: when maild is killed, at most the one mail of a connection whose
dot was out may leave twice; when the machine stops, what left since the last flush. Always under the same Message-ID.
"""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.composing import Shown, content_of, shown_by
from maild.desk.letter import Words
from maild.desk.room import Room
from maild.errors import AmbiguousError, PermanentError, RelayError, StorageBroken, TransientError
from maild.mail.tokens import TokenKind, plus_address
from maild.notices import Audience, Marking
from maild.outbox.backoff import RateReached, next_attempt
from maild.outbox.pace import Pace
from maild.outbox.transport import Transport
from maild.store import Tx, inbound, outbox, tickets
from maild.store.outbox import DOUBT, NewMail, Pending
from maild.tickets.events import Change, DeliveryDelayed, DeliveryFailed

log = logging.getLogger("maild.deliver")
LEASE = timedelta(minutes=15)
RESEND_AFTER = timedelta(minutes=15)
DELAY_TOLD_AFTER = timedelta(hours=4)
# Long enough to be no queue id: such names come back in Message-IDs that the relay wrote over ours (SPEC OUT-7).
RELAY_NAME = re.compile(r"(?<![\w-])[0-9A-Za-z]{8,}[0-9A-Za-z-]{12,80}(?![\w-])")
POLL_SECONDS = 1.0
REST_SECONDS = 2.0
# A batch that has used up this part of its lease begins no more mails: none is in flight when another takes over.
PART_OF_LEASE = 3
RELAY_RESTS = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Policy:
    """How long and how often a mail is tried, and what becomes of one whose outcome is unknown."""

    retry: tuple[timedelta, ...]
    give_up_after: timedelta
    resend_unknown: bool = True
    lease: timedelta = LEASE


class LostClaimError(TransientError):
    """Another deliverer took this mail over while we were frozen: it decides, we stop before the dot."""


class Deliverer:
    """Sends what is due over one transport. Several may run side by side; `pace` wakes those behind the first."""

    def __init__(
        self,
        room: Room,
        transport: Transport,
        words: Words,
        policy: Policy,
        name: str,
        random: Random,
        *,
        batch: int = 20,
        pace: Pace | None = None,
        place: int = 0,
    ) -> None:
        self._room = room
        self._transport = transport
        self._words = words
        self._policy = policy
        self._name = name
        self._random = random
        self._batch = batch
        self._pace = pace or Pace()
        self._place = place
        self._relay_failures = 0
        self._relay_rests: tuple[datetime, datetime] | None = None
        self._taken: tuple[Pending, str] | None = None  # what the relay took and said, until that is written
        self._all_flushed = False
        self.beat = room.clock()

    def run(self, stop: threading.Event) -> None:
        """Sends until told to stop; faults of the store make it rest, never end."""
        while not stop.is_set():
            self.beat = self._room.clock()
            if not self._pace.wants(self._place):
                self._transport.close()
                self._room.store.rest()
                stop.wait(POLL_SECONDS)
                continue
            try:
                idle = not self.deliver_once()
            except TransientError as error:
                log.warning("deliver rests error=%s", error)
                stop.wait(REST_SECONDS)
                continue
            if idle:
                self._room.mail_waits.wait(POLL_SECONDS)
                self._room.mail_waits.clear()
        self._transport.close()

    def deliver_once(self) -> int:
        """Tries one batch of due mails; gives how many were tried."""
        now = self._room.clock()
        if self._relay_rests is not None and self._relay_rests[0] <= now < self._relay_rests[1]:
            return 0  # since and until: a clock that was set back before the rest began ends it
        self._keep_taken()
        self._all_flushed = False
        claimed = self._claim(now)
        shown = shown_by(self._room, claimed)
        for place, pending in enumerate(claimed):
            if self._room.clock() - now > self._policy.lease / PART_OF_LEASE:
                self._give_back(claimed[place:])
                break
            try:
                self._one(pending, shown)
            except RateReached as limit:
                self._rest_for(limit.wait)
                self._give_back(claimed[place:])
                log.info("relay limit seconds=%.1f mails=%d", limit.wait.total_seconds(), len(claimed) - place)
                break
            except RelayError as error:
                self._rest(claimed[place:], error)
                break
        return len(claimed)

    def drain(self) -> int:
        """Sends until nothing is due."""
        total = 0
        while count := self.deliver_once():
            total += count
        return total

    def _claim(self, now: datetime) -> list[Pending]:
        resend = now + RESEND_AFTER if self._policy.resend_unknown else None
        with self._room.store.begin_quick() as tx:
            outbox.recover(tx, self._name, now, resend_at=resend)
            return outbox.claim(tx, self._name, now, self._policy.lease, self._wait(1), self._batch)

    def _one(self, pending: Pending, shown: Shown) -> None:
        if pending.overtakes:
            log.warning("overtakes an earlier mail of its ticket outbox=%d ticket=%s", pending.id, pending.mail.ticket)
        content = b""
        try:
            with self._pace.mail(self._place):
                content = content_of(self._room, self._words, pending, shown)
                sender = self._return_path(pending)
                reply = self._transport.send(sender, pending.mail.recipient, content, self._before_dot(pending))
        except (RelayError, StorageBroken):
            raise
        except LostClaimError:
            log.warning("lost claim outbox=%d", pending.id)
        except AmbiguousError as error:
            self._unknown(pending, str(error), content)
        except TransientError as error:
            self._later(pending, str(error))
        except PermanentError as error:
            self._failed(pending, str(error))
        except Exception as error:
            # A mail that cannot be rendered or composed is set aside, never tried for ever.
            log.exception("cannot send outbox=%d", pending.id)
            self._failed(pending, f"{type(error).__name__}: {error}")
        else:
            self._relay_failures = 0
            self._taken = (pending, reply)
            self._keep_taken()

    def _return_path(self, pending: Pending) -> str:
        """Null for automatic answers (RFC 3834 3.3), signed per mail for all else, so that bounces speak (OUT-7)."""
        mail = pending.mail
        if mail.marking == Marking.REPLY.value:
            return ""
        if not self._room.book.plus_addressing:
            return mail.sender.address
        token = self._room.book.signer.sign(TokenKind.BOUNCE, pending.id, mail.recipient, pending.created_at)
        return plus_address(mail.sender.address, token)

    def _before_dot(self, pending: Pending) -> Callable[[], None]:
        """From the dot on the outcome may be unknown: that it goes out now is kept first."""

        def mark() -> None:
            store, now = self._room.store, self._room.clock()
            with store.begin() if self._must_flush() else store.begin_quick() as tx:
                mine = outbox.mark_dot(tx, pending.id, self._name, now)
            self._all_flushed = True
            if not mine:
                raise LostClaimError("another deliverer has this mail")

        return mark

    def _must_flush(self) -> bool:
        """The first mark of a batch makes all durable that its mails speak of: the worker has not waited for that.

        Later marks need not survive a power cut: what looks undone then is sent once more, as an unknown outcome is
        anyway; under the policy `hold` they must.
        """
        return not self._all_flushed or not self._policy.resend_unknown

    def _keep_taken(self) -> None:
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

    def _later(self, pending: Pending, reply: str) -> None:
        if self._is_late(pending):
            self._give_up(pending, reply)
            return
        said = f"{DOUBT} before; now {reply}" if pending.doubted else reply
        next_at = self._room.clock() + self._wait(pending.attempt)
        delayed = next_at - pending.created_at >= DELAY_TOLD_AFTER
        change = DeliveryDelayed(pending.mail.recipient) if delayed else None
        self._settle(pending, "pending", said, next_at, change=change)

    def _unknown(self, pending: Pending, reply: str, content: bytes) -> None:
        """Sent once more, the very same bytes, unless that is what was just done."""
        if self._policy.resend_unknown and not pending.doubted:
            next_at = self._room.clock() + RESEND_AFTER
            self._settle(pending, "pending", f"{DOUBT}: {reply}", next_at, content=content)
            return
        self._settle(pending, "unknown", f"{DOUBT}: {reply}", None, content=content)

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
                self._tell(tx, mail.ticket, Reasoned(change, reply[:200]), f"outbox:{pending.id}", now)
        _log(state, pending, reply)

    def _tell(self, tx: Tx, number: int, told: Reasoned, cause: str, now: datetime) -> None:
        """The ticket learns it, and whoever owns it; of a delay once, however often it is tried."""
        if isinstance(told.change, DeliveryDelayed) and tickets.was_told(tx, number, told.change.kind, cause):
            return
        ticket = tickets.load(tx, number, lock=True)
        if ticket is not None:
            carry_out(tx, self._room, Act(number, ticket, (told,), "system:deliver", cause, now))

    def _failed(self, pending: Pending, reply: str) -> None:
        """Failed for good: recorded, and whoever owns the ticket is told whom the mail did not reach."""
        change = DeliveryFailed(pending.mail.recipient, hard=True, status=None)
        self._settle(pending, "failed", reply, None, change=change)

    def _rest(self, claimed: list[Pending], error: RelayError) -> None:
        """The relay is unusable: it rests, and the mails' attempts are not spent. What waits for too long already is
        given up."""
        rest = RELAY_RESTS[min(self._relay_failures, len(RELAY_RESTS) - 1)]
        self._relay_failures += 1
        until = self._rest_for(rest)
        ids = [pending.id for pending in claimed if not self._is_late(pending)]
        with self._room.store.begin_quick() as tx:
            outbox.rest(tx, ids, self._name, until, str(error))
        for pending in claimed:
            if self._is_late(pending):
                self._give_up(pending, str(error))
        log.warning("relay rests seconds=%d mails=%d error=%s", rest.total_seconds(), len(ids), error)

    def _rest_for(self, length: timedelta) -> datetime:
        now = self._room.clock()
        self._relay_rests = (now, now + length)
        return now + length

    def _give_back(self, claimed: list[Pending]) -> None:
        with self._room.store.begin_quick() as tx:
            outbox.give_back(tx, [pending.id for pending in claimed], self._name)

    def _is_late(self, pending: Pending) -> bool:
        return self._room.clock() - pending.created_at >= self._policy.give_up_after

    def _give_up(self, pending: Pending, reply: str) -> None:
        self._failed(pending, f"given up after {self._policy.give_up_after}: {reply}")

    def _wait(self, attempt: int) -> timedelta:
        return next_attempt(attempt, self._policy.retry, self._random.uniform(-0.1, 0.1))


def _must_tell(mail: NewMail) -> bool:
    return mail.audience == Audience.CUSTOMER.value and mail.event == "answer"


def _log(state: str, pending: Pending, reply: str) -> None:
    event, level = pending.mail.event, logging.WARNING if state == "failed" else logging.INFO
    log.log(level, "%s outbox=%d event=%s attempt=%d reply=%s", state, pending.id, event, pending.attempt, reply)
