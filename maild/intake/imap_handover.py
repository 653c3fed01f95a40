"""A mail's way: size, bytes, through the door, and only then what the account wants done on the server.

Some are at the door while the next one is fetched: they share commits there, a command to the server and a bookmark.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from itertools import takewhile

from maild.clock import Clock
from maild.desk.door import Door
from maild.errors import TransientError
from maild.intake.imap_account import After, ImapAccount, Timing
from maild.intake.imap_incidents import Incidents
from maild.intake.imap_mail import envelope, origin, stand_in
from maild.intake.imap_plan import Stretch, Treatment, treatment
from maild.intake.imap_session import CommandRefusedError, ConnectionLostError, Measured, Session, UnfetchableError
from maild.mail.envelope import Envelope

log = logging.getLogger(__name__)

PATIENCE = 3
SURE_OF_ESTIMATES = 3
FINISH_AGAIN_EVERY = 8
MOST_UNFINISHED = 10_000
MOST_AT_THE_DOOR = 16
MOST_BYTES_AT_THE_DOOR = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Taken:
    """A mail that is at the door (`kept` is its answer), or of which there was nothing to take. `finishes`: the server
    is told."""

    uid: int
    kept: "Future[int] | None" = None
    size: int = 0
    finishes: bool = True

    @property
    def is_refused(self) -> bool:
        return self.kept is not None and self.kept.done() and self.kept.exception() is not None

    @property
    def is_kept(self) -> bool:
        return self.kept is None or (self.kept.done() and self.kept.exception() is None)


class HandOver:
    """Takes mails of one folder to the door. Knows which are kept but not yet finished on the server."""

    def __init__(self, account: ImapAccount, door: Door, clock: Clock, timing: Timing, incidents: Incidents) -> None:
        self._account = account
        self._door = door
        self._clock = clock
        self._timing = timing
        self._incidents = incidents
        self._uidvalidity: int | None = None
        self._taken: list[_Taken] = []
        self._kept: dict[int, _Taken] = {}
        self._unfinished: list[int] = []
        self._estimates = 0

    def renumbered(self, uidvalidity: int | None) -> None:
        """The folder's UIDs mean other mails now."""
        self._uidvalidity = uidvalidity
        self._kept.clear()
        self._unfinished.clear()

    def take(self, session: Session, stretch: Stretch, uid: int) -> int:
        """1 when the mail went to the door, 0 when there is nothing to take. `settle` ends it."""
        again = self._kept.get(uid)  # the line broke after it was durable
        taken = again or self._to_the_door_if_there(session, stretch, uid)
        self._taken.append(taken)
        return 1 if taken.kept and not again else 0

    def must_settle(self, session: Session) -> bool:
        """Enough are at the door, more would only take memory; or one was not kept, and none may overtake it."""
        size = sum(taken.size for taken in self._taken)
        full = len(self._taken) >= _most_together(session) or size >= MOST_BYTES_AT_THE_DOOR
        return full or any(taken.is_refused for taken in self._taken)

    def settle(self, session: Session) -> list[int]:
        """Waits for the door and finishes on the server what is kept; gives the UIDs, in their order, that are done.

        Raises TransientError when the first that was taken is not kept: it is not done, and none behind it.
        """
        self._wait_at_the_door()
        done = list(takewhile(lambda taken: taken.is_kept, self._taken))
        if self._taken and not done:
            raise _trouble_of(self._taken[0])
        self._finish(session, [taken.uid for taken in done if taken.finishes])
        del self._taken[: len(done)]
        return [taken.uid for taken in done]

    @property
    def unsettled(self) -> list[int]:
        """The UIDs that were taken and are not done."""
        return [taken.uid for taken in self._taken]

    def interrupted(self) -> None:
        """The line is gone. What is durable is not fetched again."""
        self._wait_at_the_door()
        self._taken.clear()

    def passed(self, uids: Sequence[int]) -> None:
        """The bookmark is durable: a repeat needs no memory any more."""
        for uid in uids:
            self._kept.pop(uid, None)

    def finish_late(self, session: Session, rounds: int) -> None:
        """The second step repeats without a second fetch; few at once, as servers take no endless lines."""
        if not self._unfinished or rounds % FINISH_AGAIN_EVERY:
            return
        most = _most_together(session)
        for _ in range(0, len(self._unfinished), most):
            again, rest = self._unfinished[:most], self._unfinished[most:]
            self._unfinished = rest
            try:
                self._finish(session, again)
            except ConnectionLostError:
                self._unfinished = again + rest
                raise

    def _to_the_door_if_there(self, session: Session, stretch: Stretch, uid: int) -> _Taken:
        try:
            return self._to_the_door(session, stretch, uid)
        except (UnfetchableError, CommandRefusedError):
            if uid in session.uids(uid, uid):
                raise
            return _Taken(uid, finishes=False)  # another client removed it

    def _to_the_door(self, session: Session, stretch: Stretch, uid: int) -> _Taken:
        measured = session.measure(uid)
        if measured is None:
            raise UnfetchableError(f"the server lists mail {uid} but says nothing about it")
        wanted = treatment(stretch, self._account.start, measured.arrived, self._clock())
        if wanted is Treatment.SKIP:
            return _Taken(uid, finishes=False)
        large = measured.size is not None and measured.size > self._account.max_message_bytes
        source = self._stand_in(session, uid, measured) if large else self._source(session, uid, measured.size)
        if not self._door.has_room():
            raise TransientError("the desk has no room for mail now, see disk and backlog")
        kept = self._door.submit(source, self._envelope(source, uid, measured, wanted))
        return _Taken(uid, kept, len(source), finishes=not large)  # the only whole copy of a large one stays there

    def _wait_at_the_door(self) -> None:
        """Until all have their answer, for as long as patience lasts; remembers which are kept."""
        wait([taken.kept for taken in self._taken if taken.kept], self._timing.durable)
        if self._uidvalidity is not None:
            self._kept.update((taken.uid, taken) for taken in self._taken if taken.kept and taken.is_kept)

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

    def _finish(self, session: Session, uids: Sequence[int]) -> None:
        if self._account.after is After.NOTHING or not uids:
            return
        trouble = f"imap:{self._account.key}/{self._account.folder} after={self._account.after}"
        refused = session.finish(uids)
        for uid in uids:
            if uid in refused:
                self._unfinished = [*self._unfinished[1 - MOST_UNFINISHED :], uid]
                self._incidents.failed(trouble, refused[uid], patience=PATIENCE)
            else:
                self._incidents.fine(trouble, "it works again")

    def _origin(self, uid: int) -> str:
        return origin(self._account, self._uidvalidity, uid)


def _most_together(session: Session) -> int:
    return MOST_AT_THE_DOOR if session.finishes_together() else 1


def _trouble_of(taken: _Taken) -> BaseException:
    error = taken.kept.exception() if taken.kept and taken.kept.done() else None
    return error or TransientError("the desk did not keep a mail in time")
