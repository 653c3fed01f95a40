"""The worker: claims mails of the spool, has them read by children, files them in order; poison goes aside."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Protocol

from maild.desk.facts import unproven_agent
from maild.desk.forgeries import Forgeries
from maild.desk.receive import Done, quarantine, receive_together, words_of
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.errors import PermanentError, StorageBroken, TransientError
from maild.mail.authentication import CheckedHere
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail
from maild.records import replace
from maild.store import Tx, inbound
from maild.store.inbound import Received

log = logging.getLogger("maild.receive")
LEASE = timedelta(seconds=90)
MOST_FAILURES = 3  # handling raised an error
MOST_CRASHES = 5  # the whole process died while the mail was claimed
POLL_SECONDS = 1.0
REST_SECONDS = 2.0


class Readers(Protocol):
    """The reading children (`maild.reading.pool.ReadingPool`)."""

    def submit(self, source: bytes) -> "Future[InboundMail]":
        """The mail, understood; raises PermanentError when the child failed on it."""
        ...

    def warm(self) -> None:
        """Returns when the children are up."""
        ...


class Checks(Protocol):
    """Whoever checks DKIM himself (`maild.desk.verifier.Verifier`)."""

    def check(self, address: str, source: bytes, now: datetime) -> CheckedHere:
        """Is this mail proven to be from `address`, its one From mailbox? Never raises; takes a bounded time."""
        ...


def checked(
    mail: InboundMail,
    envelope: Envelope,
    source: Callable[[], bytes],
    checks: Checks | None,
    book: Rulebook,
    now: datetime,
) -> InboundMail:
    """The mail with what we found out ourselves about an agent's From; unchanged when nothing had to be asked."""
    address = unproven_agent(mail, envelope, book, now) if checks else None
    if checks is None or address is None:
        return mail
    return replace(mail, authentication=(*mail.authentication, checks.check(address, source(), now)))


Reading = tuple[Received, "Future[InboundMail]"]


def _is_ours(error: BaseException | None) -> bool:
    """A fault of our own: it stops the batch, but not what was read before it."""
    return isinstance(error, TransientError | StorageBroken)


class Worker:
    """Handles the spool; any number of workers may share it. `checks` may be replaced at any time."""

    def __init__(
        self,
        room: Room,
        readers: Readers,
        name: str,
        batch: int = 8,
        lease: timedelta = LEASE,
        checks: Checks | None = None,
    ) -> None:
        self.checks = checks
        self._forgeries = Forgeries(room)
        self._room = room
        self._readers = readers
        self._name = name
        self._batch = batch
        self._lease = lease
        self.beat = room.clock()

    def run(self, stop: threading.Event) -> None:
        """Works until told to stop; faults of the store make it rest, never end.

        The readers are up before the first claim: a claim counts an attempt, and a crash in between would be laid at
        the door of a mail that nobody had touched.
        """
        self._readers.warm()
        while not stop.is_set():
            self.beat = self._room.clock()
            try:
                idle = not self.work_once()
            except TransientError as error:
                log.warning("receive rests error=%s", error)
                stop.wait(REST_SECONDS)
                continue
            if idle:
                self._room.mail_came.wait(POLL_SECONDS)
                self._room.mail_came.clear()

    def work_once(self) -> list[Done]:
        """Claims and handles one batch; gives what became of each mail."""
        with self._room.store.begin_quick() as tx:
            claimed = inbound.claim(tx, self._name, self._room.clock(), self._lease, self._batch)
        done: list[Done] = []
        waiting = list(claimed)
        try:
            left = self._start_reading(claimed)
            while left:
                group = self._next_group(left)
                done += self._file(group)
                del left[: len(group)], waiting[: len(group)]
        except TransientError:
            # Our own fault, not the mails': they go back uncounted.
            self._give_back(waiting)
            raise
        return done

    def _next_group(self, left: list[Reading]) -> list[Reading]:
        """The first mail and those behind it that are read as soon as it is: a slow one keeps nobody before it waiting.

        On PostgreSQL each mail has its own transaction: two workers that had locked several tickets each, in whatever
        order their mails came, could wait for each other for ever.
        """
        wait((left[0][1],))
        together = self._batch if self._room.store.is_sqlite else 1
        group = list(takewhile(lambda each: each[1].done() and not _is_ours(each[1].exception()), left[:together]))
        return group or left[:1]

    def drain(self) -> list[Done]:
        """Works until the spool has nothing for us."""
        done: list[Done] = []
        while batch := self.work_once():
            done += batch
        return done

    def _start_reading(self, claimed: list[Received]) -> list[Reading]:
        """Gives the mails to the readers; what cannot be given to them has failed already."""
        left: list[Reading] = []
        with self._room.store.read() as tx:
            for received in claimed:
                try:
                    left.append((received, self._readers.submit(self._source(tx, received))))
                except PermanentError as error:
                    failed: Future[InboundMail] = Future()
                    failed.set_exception(error)
                    left.append((received, failed))
        return left

    def _source(self, tx: Tx, received: Received) -> bytes:
        if received.attempts > MOST_CRASHES:
            raise PermanentError("crashed-handler: the process died each time this mail was handled")
        return self._room.blobs.get(tx, received.source)

    def _file(self, group: list[Reading]) -> list[Done]:
        """Files what could be read; one bad mail never stops the others."""
        read: list[tuple[Received, InboundMail]] = []
        failed: dict[int, Exception] = {}
        for received, future in group:
            try:
                read.append((received, self._checked(received, future.result())))
            except (TransientError, StorageBroken):
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this mail's
                failed[received.id] = error
        outcomes: dict[int, Done | None] = {}
        for (received, mail), outcome in zip(read, receive_together(self._room, self._name, read), strict=True):
            if isinstance(outcome, Exception):
                failed[received.id] = outcome
            else:
                outcomes[received.id] = outcome
                self._forgeries.count(mail, received.envelope)
        return [each for received, _ in group if (each := self._ended(received, outcomes, failed)) is not None]

    def _ended(self, received: Received, outcomes: dict[int, Done | None], failed: dict[int, Exception]) -> Done | None:
        if received.id in failed:
            return self._failed(received, failed[received.id])
        done = outcomes[received.id]
        if done is not None:
            log.info("%s inbound=%d ticket=%s reason=%s", done.state, done.inbound, done.ticket, done.reason)
        return done

    def _checked(self, received: Received, mail: InboundMail) -> InboundMail:
        """An agent's mail that nothing proves yet is checked here, before the transaction: the DNS may be slow."""

        def source() -> bytes:
            with self._room.store.read() as tx:
                return self._source(tx, received)

        return checked(mail, received.envelope, source, self.checks, self._room.book, self._room.clock())

    def _failed(self, received: Received, error: Exception) -> Done | None:
        reason, trace = words_of(error)
        log.error("failed inbound=%d attempt=%d reason=%s", received.id, received.attempts, reason)
        if received.attempts >= MOST_FAILURES:
            return quarantine(self._room, self._name, received, reason, trace)
        self._give_back([received], uncount=False)
        return Done(received.id, "received", reason, None)

    def _give_back(self, mails: list[Received], *, uncount: bool = True) -> None:
        ids = [received.id for received in mails]
        with self._room.store.begin() as tx:
            inbound.give_back(tx, ids, self._name, until=self._room.clock(), uncount=uncount)
