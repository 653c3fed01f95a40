"""Large contents that no row names: laid aside after a day, destroyed after a month, back when they are named."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.ids import sha256_hex
from maild.store import Store
from maild.store.blobs import INLINE_BYTES, Blobs
from maild.store.leftovers import DAY, LOOKED_AT, MONTH, PLACES

LARGE = b"l" * (INLINE_BYTES + 1)
SHA = sha256_hex(LARGE)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def aged(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def swept(store: Store, blobs: Blobs) -> tuple[int, int]:
    """What a look at each of the folders did: (laid aside, destroyed)."""
    with store.read() as tx:
        found = [blobs.sweep(tx, place) for place in range(PLACES)]
    return sum(laid for laid, _ in found), sum(destroyed for _, destroyed in found)


def kept(store: Store, blobs: Blobs) -> None:
    with store.begin() as tx:
        blobs.put(tx, LARGE)


def content(store: Store, blobs: Blobs) -> bytes:
    with store.read() as tx:
        return blobs.get(tx, SHA)


def files(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def test_what_a_row_names_stays_however_old_it_is(store: Store, blobs: Blobs) -> None:
    kept(store, blobs)
    aged(blobs.path(SHA), 10 * MONTH)

    assert swept(store, blobs) == (0, 0)
    assert files(blobs) == [blobs.path(SHA)]
    assert content(store, blobs) == LARGE


def test_what_came_today_stays_for_its_row_may_come_yet(sqlite_store: Store, blobs: Blobs) -> None:
    blobs.keep_large([LARGE])
    aged(blobs.path(SHA), DAY - 60)

    assert swept(sqlite_store, blobs) == (0, 0)
    assert files(blobs) == [blobs.path(SHA)]


def test_what_no_row_names_is_laid_aside_and_destroyed_a_month_later(store: Store, blobs: Blobs) -> None:
    blobs.keep_large([LARGE])
    aged(blobs.path(SHA), DAY + 60)
    assert swept(store, blobs) == (1, 0)
    (aside,) = files(blobs)
    assert aside == blobs.folder / "unnamed" / SHA[:2] / SHA
    assert swept(store, blobs) == (0, 0)

    aged(aside, MONTH - 60)
    assert swept(store, blobs) == (0, 0)
    aged(aside, MONTH + 60)
    assert swept(store, blobs) == (0, 1)
    assert files(blobs) == []


def _named_by(again: Callable[[Store, Blobs], None], store: Store, blobs: Blobs) -> None:
    blobs.keep_large([LARGE])
    aged(blobs.path(SHA), DAY + 60)
    swept(store, blobs)
    again(store, blobs)


def a_row_alone(store: Store, blobs: Blobs) -> None:
    """Whoever found the file still in its place, just before it was laid aside."""
    with store.begin() as tx:
        blobs.put_rows(tx, [(SHA, len(LARGE), LARGE)])


def the_same_bytes(store: Store, blobs: Blobs) -> None:
    kept(store, blobs)


@pytest.mark.parametrize("again", [a_row_alone, the_same_bytes])
def test_what_is_named_after_all_is_read_and_brought_back(
    store: Store, blobs: Blobs, again: Callable[[Store, Blobs], None]
) -> None:
    _named_by(again, store, blobs)
    assert content(store, blobs) == LARGE

    aged(blobs.folder / "unnamed" / SHA[:2] / SHA, 2 * MONTH)
    assert swept(store, blobs) == (0, 0)
    assert files(blobs) == [blobs.path(SHA)]
    assert content(store, blobs) == LARGE


def test_what_is_forgotten_is_destroyed_where_it_lies(sqlite_store: Store, blobs: Blobs) -> None:
    _named_by(a_row_alone, sqlite_store, blobs)

    with sqlite_store.begin() as tx:
        blobs.forget(tx, frozenset((SHA,)))

    assert files(blobs) == []


def test_folders_where_nothing_came_or_went_for_a_week_are_not_read_again(sqlite_store: Store, blobs: Blobs) -> None:
    blobs.keep_large([LARGE])
    aged(blobs.path(SHA), LOOKED_AT + DAY)
    aged(blobs.path(SHA).parent, LOOKED_AT + 60)

    assert swept(sqlite_store, blobs) == (0, 0)
    aged(blobs.path(SHA).parent, LOOKED_AT - 60)
    assert swept(sqlite_store, blobs) == (1, 0)


def test_what_others_put_beside_the_contents_is_left_alone(sqlite_store: Store, blobs: Blobs) -> None:
    (blobs.folder / "ab" / "cd").mkdir(parents=True)
    for strange in (blobs.folder / "ab" / "cd" / "README", blobs.folder / "ab" / "note", blobs.folder / "lost+found"):
        strange.write_bytes(b"mine")
        aged(strange, 2 * MONTH)

    assert swept(sqlite_store, blobs) == (0, 0)
    assert len(files(blobs)) == 3
