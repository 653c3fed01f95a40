"""A door and bookmarks in memory, for the poller's tests: what went through, in which order, and when it fails."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from maild.desk.door import SpoolFile
from maild.errors import MaildError
from maild.intake.imap_plan import Bookmark
from maild.mail.envelope import Envelope


class FakeDoor:
    """Keeps mails in a list. `failures` are raised one by one by the next submits, None stands for a mail that is kept.
    With `together` it answers only when so many wait, as for one commit that all of them share."""

    def __init__(self, *failures: MaildError | None, together: int = 1) -> None:
        self._together = together
        self._waiting: list[tuple[Future[int], tuple[bytes, Envelope]]] = []
        self.mails: list[tuple[bytes, Envelope]] = []
        self.failures = list(failures)
        self.room = True
        self.before_keeping: Callable[[bytes], None] = lambda _source: None
        self.before_answering: Callable[[], None] = lambda: None
        self._changed = threading.Condition()

    def is_recipient(self, address: str) -> bool:
        return True

    def is_blocked(self, address: str) -> bool:
        return False

    def has_room(self) -> bool:
        return self.room

    def login(self, username: str, password: str) -> str | None:
        return None

    def spool_folder(self) -> Path:
        raise AssertionError("the IMAP poller hands over bytes")

    def submit(self, source: bytes | SpoolFile, envelope: Envelope) -> "Future[int]":
        future: Future[int] = Future()
        assert isinstance(source, bytes)
        self.before_keeping(source)
        with self._changed:
            self._waiting.append((future, (source, envelope)))
            if len(self._waiting) >= self._together:
                self._answer()
        return future

    def _answer(self) -> None:
        self.before_answering()
        self._together = 1
        for future, mail in self._waiting:
            if failure := self.failures.pop(0) if self.failures else None:
                future.set_exception(failure)
            else:
                self.mails.append(mail)
                future.set_result(len(self.mails))
        self._waiting.clear()
        self._changed.notify_all()

    @property
    def sources(self) -> list[bytes]:
        return [source for source, _ in self.mails]

    @property
    def uids(self) -> list[int]:
        return [int((envelope.origin or ":0").rpartition(":")[2]) for _, envelope in self.mails]

    def wait_for(self, count: int, seconds: float = 20.0) -> None:
        """Returns once `count` mails came through, fails after the deadline."""
        until = time.monotonic() + seconds
        with self._changed:
            while len(self.mails) < count:
                assert self._changed.wait(max(0.0, until - time.monotonic())), f"{len(self.mails)} of {count} mails"


class FakeBookmarks:
    """Bookmarks in a dict; every save is in the log."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, int], Bookmark] = {}
        self.log: list[tuple[str, int, Bookmark]] = []

    def load(self, account: str, folder: str, uidvalidity: int) -> Bookmark | None:
        return self.rows.get((account, folder, uidvalidity))

    def save(self, account: str, folder: str, uidvalidity: int, bookmark: Bookmark, *, first: bool) -> None:
        self.rows[(account, folder, uidvalidity)] = bookmark
        self.log.append((folder, uidvalidity, bookmark))

    def seen_any(self, account: str, folder: str) -> bool:
        return any(key[:2] == (account, folder) for key in self.rows)

    def only(self, folder: str = "INBOX") -> Bookmark:
        (row,) = [bookmark for key, bookmark in self.rows.items() if key[1] == folder]
        return row


class Told:
    """What admins were told, in order."""

    def __init__(self) -> None:
        self.troubles: list[tuple[str, str]] = []
        self.recoveries: list[tuple[str, str]] = []
        self._changed = threading.Condition()

    def trouble(self, what: str, words: str) -> None:
        with self._changed:
            self.troubles.append((what, words))
            self._changed.notify_all()

    def recovery(self, what: str, words: str) -> None:
        with self._changed:
            self.recoveries.append((what, words))
            self._changed.notify_all()

    def wait_for(self, *, troubles: int = 0, recoveries: int = 0, seconds: float = 20.0) -> None:
        with self._changed:
            done = self._changed.wait_for(
                lambda: len(self.troubles) >= troubles and len(self.recoveries) >= recoveries, seconds
            )
        assert done, (self.troubles, self.recoveries)
