"""IMAP bookmarks on the database (implements `maild.intake.imap_plan.Bookmarks` for whatever bookmark it is given)."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from maild.desk.room import Room
from maild.store import mailboxes


class Mark(Protocol):
    """Where reading stands."""

    @property
    def last_uid(self) -> int:
        """All up to here are done."""
        ...

    @property
    def pending(self) -> tuple[tuple[int, int], ...]:
        """But these: (uid, tries)."""
        ...


M = TypeVar("M", bound=Mark)


class StoredBookmarks(Generic[M]):
    """Loads and keeps bookmarks, each in a transaction of its own. `make` builds the edge's own type."""

    def __init__(self, room: Room, make: Callable[[int, tuple[tuple[int, int], ...]], M]) -> None:
        self._room = room
        self._make = make

    def load(self, account: str, folder: str, uidvalidity: int) -> M | None:
        """None: never seen."""
        with self._room.store.read() as tx:
            found = mailboxes.load(tx, account, folder, uidvalidity)
        return self._make(*found) if found else None

    def save(self, account: str, folder: str, uidvalidity: int, bookmark: M, *, first: bool) -> None:
        """The first one is durable on return: what it draws the line at cannot be known later. One that a power cut
        takes has its mails fetched once more, and known again."""
        store = self._room.store
        with store.begin() if first else store.begin_quick() as tx:
            now = self._room.clock()
            mailboxes.save(tx, account, folder, uidvalidity, bookmark.last_uid, bookmark.pending, now)

    def seen_any(self, account: str, folder: str) -> bool:
        """True when the folder was read under any validity."""
        with self._room.store.read() as tx:
            return mailboxes.seen_any(tx, account, folder)
