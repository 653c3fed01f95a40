"""T1: bytes and envelope, durably in the spool, before anybody says 250. Waiting sessions share one commit."""

import logging
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from maild.desk.room import Room
from maild.errors import MaildError, StorageBroken, TransientError
from maild.ids import sha256_hex, sha256_of_file
from maild.mail.envelope import Envelope
from maild.store import Tx, inbound
from maild.store.blobs import INLINE_BYTES

log = logging.getLogger("maild.accept")
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mail that waits for its commit; large ones are on disk, `content` is None then."""

    sha256: str
    size: int
    envelope: Envelope
    done: "Future[int]"
    content: bytes | None
    spooled: Path | None


class Acceptor:
    """One writer thread: takes all that waits, commits it together, answers everybody."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="accept", daemon=True)
        self._broken: StorageBroken | None = None
        self._thread.start()

    @property
    def broken(self) -> StorageBroken | None:
        """Set when storage lied: the daemon must stop."""
        return self._broken

    def submit(self, source: bytes | Path, envelope: Envelope) -> "Future[int]":
        """See `Door.submit`."""
        done: Future[int] = Future()
        done.set_running_or_notify_cancel()  # who waits no longer cannot take the mail back from the others' commit
        try:
            waiting = self._waiting(source, envelope, done)
        except OSError as error:
            done.set_exception(TransientError(f"the spool file cannot be read: {error.strerror}"))
            return done
        self._queue.put(waiting)
        return done

    def _waiting(self, source: bytes | Path, envelope: Envelope, done: "Future[int]") -> _Waiting:
        if isinstance(source, bytes):
            return _Waiting(sha256_hex(source), len(source), envelope, done, source, None)
        sha256, size = sha256_of_file(source)
        if size <= INLINE_BYTES:
            return _Waiting(sha256, size, envelope, done, source.read_bytes(), source)
        return _Waiting(sha256, size, envelope, done, None, source)

    def close(self) -> None:
        """Commits what waits and ends the thread."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            batch = [first]
            while len(batch) < MOST_AT_ONCE and not self._queue.empty():
                batch.append(self._queue.get())
            mails = [each for each in batch if each is not None]
            if mails:
                self._keep(mails)
            if None in batch:
                return

    def _keep(self, mails: list[_Waiting]) -> None:
        try:
            ids = self._commit(mails)
        except (StorageBroken, TransientError) as error:
            self._broken = error if isinstance(error, StorageBroken) else self._broken
            self._refuse(mails, error)
        except Exception as error:  # noqa: BLE001 - one bad mail must never stop the others
            self._keep_the_good(mails, error)
        else:
            for mail, number in zip(mails, ids, strict=True):
                if mail.spooled is not None:
                    mail.spooled.unlink(missing_ok=True)
                mail.done.set_result(number)
            self._room.mail_came.set()

    def _keep_the_good(self, mails: list[_Waiting], error: Exception) -> None:
        """One of them cannot be kept, whatever the store does: the others must not suffer for it."""
        if len(mails) > 1:
            for mail in mails:
                self._keep([mail])
            return
        log.error("accept failed", exc_info=error)
        self._refuse(mails, TransientError(type(error).__name__))

    def _refuse(self, mails: list[_Waiting], error: MaildError) -> None:
        log.error("accept refused mails=%d error=%s", len(mails), error)
        for mail in mails:
            mail.done.set_exception(error if isinstance(error, TransientError) else TransientError(str(error)))

    def _commit(self, mails: list[_Waiting]) -> list[int]:
        for mail in mails:
            if mail.size > INLINE_BYTES:
                self._keep_file(mail)
        with self._room.store.begin() as tx:
            return self._insert(tx, mails)

    def _keep_file(self, mail: _Waiting) -> None:
        """Large bytes are durable under their hash before the row that names them (RELIABILITY 1.3)."""
        blobs = self._room.blobs
        if mail.spooled is not None and not mail.spooled.exists() and blobs.path(mail.sha256).exists():
            return  # taken over when it was tried together with others
        if mail.spooled is not None:
            blobs.sync_and_take_over(mail.spooled, mail.sha256)
        elif mail.content is not None:
            blobs.keep_file(mail.content, mail.sha256)

    def _insert(self, tx: Tx, mails: list[_Waiting]) -> list[int]:
        self._room.blobs.put_rows(tx, [(mail.sha256, mail.size, mail.content) for mail in mails])
        return inbound.insert(tx, [(mail.sha256, mail.size, mail.envelope) for mail in mails])
