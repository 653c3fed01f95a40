"""A Door that keeps mails in a list, and can be told to be full, failing, slow or holding."""

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, get_ident

from maild.desk.door import SpoolFile
from maild.errors import TransientError
from maild.ids import sha256_hex
from maild.mail.envelope import Envelope

DESK = "support@acme.test"


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail as the desk got it; `was_file` when it came as a file of the spool folder."""

    source: bytes
    envelope: Envelope
    was_file: bool


class ListDoor:
    """Implements `maild.desk.door.Door`. Attributes may be set at any time, by any thread."""

    def __init__(self, folder: Path) -> None:
        self.mails: list[Kept] = []
        self.recipients = {DESK, "sales@acme.test", "postmaster", "postmaster@acme.test"}
        self.blocked = {"spammer@evil.test"}
        self.passwords = {"alice": "correct horse"}
        self.room = True
        self.failing: Exception | None = None
        self.asking_fails: Exception | None = None
        self.holding = False
        self.login_threads: set[int] = set()
        self._folder = folder
        self._waiting: list[tuple[Kept, Future[int]]] = []
        self._changed = Condition()

    def is_recipient(self, address: str) -> bool:
        if self.asking_fails is not None:
            raise self.asking_fails
        local, _, domain = address.lower().partition("@")
        base = local.partition("+")[0]
        return (f"{base}@{domain}" if domain else base) in self.recipients

    def is_blocked(self, address: str) -> bool:
        return address.lower() in self.blocked

    def has_room(self) -> bool:
        return self.room

    def login(self, username: str, password: str) -> str | None:
        self.login_threads.add(get_ident())
        return username if self.passwords.get(username) == password else None

    def spool_folder(self) -> Path:
        return self._folder

    def submit(self, source: bytes | SpoolFile, envelope: Envelope) -> "Future[int]":
        future: Future[int] = Future()
        kept = Kept(_taken(source), envelope, not isinstance(source, bytes))
        with self._changed:
            if self.failing is not None:
                future.set_exception(self.failing)
                return future
            self._waiting.append((kept, future))
            self._changed.notify_all()
        if not self.holding:
            self.release()
        return future

    def release(self) -> None:
        """Makes everything that waits durable."""
        with self._changed:
            waiting, self._waiting = self._waiting, []
            for kept, _ in waiting:
                self.mails.append(kept)
            numbers = range(len(self.mails) - len(waiting) + 1, len(self.mails) + 1)
            self._changed.notify_all()
        for (_, future), number in zip(waiting, numbers, strict=True):
            future.set_result(number)

    def refuse_waiting(self) -> None:
        """Fails everything that waits, as a database does that goes away at COMMIT."""
        with self._changed:
            waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            future.set_exception(TransientError("password=hunter2 does not open the database"))

    def give_up_waiting(self) -> None:
        """Cancels everything that waits, as an executor does that shuts down."""
        with self._changed:
            waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            future.cancel()

    def wait_for(self, *, waiting: int = 0, mails: int = 0, seconds: float = 5) -> bool:
        """True as soon as so many mails wait or are kept."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._waiting) >= waiting and len(self.mails) >= mails, seconds)


def _taken(source: bytes | SpoolFile) -> bytes:
    if isinstance(source, bytes):
        return source
    spooled = source.complete()
    content = spooled.path.read_bytes()
    assert (spooled.sha256, spooled.size) == (sha256_hex(content), len(content))
    spooled.path.unlink()
    return content
