"""One mail's way: size, bytes, through the door, and only then what the account wants done on the server."""

import logging
from concurrent.futures import CancelledError

from maild.clock import Clock
from maild.desk.door import Door
from maild.errors import TransientError
from maild.intake.imap_account import After, ImapAccount, Timing
from maild.intake.imap_incidents import Incidents
from maild.intake.imap_mail import envelope, origin, stand_in
from maild.intake.imap_plan import Stretch, Treatment, treatment
from maild.intake.imap_session import CommandRefusedError, Measured, Session, UnfetchableError
from maild.mail.envelope import Envelope

log = logging.getLogger(__name__)

PATIENCE = 3
SURE_OF_ESTIMATES = 3
FINISH_AGAIN_EVERY = 8
MOST_UNFINISHED = 10_000


class HandOver:
    """Takes mails of one folder to the door. Knows which are kept but not yet finished on the server."""

    def __init__(self, account: ImapAccount, door: Door, clock: Clock, timing: Timing, incidents: Incidents) -> None:
        self._account = account
        self._door = door
        self._clock = clock
        self._timing = timing
        self._incidents = incidents
        self._uidvalidity: int | None = None
        self._kept: set[int] = set()
        self._unfinished: list[int] = []
        self._estimates = 0

    def renumbered(self, uidvalidity: int | None) -> None:
        """The folder's UIDs mean other mails now."""
        self._uidvalidity = uidvalidity
        self._kept.clear()
        self._unfinished.clear()

    def take(self, session: Session, stretch: Stretch, uid: int) -> int:
        """1 when the mail went through the door, 0 when there is nothing to take."""
        if uid in self._kept:  # the line broke after it was durable
            self._finish(session, uid)
            return 0
        measured = self._measured(session, uid)
        if measured is None:
            return 0
        wanted = treatment(stretch, self._account.start, measured.arrived, self._clock())
        if wanted is Treatment.SKIP:
            return 0
        large = measured.size is not None and measured.size > self._account.max_message_bytes
        source = self._stand_in(session, uid, measured) if large else self._source(session, uid, measured.size)
        self._submit(source, self._envelope(source, uid, measured, wanted))
        if self._uidvalidity is not None:
            self._kept.add(uid)
        if not large:  # the only whole copy stays where it is
            self._finish(session, uid)
        return 1

    def passed(self, uid: int) -> None:
        """The bookmark is durable: a repeat needs no memory any more."""
        self._kept.discard(uid)

    def finish_late(self, session: Session, rounds: int) -> None:
        """The second step repeats without a second fetch."""
        if self._unfinished and rounds % FINISH_AGAIN_EVERY == 0:
            again, self._unfinished = self._unfinished, []
            for uid in again:
                self._finish(session, uid)

    def _measured(self, session: Session, uid: int) -> Measured | None:
        measured = session.measure(uid)
        if measured is None and uid in session.uids(uid, uid):
            raise UnfetchableError(f"the server lists mail {uid} but says nothing about it")
        return measured  # None: another client removed it

    def _source(self, session: Session, uid: int, size: int | None) -> bytes:
        """A literal comes whole or not at all; if RFC822.SIZE differs we look twice, as Exchange only estimates it."""
        source = session.body(uid, size)
        if size is None or len(source) == size or self._estimates >= SURE_OF_ESTIMATES:
            return source
        again = session.body(uid, size)
        if len(again) == size:
            return again
        if again != source:
            sizes = f"{size} bytes by RFC822.SIZE, came with {len(source)} and then {len(again)}"
            raise UnfetchableError(f"mail {uid} has {sizes}")
        self._estimates += 1
        log.warning("%s: RFC822.SIZE says %d, the mail has %d bytes", self._origin(uid), size, len(source))
        return source

    def _stand_in(self, session: Session, uid: int, measured: Measured) -> bytes:
        return stand_in(session.header(uid), measured.size or 0, self._account, self._origin(uid))

    def _envelope(self, source: bytes, uid: int, measured: Measured, wanted: Treatment) -> Envelope:
        now = self._clock()
        quiet = wanted is Treatment.QUIET
        received_at = (measured.arrived or now) if quiet else now
        return envelope(self._account, source, self._origin(uid), received_at, quiet=quiet)

    def _submit(self, source: bytes, envelope_: Envelope) -> None:
        if not self._door.has_room():
            raise TransientError("the desk has no room for mail now, see disk and backlog")
        try:
            self._door.submit(source, envelope_).result(self._timing.durable)
        except (TimeoutError, CancelledError) as err:
            raise TransientError("the desk did not keep a mail in time") from err

    def _finish(self, session: Session, uid: int) -> None:
        if self._account.after is After.NOTHING:
            return
        trouble = f"imap:{self._account.key}/{self._account.folder} after={self._account.after}"
        try:
            session.finish(uid)
        except CommandRefusedError as err:
            self._unfinished = [*self._unfinished[1 - MOST_UNFINISHED :], uid]
            self._incidents.failed(trouble, str(err), patience=PATIENCE)
        else:
            self._incidents.fine(trouble, "it works again")

    def _origin(self, uid: int) -> str:
        return origin(self._account, self._uidvalidity, uid)
