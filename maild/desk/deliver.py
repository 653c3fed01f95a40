"""Mails of the outbox, composed once and sent outside any transaction (RELIABILITY 1.6).

A mail's outcome is written before the next one begins: when maild is killed, at most the one mail of a connection whose
dot was out may leave twice; when the machine stops, what left since the last flush. Always under the same Message-ID.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from maild.desk.composing import Shown, content_of, shown_by
from maild.desk.letter import Words
from maild.desk.outcomes import RESEND_AFTER, Outcomes, Policy
from maild.desk.room import Room
from maild.errors import AmbiguousError, PermanentError, RelayError, StorageBroken, TransientError
from maild.mail.tokens import TokenKind, plus_address
from maild.notices import Marking
from maild.outbox.backoff import RateReached
from maild.outbox.pace import Pace
from maild.outbox.transport import Transport
from maild.store import outbox
from maild.store.outbox import Pending

log = logging.getLogger("maild.deliver")
POLL_SECONDS = 1.0
REST_SECONDS = 2.0
# A batch that has used up this part of its lease begins no more mails: none is in flight when another takes over.
PART_OF_LEASE = 3
RELAY_RESTS = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))


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
        self._batch = batch
        self._pace = pace or Pace()
        self._place = place
        self._relay_failures = 0
        self._relay_rests: tuple[datetime, datetime] | None = None
        self._outcomes = Outcomes(room, policy, name, random)
        self._all_flushed = False
        self.beat = room.clock()

    def run(self, stop: threading.Event) -> None:
        """Sends until told to stop; faults of the store make it rest, never end."""
        while not stop.is_set():
            self.beat = self._room.clock()
            try:
                if not self._pace.wants(self._place):
                    self._step_back()
                    stop.wait(POLL_SECONDS)
                    continue
                idle = not self.deliver_once()
            except TransientError as error:
                log.warning("deliver rests error=%s", error)
                stop.wait(REST_SECONDS)
                continue
            if idle:
                self._room.mail_waits.wait(POLL_SECONDS)
                self._room.mail_waits.clear()
        self._end()

    def _step_back(self) -> None:
        """Others are enough: it keeps neither what only it knows, nor a connection, nor caches."""
        self._outcomes.keep_taken()
        self._transport.close()
        self._room.store.rest()

    def _end(self) -> None:
        """The last moment to keep what the relay took while the store was away: else it is sent once more."""
        try:
            self._outcomes.keep_taken()
        except TransientError as error:
            log.warning("deliver ends, the last outcome is not kept error=%s", error)
        self._transport.close()

    def deliver_once(self) -> int:
        """Tries one batch of due mails; gives how many were tried."""
        now = self._room.clock()
        if self._relay_rests is not None and self._relay_rests[0] <= now < self._relay_rests[1]:
            return 0  # since and until: a clock that was set back before the rest began ends it
        self._outcomes.keep_taken()
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
            return outbox.claim(tx, self._name, now, self._policy.lease, self._outcomes.wait(1), self._batch)

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
            self._outcomes.unknown(pending, str(error), content)
        except TransientError as error:
            self._outcomes.later(pending, str(error))
        except PermanentError as error:
            self._outcomes.failed(pending, str(error))
        except Exception as error:
            # A mail that cannot be rendered or composed is set aside, never tried for ever.
            log.exception("cannot send outbox=%d", pending.id)
            self._outcomes.failed(pending, f"maild could not write this mail ({type(error).__name__}: {error})")
        else:
            self._relay_failures = 0
            self._outcomes.taken(pending, reply)

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

    def _rest(self, claimed: list[Pending], error: RelayError) -> None:
        """The relay is unusable: it rests, and the mails' attempts are not spent. What waits for too long already is
        given up."""
        rest = RELAY_RESTS[min(self._relay_failures, len(RELAY_RESTS) - 1)]
        self._relay_failures += 1
        until = self._rest_for(rest)
        ids = [pending.id for pending in claimed if not self._outcomes.is_late(pending)]
        with self._room.store.begin_quick() as tx:
            outbox.rest(tx, ids, self._name, until, str(error))
        for pending in claimed:
            if self._outcomes.is_late(pending):
                self._outcomes.give_up(pending, str(error))
        log.warning("relay rests seconds=%d mails=%d error=%s", rest.total_seconds(), len(ids), error)

    def _rest_for(self, length: timedelta) -> datetime:
        now = self._room.clock()
        self._relay_rests = (now, now + length)
        return now + length

    def _give_back(self, claimed: list[Pending]) -> None:
        with self._room.store.begin_quick() as tx:
            outbox.give_back(tx, [pending.id for pending in claimed], self._name)
