"""What the poller decides: where a folder's reading stands, what comes next, how long to wait. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Protocol, assert_never

from maild.intake.imap_account import Start
from maild.intake.imap_session import Selected
from maild.records import replace

WINDOW = 20_000
WIDEST = 320_000
LONGEST_WAIT = 300.0
# After a new UIDVALIDITY every mail looks new. One that the desk never had and that lay there so long is no question
# that somebody waits for: it comes in quietly instead of being answered years late.
OLD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where reading stands: all UIDs up to `last_uid` are done but for `pending`, pairs of (uid, tries).

    In the stretches of old mails the pair (uid, 0) is the end of the stretch, still ahead.
    """

    last_uid: int
    pending: tuple[tuple[int, int], ...] = ()


class Bookmarks(Protocol):
    """Keeps bookmarks. `uidvalidity` 0 stands for a server that has none."""

    def load(self, account: str, folder: str, uidvalidity: int) -> Bookmark | None:
        """None: never seen."""
        ...

    def save(self, account: str, folder: str, uidvalidity: int, bookmark: Bookmark, *, first: bool) -> None:
        """Inserts or replaces. A folder's `first` one is durable on return; a later one may be lost in a power cut."""
        ...

    def seen_any(self, account: str, folder: str) -> bool:
        """True when the folder has a bookmark with whatever UIDVALIDITY."""
        ...


class Stretch(StrEnum):
    """The parts of a folder that are read on their own; the value is added to the folder's name in the bookmarks."""

    LIVE = ""
    START = " (mails before the start)"
    RELIST = " (listed again)"


class Treatment(StrEnum):
    """How a mail is taken in."""

    LIVE = "live"
    QUIET = "quiet"
    SKIP = "skip"


def opening(*, seen: bool, start: Start, edge: int) -> tuple[tuple[Stretch, Bookmark], ...]:
    """The bookmarks of a folder (or UIDVALIDITY) that has none: mails up to `edge` are old, the rest is live."""
    rows = [(Stretch.LIVE, Bookmark(edge))]
    if edge and (seen or start != "now"):
        rows.insert(0, (Stretch.RELIST if seen else Stretch.START, Bookmark(0, ((edge, 0),))))
    return tuple(rows)


def treatment(stretch: Stretch, start: Start, arrived: datetime | None, now: datetime) -> Treatment:
    """Old mails come in quietly, and not at all when they are older than the start."""
    match stretch:
        case Stretch.LIVE:
            return Treatment.LIVE
        case Stretch.START:
            before = isinstance(start, date) and arrived is not None and arrived.date() < start
            return Treatment.SKIP if before else Treatment.QUIET
        case Stretch.RELIST:
            old = arrived is not None and now - arrived > OLD
            return Treatment.QUIET if old else Treatment.LIVE
        case _:
            assert_never(stretch)


def end_of(bookmark: Bookmark) -> int | None:
    """The last UID of a stretch that is not wholly listed yet."""
    return next((uid for uid, tries in bookmark.pending if tries == 0), None)


def passed(bookmark: Bookmark, uid: int) -> Bookmark:
    """`uid` is done."""
    pending = tuple(pair for pair in bookmark.pending if pair[0] != uid)
    return Bookmark(max(bookmark.last_uid, uid), pending)


def set_aside(bookmark: Bookmark, uid: int) -> Bookmark:
    """`uid` could not be had: others go on, it is tried again later."""
    tries = dict(bookmark.pending).get(uid, 0) + 1
    done = passed(bookmark, uid)
    return replace(done, pending=tuple(sorted((*done.pending, (uid, tries)))))


def due(pending: tuple[tuple[int, int], ...], rounds: int) -> Iterator[int]:
    """Mails to try again in this round: each time half as often, all of them in the first round after a start."""
    for uid, tries in pending:
        if tries and rounds % min(2**tries, 1024) == 0:
            yield uid


def windows(first: int, box: Selected, highest: int) -> Iterator[tuple[int, int | None]]:
    """Ranges to list, so that no answer holds more than WIDEST UIDs (a line of 1 MB ends imaplib's patience).

    Dense folders are read in steps of WINDOW; in wide ones where UIDs are far above each other.
    """
    if not box.exists:
        return
    width = WINDOW if highest - first < 100 * WINDOW else WIDEST
    while box.exists > WINDOW and first <= highest:
        yield first, first + width - 1
        first += width
    yield first, None


def backoff(failures: int, dice: Random) -> float:
    """1 s, 2 s, 4 s … 5 min, of which up to a half is left to chance so that accounts don't knock in step."""
    base = min(2.0 ** min(failures - 1, 10), LONGEST_WAIT)
    return max(1.0, base * dice.uniform(0.5, 1.0))
