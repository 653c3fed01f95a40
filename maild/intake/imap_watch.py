"""The loop over one IMAP folder: no UID is passed before its mail is durable, no mail stops the others (IN-2, IN-7)."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random, SystemRandom

from maild.clock import Clock
from maild.desk.door import Door
from maild.errors import MaildError, PermanentError, StorageBroken
from maild.intake import imap
from maild.intake.imap_account import ImapAccount, Timing
from maild.intake.imap_handover import PATIENCE, HandOver
from maild.intake.imap_incidents import Incidents, Tell
from maild.intake.imap_ledger import Ledger
from maild.intake.imap_mail import origin
from maild.intake.imap_plan import (
    Bookmark,
    Bookmarks,
    Stretch,
    backoff,
    due,
    end_of,
    opening,
    passed,
    set_aside,
    windows,
)
from maild.intake.imap_session import (
    CommandRefusedError,
    ConnectionLostError,
    LoginRefusedError,
    Selected,
    Session,
    UnfetchableError,
)
from maild.intake.oauth import Tokens

__all__ = ["Bookmark", "Bookmarks", "ImapWatcher"]

log = logging.getLogger(__name__)

PATIENCE_WITH_LINES = 8  # lost ones, a minute and a half: a server that is only restarted is no news for admins
OLD_MAILS_A_ROUND = 200
REFUSALS_IN_A_ROW = 5
IDLE_AGAIN_EVERY = 30


class ImapWatcher:
    """Reads one folder into the door. One thread; a lease elsewhere keeps other processes away.

    `on_trouble` and `on_recovery` get the name of what is in trouble and words for an admin.
    `on_rotation` keeps a refresh token that the token server replaced.
    """

    def __init__(
        self,
        account: ImapAccount,
        door: Door,
        bookmarks: Bookmarks,
        clock: Clock,
        on_trouble: Tell,
        on_recovery: Tell,
        *,
        on_rotation: Callable[[str], None] | None = None,
        timing: Timing | None = None,
        dice: Random | None = None,
    ) -> None:
        self._account = account
        self._timing = timing or Timing()
        self._dice = dice or SystemRandom()
        self._tokens = Tokens(account.oauth, clock, on_rotation or (lambda _token: None)) if account.oauth else None
        self._incidents = Incidents(on_trouble, on_recovery)
        self._ledger = Ledger(bookmarks, account)
        self._hand_over = HandOver(account, door, clock, self._timing, self._incidents)
        self._stop = threading.Event()
        self._session: Session | None = None
        self._suspects: Counter[int] = Counter()
        self._backlog = False
        self._rounds = 0
        self._failures = 0
        self._idle_failures = 0
        self._refusals = 0

    @property
    def name(self) -> str:
        """What the incident is called when the whole folder is in trouble."""
        return f"imap:{self._account.key}/{self._account.folder}"

    def run(self, stop: threading.Event) -> None:
        """Polls and waits until `stop`. Raises StorageBroken only: no other trouble ends an account."""
        self._stop = stop
        try:
            while not stop.is_set():
                self._turn()
        finally:
            self.close()

    def poll_once(self) -> int:
        """Takes in what is there, old mails included; says how many went through the door."""
        taken = self._round()
        while self._backlog and not self._stop.is_set():
            taken += self._round()
        return taken

    def close(self) -> None:
        """Leaves the server; the next poll connects again."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _turn(self) -> None:
        try:
            taken = self._round()
            self._incidents.fine(self.name, "mail is fetched again")
            self._failures = 0
            if not self._backlog:
                self._rest(taken)
        except StorageBroken:
            raise
        except ConnectionLostError as err:
            self._stumble(str(err), PATIENCE_WITH_LINES)
        except MaildError as err:
            self._stumble(str(err), PATIENCE)
        except Exception as err:
            # A bug met by one mail must not end the mailbox; the mail is not passed.
            log.exception("%s: unexpected", self.name)
            self._stumble(f"unexpected {type(err).__name__}", PATIENCE)

    def _stumble(self, words: str, patience: int) -> None:
        self._failures += 1
        self._incidents.failed(self.name, words, patience=patience)
        self._stop.wait(backoff(self._failures, self._dice))

    def _rest(self, taken: int) -> None:
        """IDLE where it works, else a pause. Servers end IDLE as they like: that alone is no trouble."""
        session = self._session
        usable = self._idle_failures < PATIENCE or self._rounds % IDLE_AGAIN_EVERY == 0
        if session is None or not usable or not session.can_idle():
            self._stop.wait(self._account.poll_seconds)
            return
        began = time.monotonic()
        try:
            session.idle(self._stop, self._timing.idle)
            self._idle_failures = 0
        except (ConnectionLostError, CommandRefusedError) as err:
            self.close()
            self._idle_failures += 1
            log.info("%s: %s", self.name, err)
            self._stop.wait(backoff(self._idle_failures, self._dice))
        if not taken and time.monotonic() - began < self._timing.pace:
            self._stop.wait(self._timing.pace)  # a server that wakes us for nothing must not make us spin

    def _round(self) -> int:
        self._rounds += 1
        self._backlog = False
        self._refusals = 0
        try:
            session = self._connected()
            box = session.select()
            self._open(session, box)
            taken = sum(self._read(session, box, stretch) for stretch in Stretch)
            self._hand_over.finish_late(session, self._rounds)
        except BaseException:
            self._hand_over.interrupted()
            self.close()
            raise
        return taken

    def _connected(self) -> Session:
        if self._session is None:
            token = self._tokens.access_token() if self._tokens else None
            try:
                self._session = imap.connect(self._account, self._timing, self._stop, token)
            except LoginRefusedError:
                if self._tokens:
                    self._tokens.forget()
                raise
            self._ledger.reconnected()
        return self._session

    def _open(self, session: Session, box: Selected) -> None:
        """UIDVALIDITY new or absent: the whole folder is read anew and dedupe decides, nothing is skipped."""
        if self._ledger.uidvalidity != box.uidvalidity:
            self._ledger.uidvalidity = box.uidvalidity
            self._hand_over.renumbered(box.uidvalidity)
            self._suspects.clear()
        if self._ledger.load(Stretch.LIVE) is not None:
            return
        seen = self._ledger.seen()
        if seen:
            log.warning("%s: UIDVALIDITY is now %s, the folder is read anew", self.name, box.uidvalidity)
        for stretch, bookmark in opening(seen=seen, start=self._account.start, edge=highest(session, box)):
            if self._ledger.load(stretch) is None:  # a crash between the two must not move the edge
                self._ledger.save(stretch, bookmark)

    def _read(self, session: Session, box: Selected, stretch: Stretch) -> int:
        """New mails first, then those set aside, so that a bad one delays nobody."""
        bookmark = self._ledger.load(stretch)
        if bookmark is None:
            return 0
        taken, all_listed = 0, True
        for uid in self._new_uids(session, box, stretch, bookmark):
            if self._stop.is_set() or (stretch is not Stretch.LIVE and taken >= OLD_MAILS_A_ROUND):
                self._backlog, all_listed = True, False
                break
            taken += self._one(session, stretch, uid)
        self._settle(session, stretch)
        if not all_listed:
            return taken
        end = end_of(bookmark)
        if end is not None:
            self._ledger.change(stretch, [end], passed_if_ahead)
        again = due(bookmark.pending, self._rounds - 1)
        taken += sum(self._one(session, stretch, uid) for uid in again if not self._stop.is_set())
        self._settle(session, stretch)
        return taken

    def _new_uids(self, session: Session, box: Selected, stretch: Stretch, bookmark: Bookmark) -> Iterator[int]:
        end = end_of(bookmark)
        if end is None and stretch is not Stretch.LIVE:
            return
        start = self._account.start
        # SINCE looks at the server's local day: one day of margin, INTERNALDATE decides.
        since = start - timedelta(days=1) if stretch is Stretch.START and isinstance(start, date) else None
        for low, high in windows(bookmark.last_uid + 1, box, highest(session, box) if end is None else end):
            for uid in session.uids(low, high, since):
                if end is None or uid <= end:
                    yield uid

    def _one(self, session: Session, stretch: Stretch, uid: int) -> int:
        """To the door; `_settle` ends it. A suspect goes alone: when it is set aside, none before it is unsettled."""
        alone = uid in self._suspects
        if alone:
            self._settle(session, stretch)
        try:
            taken = self._hand_over.take(session, stretch, uid)
        except (UnfetchableError, CommandRefusedError, PermanentError) as err:
            self._settle(session, stretch)
            self._set_aside(stretch, uid, str(err))
            self._despair(err)
            return 0
        except ConnectionLostError as err:
            self._suspect(stretch, uid, str(err))
            raise
        if alone or self._hand_over.must_settle(session):
            self._settle(session, stretch)
        return taken

    def _settle(self, session: Session, stretch: Stretch) -> None:
        """Door, then server, then bookmark: a crash in between repeats a step and skips none."""
        try:
            while done := self._hand_over.settle(session):
                self._ledger.change(stretch, done, passed)
                self._hand_over.passed(done)
                # A line that breaks after it brought mail is worth coming back to soon.
                self._refusals = self._failures = 0
                for uid in done:
                    self._suspects.pop(uid, None)
                    self._incidents.fine(self._mail_name(uid), "the mail is fetched or gone")
        except ConnectionLostError as err:
            for uid in self._hand_over.unsettled[:1]:
                self._suspect(stretch, uid, str(err))
            raise

    def _set_aside(self, stretch: Stretch, uid: int, words: str) -> None:
        self._ledger.change(stretch, [uid], set_aside)
        self._incidents.failed(self._mail_name(uid), f"{words}; other mails go on", patience=PATIENCE)

    def _suspect(self, stretch: Stretch, uid: int, words: str) -> None:
        """A mail at which the line breaks time after time is set aside like one that is refused."""
        self._suspects[uid] += 1
        if self._suspects[uid] >= PATIENCE:
            del self._suspects[uid]
            self._set_aside(stretch, uid, words)

    def _despair(self, refusal: MaildError) -> None:
        """One mail after another refused is no matter of mails: wait, instead of setting a whole folder aside."""
        self._refusals += 1
        if self._refusals >= REFUSALS_IN_A_ROW:
            raise CommandRefusedError(f"{REFUSALS_IN_A_ROW} mails in a row, the last: {refusal}")

    def _mail_name(self, uid: int) -> str:
        return origin(self._account, self._ledger.uidvalidity, uid)


def highest(session: Session, box: Selected) -> int:
    """The highest UID, asked for where SELECT said no UIDNEXT."""
    if box.uidnext is not None:
        return box.uidnext - 1
    return session.highest() if box.exists else 0


def passed_if_ahead(bookmark: Bookmark, uid: int) -> Bookmark:
    """The end of a stretch is reached; unless it is a mail that was set aside on the way."""
    return passed(bookmark, uid) if end_of(bookmark) == uid else bookmark
