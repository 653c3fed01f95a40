"""T1: bytes and envelope, durably in the spool, before anybody says 250. Waiting sessions share one commit."""

import logging
import os
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from maild.desk.room import Room
from maild.errors import MaildError, StorageBroken, TransientError
from maild.ids import sha256_hex
from maild.mail.envelope import Envelope
from maild.store import Tx, inbound
from maild.store.blobs import INLINE_BYTES

log = logging.getLogger("maild.accept")
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Waiting:
    content: bytes
    envelope: Envelope
    done: "Future[int]"
    spooled: Path | None = None


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
        try:
            waiting = self._waiting(source, envelope, done)
        except OSError as error:
            done.set_exception(TransientError(f"the spool file cannot be read: {error.strerror}"))
            return done
        self._queue.put(waiting)
        return done

    def _waiting(self, source: bytes | Path, envelope: Envelope, done: "Future[int]") -> _Waiting:
        if isinstance(source, Path):
            return _Waiting(source.read_bytes(), envelope, done, source)
        return _Waiting(source, envelope, done)

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
        except MaildError as error:
            self._broken = error if isinstance(error, StorageBroken) else self._broken
            self._refuse(mails, error)
        except Exception as error:
            log.exception("accept failed")
            self._refuse(mails, TransientError(f"{type(error).__name__}"))
        else:
            for mail, number in zip(mails, ids, strict=True):
                mail.done.set_result(number)
            self._room.mail_came.set()

    def _refuse(self, mails: list[_Waiting], error: MaildError) -> None:
        log.error("accept refused mails=%d error=%s", len(mails), error)
        for mail in mails:
            mail.done.set_exception(error if isinstance(error, TransientError) else TransientError(str(error)))

    def _commit(self, mails: list[_Waiting]) -> list[int]:
        hashes = [sha256_hex(mail.content) for mail in mails]
        for mail, sha256 in zip(mails, hashes, strict=True):
            if len(mail.content) > INLINE_BYTES:
                self._keep_file(mail, sha256)
        with self._room.store.begin() as tx:
            return self._insert(tx, mails, hashes)

    def _keep_file(self, mail: _Waiting, sha256: str) -> None:
        """Large bytes are durable under their hash before the row that names them (RELIABILITY 1.3)."""
        blobs = self._room.blobs
        if mail.spooled is None:
            blobs.keep_file(mail.content, sha256)
            return
        try:
            with mail.spooled.open("rb") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise TransientError(f"the spool file cannot be synced: {error.strerror}") from error
        blobs.take_over(mail.spooled, sha256)

    def _insert(self, tx: Tx, mails: list[_Waiting], hashes: list[str]) -> list[int]:
        for mail in mails:
            self._room.blobs.put(tx, mail.content)
        rows = [(sha256, len(mail.content), mail.envelope) for mail, sha256 in zip(mails, hashes, strict=True)]
        return inbound.insert(tx, rows)
