"""Between processes on PostgreSQL: who has put a row there wakes those who wait for rows, by LISTEN and NOTIFY.

Polling finds every row without this; it only takes longer. So nothing here may cost the mails anything: with a NOTIFY
inside their transactions all commits of the database would queue for one lock until each is flushed. Words are said
after the commit by a connection of their own, many as one; what is lost with that connection is found by polling.
"""

import logging
import os
import selectors
import threading
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from maild.store.engine import Store

if TYPE_CHECKING:
    from psycopg import Connection, Notify

log = logging.getLogger("maild.wake")
CHANNEL = "maild"
TRIAL = "trial"
TRIAL_SECONDS = 5.0
LOOK_SECONDS = 60.0
PAUSE_SECONDS = 0.02
RESTS = (1.0, 2.0, 5.0, 10.0, 30.0)
LISTEN = f"LISTEN {CHANNEL}"
NOTIFY = "SELECT pg_notify(%s, %s)"
# A word that is lost in a crash of the server is no loss: no flush for it.
OPTIONS = "-c synchronous_commit=off -c statement_timeout=10000 -c application_name=maild-wake"


class Bell(threading.Event):
    """An event that, when it is set here, is also set in the other processes."""

    def __init__(self, wake: "Wake", word: str) -> None:
        super().__init__()
        self._wake = wake
        self._word = word

    def set(self) -> None:
        """Here at once, elsewhere in a moment."""
        super().set()
        self._wake.tell(self._word)

    def heard(self) -> None:
        """Set by another process: told nobody again."""
        super().set()


class Wake:
    """One thread with one connection that listens and tells; it reconnects by itself and never fails anybody else."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bells: dict[str, Bell] = {}
        self._to_tell: set[str] = set()
        self._lock = threading.Lock()
        self._ear, self._hand = os.pipe()
        os.set_blocking(self._hand, False)
        os.set_blocking(self._ear, False)
        self._ended = threading.Event()
        self.deaf = True  # until a trial word came back
        self._thread = threading.Thread(target=self._run, name="wake", daemon=True)

    def bell(self, word: str) -> Bell:
        """The event of this name, in every process that has one; all are hung before the start."""
        self._bells[word] = Bell(self, word)
        return self._bells[word]

    def __enter__(self) -> "Wake":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._ended.set()
            self._nudge()
        self._thread.join()
        os.close(self._ear)
        os.close(self._hand)

    def tell(self, word: str) -> None:
        """Says a word to the other processes soon; never waits."""
        with self._lock:
            if word not in self._to_tell and not self._ended.is_set():
                self._nudge()
            self._to_tell.add(word)

    def _nudge(self) -> None:
        with suppress(BlockingIOError):  # it is nudged enough
            os.write(self._hand, b"!")

    def _run(self) -> None:
        from psycopg import Error

        failures = 0
        while not self._ended.is_set():
            try:
                with self._connected() as connection:
                    failures = 0
                    self._listen(connection)
            except (Error, OSError) as error:
                log.log(logging.DEBUG if failures else logging.WARNING, "wake rests error=%s", error)
                self._ended.wait(RESTS[min(failures, len(RESTS) - 1)])
                failures += 1

    def _connected(self) -> "Connection[Any]":
        """As the store connects, but without a transaction."""
        import psycopg

        engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        _, words = engine.dialect.create_connect_args(engine.url)
        keep = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        return psycopg.connect(**{"connect_timeout": 10, "options": OPTIONS, **keep, **words}, autocommit=True)

    def _listen(self, connection: "Connection[Any]") -> None:
        own = connection.info.backend_pid
        connection.execute(LISTEN)
        self.deaf = not self._hears(connection)
        if self.deaf:
            log.warning("wake is deaf: LISTEN brings nothing, as behind PgBouncer in transaction mode; polling goes on")
        for bell in self._bells.values():
            bell.heard()  # what was said while nobody listened
        with selectors.DefaultSelector() as both:
            both.register(connection.fileno(), selectors.EVENT_READ)
            both.register(self._ear, selectors.EVENT_READ)
            while not self._ended.is_set():
                if not both.select(LOOK_SECONDS):
                    connection.execute("SELECT 1")  # a connection that a firewall dropped says nothing by itself
                self._say(connection)
                for said in connection.notifies(timeout=0):  # also those that came with the answer to what we said
                    self._hear(said, own)

    def _hears(self, connection: "Connection[Any]") -> bool:
        """A pooler that hands out server connections by the transaction takes LISTEN, and nothing ever comes. Another
        connection says the word: an own one would come with the answer to it, even there."""
        with self._connected() as other:
            other.execute(NOTIFY, (CHANNEL, TRIAL))
        return any(True for _ in connection.notifies(timeout=TRIAL_SECONDS, stop_after=1))

    def _hear(self, said: "Notify", own: int) -> None:
        if said.pid != own and (bell := self._bells.get(said.payload)):
            bell.heard()

    def _say(self, connection: "Connection[Any]") -> None:
        """All that is to be told, once; then a pause, for the next ones may come together."""
        with suppress(BlockingIOError):
            os.read(self._ear, 4096)
        with self._lock:
            words, self._to_tell = sorted(self._to_tell), set()
        for word in words:
            connection.execute(NOTIFY, (CHANNEL, word))
        if words:
            self._ended.wait(PAUSE_SECONDS)


class Wakeable(Protocol):
    """What has a store and the two events by which its loops are woken (`maild.desk.room.Room`)."""

    store: Store
    mail_came: threading.Event
    mail_waits: threading.Event


def hung(room: Wakeable) -> AbstractContextManager[object]:
    """Hangs bells into a room whose store is PostgreSQL, and rings them for as long as this is entered."""
    if room.store.is_sqlite:
        return nullcontext()
    wake = Wake(room.store.url)
    room.mail_came, room.mail_waits = wake.bell("mail came"), wake.bell("mail waits")
    return wake
