"""T3: mails of the outbox, composed once, sent outside any transaction, and their outcome kept (RELIABILITY 1.6)."""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.letter import CARRIES_FILES, ShownFile, Words, write_letter
from maild.desk.room import Room
from maild.errors import AmbiguousError, PermanentError, RelayError, StorageBroken, TransientError
from maild.mail.tokens import TokenKind, plus_address
from maild.notices import Audience, Marking
from maild.outbox.backoff import next_attempt
from maild.outbox.compose import compose
from maild.outbox.transport import Transport
from maild.store import Tx, inbound, messages, outbox, tickets
from maild.store.outbox import DOUBT, NewMail, Pending
from maild.tickets.events import DeliveryFailed

log = logging.getLogger("maild.deliver")
LEASE = timedelta(minutes=15)
RESEND_AFTER = timedelta(minutes=15)
# Long enough to be no queue id: such names come back in Message-IDs that the relay wrote over ours (SPEC OUT-7).
RELAY_NAME = re.compile(r"(?<![\w-])[0-9A-Za-z]{8,}[0-9A-Za-z-]{12,80}(?![\w-])")
POLL_SECONDS = 1.0
REST_SECONDS = 2.0
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
    """Sends what is due over one transport; several may run side by side."""

    def __init__(
        self, room: Room, transport: Transport, words: Words, policy: Policy, name: str, random: Random, batch: int = 20
    ) -> None:
        self._room = room
        self._transport = transport
        self._words = words
        self._policy = policy
        self._name = name
        self._random = random
        self._batch = batch
        self._relay_failures = 0
        self._relay_rests_until: datetime | None = None
        self._taken: list[tuple[Pending, str]] = []
        self.beat = room.clock()

    def run(self, stop: threading.Event) -> None:
        """Sends until told to stop; faults of the store make it rest, never end."""
        while not stop.is_set():
            self.beat = self._room.clock()
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
        if self._relay_rests_until is not None and now < self._relay_rests_until:
            return 0
        while self._taken:
            self._settle(self._taken[0][0], "sent", self._taken[0][1], None)
            self._taken.pop(0)
        with self._room.store.begin_quick() as tx:
            resend = now + RESEND_AFTER if self._policy.resend_unknown else None
            outbox.recover(tx, self._name, now, resend_at=resend)
            claimed = outbox.claim(tx, self._name, now, self._policy.lease, self._wait(1), self._batch)
        for place, pending in enumerate(claimed):
            try:
                self._one(pending)
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

    def _one(self, pending: Pending) -> None:
        try:
            content = self._content(pending)
            sender = self._return_path(pending)
            reply = self._transport.send(sender, pending.mail.recipient, content, self._before_dot(pending, content))
        except (RelayError, StorageBroken):
            raise
        except LostClaimError:
            log.warning("lost claim outbox=%d", pending.id)
        except AmbiguousError as error:
            self._unknown(pending, str(error))
        except TransientError as error:
            self._later(pending, str(error))
        except PermanentError as error:
            self._failed(pending, str(error))
        except Exception as error:
            # A mail that cannot be rendered or composed is set aside, never tried for ever.
            log.exception("cannot send outbox=%d", pending.id)
            self._failed(pending, f"{type(error).__name__}: {error}")
        else:
            self._sent(pending, reply)

    def _content(self, pending: Pending) -> bytes:
        """The exact bytes; kept before the first dot and the same ever after."""
        room, mail = self._room, pending.mail
        with room.store.read() as tx:
            if pending.content is not None:
                return room.blobs.get(tx, pending.content)
            row = messages.one(tx, mail.message) if mail.message is not None else None
            files = self._files(tx, mail)
        return compose(write_letter(mail, row, files, room.book, self._words, pending.created_at))

    def _files(self, tx: Tx, mail: NewMail) -> tuple[ShownFile, ...]:
        """Bytes only where they leave; elsewhere names and sizes are shown."""
        if mail.message is None:
            return ()
        if mail.event in CARRIES_FILES:
            return messages.with_contents(tx, self._room.blobs, mail.message)
        return messages.shown_files(tx, mail.message)

    def _return_path(self, pending: Pending) -> str:
        """Null for automatic answers (RFC 3834 3.3), signed per mail for all else, so that bounces speak (OUT-7)."""
        mail = pending.mail
        if mail.marking == Marking.REPLY.value:
            return ""
        if not self._room.book.plus_addressing:
            return mail.sender.address
        token = self._room.book.signer.sign(TokenKind.BOUNCE, pending.id, mail.recipient, pending.created_at)
        return plus_address(mail.sender.address, token)

    def _before_dot(self, pending: Pending, content: bytes) -> Callable[[], None]:
        """From the dot on the outcome may be unknown: what was sent and that it was is kept first.

        A mark that a power cut takes makes an unknown outcome look undone: the mail is sent once more, as the policy
        wants anyway; under the policy `hold` the mark must survive that, too.
        """
        begin = self._room.store.begin_quick if self._policy.resend_unknown else self._room.store.begin

        def mark() -> None:
            with begin() as tx:
                if not outbox.mark_dot(tx, pending.id, self._name, self._room.clock()):
                    raise LostClaimError("another deliverer has this mail")
                if pending.content is None:
                    outbox.keep_content(tx, pending.id, self._room.blobs.put(tx, content))

        return mark

    def _sent(self, pending: Pending, reply: str) -> None:
        """What the relay took is sent, also when the store goes away now: it learns of it before it recovers."""
        self._relay_failures = 0
        try:
            self._settle(pending, "sent", reply, None)
        except TransientError:
            self._taken.append((pending, reply))
            raise

    def _later(self, pending: Pending, reply: str) -> None:
        now = self._room.clock()
        if now - pending.created_at >= self._policy.give_up_after:
            self._failed(pending, f"given up after {self._policy.give_up_after}: {reply}")
            return
        said = f"{DOUBT} before; now {reply}" if pending.doubted else reply
        self._settle(pending, "pending", said, now + self._wait(pending.attempt))

    def _unknown(self, pending: Pending, reply: str) -> None:
        """Sent once more, unless that is what was just done."""
        if self._policy.resend_unknown and not pending.doubted:
            self._settle(pending, "pending", f"{DOUBT}: {reply}", self._room.clock() + RESEND_AFTER)
            return
        self._settle(pending, "unknown", f"{DOUBT}: {reply}", None)

    def _settle(self, pending: Pending, state: str, reply: str, next_at: datetime | None) -> None:
        """Durable at once: what is sent must not be sent again because a database or a machine crashed later."""
        now = self._room.clock()
        with self._room.store.begin() as tx:
            outbox.settle(tx, pending.id, self._name, state, now, reply=reply, next_at=next_at)
            named = RELAY_NAME.search(reply) if state == "sent" else None
            if named and pending.mail.ticket is not None:
                inbound.keep_message_ids(tx, pending.mail.ticket, (inbound.relay_id(named.group()),))
        log.info(
            "%s outbox=%d event=%s attempt=%d reply=%s", state, pending.id, pending.mail.event, pending.attempt, reply
        )

    def _failed(self, pending: Pending, reply: str) -> None:
        """Failed for good: recorded, and whoever owns the ticket is told whom the mail did not reach."""
        room, now, mail = self._room, self._room.clock(), pending.mail
        with room.store.begin() as tx:
            if not outbox.settle(tx, pending.id, self._name, "failed", now, reply=reply, next_at=None):
                return
            ticket = tickets.load(tx, mail.ticket, lock=True) if mail.ticket else None
            if ticket is not None and _must_tell(mail):
                change = Reasoned(DeliveryFailed(mail.recipient, hard=True, status=None), reply[:200])
                cause = f"outbox:{pending.id}"
                carry_out(tx, room, Act(ticket.number, ticket, (change,), "system:deliver", cause, now))
        log.warning("failed outbox=%d event=%s reply=%s", pending.id, mail.event, reply)

    def _rest(self, claimed: list[Pending], error: RelayError) -> None:
        """The relay is unusable: it rests, and the mails' attempts are not spent."""
        rest = RELAY_RESTS[min(self._relay_failures, len(RELAY_RESTS) - 1)]
        self._relay_failures += 1
        self._relay_rests_until = self._room.clock() + rest
        with self._room.store.begin_quick() as tx:
            ids = [pending.id for pending in claimed]
            outbox.rest(tx, ids, self._name, self._relay_rests_until, str(error))
        log.warning("relay rests seconds=%d mails=%d error=%s", rest.total_seconds(), len(claimed), error)

    def _wait(self, attempt: int) -> timedelta:
        return next_attempt(attempt, self._policy.retry, self._random.uniform(-0.1, 0.1))


def _must_tell(mail: NewMail) -> bool:
    return mail.audience == Audience.CUSTOMER.value and mail.event == "answer"
