"""T1: bytes and envelope, durably in the spool, before anybody says 250. Waiting sessions share one commit."""

import logging
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto

from maild.desk.door import SpoolFile
from maild.desk.room import Room
from maild.errors import MaildError, StorageBroken, TransientError
from maild.ids import sha256_hex
from maild.mail.envelope import Envelope
from maild.store import Tx, inbound
from maild.store.blobs import INLINE_BYTES

log = logging.getLogger("maild.accept")
MOST_AT_ONCE = 100
FILERS = 4


@dataclass(frozen=True, slots=True)
class _Source:
    """A mail's bytes: small ones are `content`, large ones durable under their hash."""

    sha256: str
    size: int
    content: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A mail that waits for its commit, or for its filing before that."""

    source: "_Source | Future[_Source]"
    envelope: Envelope
    done: "Future[int]"

    @property
    def is_filed(self) -> bool:
        return isinstance(self.source, _Source) or self.source.done()

    def filed(self) -> _Source:
        """Raises what the filing raised."""
        return self.source if isinstance(self.source, _Source) else self.source.result()


class _Word(Enum):
    """What the writer is told beside mails: something was filed, or no more will come."""

    LOOK = auto()
    END = auto()


class Acceptor:
    """One writer thread: takes all that waits, commits it together, answers everybody.

    Large mails are made durable by threads of their own, as one flush of theirs, or a bucket that is far away, would
    hold up all others; meanwhile no later mail of the same sender is kept.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._queue: queue.SimpleQueue[_Waiting | _Word] = queue.SimpleQueue()
        self._filers = ThreadPoolExecutor(FILERS, thread_name_prefix="accept-file")
        self._thread = threading.Thread(target=self._run, name="accept", daemon=True)
        self._broken: StorageBroken | None = None
        self._closed = False
        self._thread.start()

    @property
    def broken(self) -> StorageBroken | None:
        """Set when storage lied: the daemon must stop."""
        return self._broken

    def submit(self, source: bytes | SpoolFile, envelope: Envelope) -> "Future[int]":
        """See `Door.submit`."""
        done: Future[int] = Future()
        done.set_running_or_notify_cancel()  # who waits no longer cannot take the mail back from the others' commit
        if self._closed:  # nobody would ever answer
            done.set_exception(TransientError("shutting down"))
            return done
        if isinstance(source, bytes) and len(source) <= INLINE_BYTES:
            self._queue.put(_Waiting(_Source(sha256_hex(source), len(source), source), envelope, done))
            return done
        filing = self._filers.submit(self._file, source)
        self._queue.put(_Waiting(filing, envelope, done))
        filing.add_done_callback(lambda _filed: self._queue.put(_Word.LOOK))
        return done

    def close(self) -> None:
        """Commits what waits and ends the threads."""
        self._closed = True
        self._filers.shutdown()
        self._queue.put(_Word.END)
        self._thread.join(timeout=30)

    # --- large mails, each in one of the filers' threads

    def _file(self, source: bytes | SpoolFile) -> _Source:
        """Large bytes are durable under their hash before the row that names them (RELIABILITY 1.3)."""
        blobs = self._room.blobs
        if isinstance(source, bytes):
            found = _Source(sha256_hex(source), len(source))
            blobs.keep_file(source, found.sha256)
            return found
        try:
            spooled = source.complete()
        except OSError as error:
            raise TransientError(f"the spool file cannot be written: {error.strerror}") from error
        blobs.sync_and_take_over(spooled.path, spooled.sha256)
        return _Source(spooled.sha256, spooled.size)

    # --- rows, in the writer's thread

    def _run(self) -> None:
        waiting: list[_Waiting] = []
        ready: list[_Waiting] = []
        ended = False
        while waiting or not ended:
            for each in self._arrivals(at_least=0 if ready else 1):
                if isinstance(each, _Waiting):
                    waiting.append(each)
                else:
                    ended = ended or each is _Word.END
            ready, waiting = _ready(waiting)
            self._keep_filed(ready)

    def _arrivals(self, at_least: int) -> list[_Waiting | _Word]:
        found = [self._queue.get() for _ in range(at_least)]
        while not self._queue.empty():
            found.append(self._queue.get())
        return found

    def _keep_filed(self, mails: list[_Waiting]) -> None:
        good: list[tuple[_Waiting, _Source]] = []
        for mail in mails:
            try:
                good.append((mail, mail.filed()))
            except Exception as error:  # noqa: BLE001 - whatever the disk or the bucket does, the others are kept
                self._refuse([mail], error)
        if good:
            self._keep(good)

    def _keep(self, mails: list[tuple[_Waiting, _Source]]) -> None:
        try:
            with self._room.store.begin() as tx:
                ids = self._insert(tx, mails)
        except (StorageBroken, TransientError) as error:
            self._refuse([mail for mail, _ in mails], error)
        except Exception as error:  # noqa: BLE001 - one bad mail must never stop the others
            self._keep_the_good(mails, error)
        else:
            for (mail, _), number in zip(mails, ids, strict=True):
                mail.done.set_result(number)
            self._room.mail_came.set()

    def _keep_the_good(self, mails: list[tuple[_Waiting, _Source]], error: Exception) -> None:
        """One of them cannot be kept, whatever the store does: the others must not suffer for it."""
        if len(mails) > 1:
            for each in mails:
                self._keep([each])
        else:
            self._refuse([mails[0][0]], error)

    def _insert(self, tx: Tx, mails: list[tuple[_Waiting, _Source]]) -> list[int]:
        self._room.blobs.put_rows(tx, [(source.sha256, source.size, source.content) for _, source in mails])
        return inbound.insert(tx, [(source.sha256, source.size, mail.envelope) for mail, source in mails])

    def _refuse(self, mails: list[_Waiting], error: Exception) -> None:
        if isinstance(error, StorageBroken):
            log.critical("storage is broken loop=accept error=%s", error)
            self._broken = error
        if not isinstance(error, MaildError):
            log.error("accept failed", exc_info=error)
            error = TransientError(type(error).__name__)
        log.error("accept refused mails=%d error=%s", len(mails), error)
        for mail in mails:
            mail.done.set_exception(error if isinstance(error, TransientError) else TransientError(str(error)))


def _ready(waiting: list[_Waiting]) -> tuple[list[_Waiting], list[_Waiting]]:
    """Whose turn it is now, and who waits on: mails of one sender stay in their order."""
    ready: list[_Waiting] = []
    rest: list[_Waiting] = []
    held: set[str | None] = set()
    for mail in waiting:
        if mail.is_filed and mail.envelope.mail_from not in held and len(ready) < MOST_AT_ONCE:
            ready.append(mail)
        else:
            rest.append(mail)
            held.add(mail.envelope.mail_from)
    return ready, rest
