"""Which bookmark is meant: account, folder, stretch and UIDVALIDITY, and memory alone where a server has none."""

from collections.abc import Callable, Iterable
from functools import reduce

from maild.intake.imap_account import ImapAccount
from maild.intake.imap_plan import Bookmark, Bookmarks, Stretch


class Ledger:
    """The bookmarks of one folder under its present UIDVALIDITY."""

    def __init__(self, bookmarks: Bookmarks, account: ImapAccount) -> None:
        self._bookmarks = bookmarks
        self._account = account
        self._volatile: dict[Stretch, Bookmark] = {}
        self.uidvalidity: int | None = None

    def reconnected(self) -> None:
        """UIDs without UIDVALIDITY mean nothing beyond one connection (RFC 3501 2.3.1.1)."""
        self._volatile.clear()

    def seen(self) -> bool:
        """True when the folder was read before, under whatever UIDVALIDITY."""
        return self._bookmarks.seen_any(self._account.key, self._account.folder)

    def load(self, stretch: Stretch) -> Bookmark | None:
        """None: nothing is known."""
        if self.uidvalidity is None:
            return self._volatile.get(stretch)
        return self._bookmarks.load(self._account.key, self._account.folder + stretch, self.uidvalidity)

    def save(self, stretch: Stretch, bookmark: Bookmark, *, first: bool = True) -> None:
        """See `Bookmarks.save`; without UIDVALIDITY it only tells the next start that the folder was seen."""
        if self.uidvalidity is None:
            self._volatile[stretch] = bookmark
        if self.uidvalidity is not None or stretch is Stretch.LIVE:
            folder = self._account.folder + stretch
            self._bookmarks.save(self._account.key, folder, self.uidvalidity or 0, bookmark, first=first)

    def change(self, stretch: Stretch, uids: Iterable[int], to: Callable[[Bookmark, int], Bookmark]) -> None:
        """`passed` or `set_aside`, one UID after the other, on what is kept now."""
        self.save(stretch, reduce(to, uids, self.load(stretch) or Bookmark(0)), first=False)
