"""Bytes by their hash: kept whole, or said to be damaged."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from maild.errors import TransientError
from maild.ids import sha256_hex
from maild.store import Store, schema
from maild.store.blobs import INLINE_BYTES, Blobs, Damaged

SMALL = b"s" * INLINE_BYTES
LARGE = b"l" * (INLINE_BYTES + 1)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def as_the_daemon() -> Iterator[None]:
    """With the mask that every command of maild sets."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def _put(store: Store, blobs: Blobs, content: bytes) -> str:
    with store.begin() as tx:
        return blobs.put(tx, content)


def _get(store: Store, blobs: Blobs, sha256: str) -> bytes:
    with store.read() as tx:
        return blobs.get(tx, sha256)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\r\n", SMALL, LARGE])
def test_bytes_come_out_as_they_went_in(store: Store, blobs: Blobs, content: bytes) -> None:
    sha256 = _put(store, blobs, content)

    assert sha256 == sha256_hex(content)
    assert _get(store, blobs, sha256) == content


@pytest.mark.parametrize("size", [0, 1, 2046, 2047, 2048, 4094, 4095, 64 * 1024, 64 * 1024 + 1])
def test_the_name_of_bytes_is_their_sha_256_in_however_many_steps_it_is_found(size: int) -> None:
    content = bytes(place % 251 for place in range(size))

    assert sha256_hex(content) == hashlib.sha256(content).hexdigest()


def test_small_ones_lie_in_the_database_and_large_ones_in_a_file_that_only_we_read(
    sqlite_store: Store, blobs: Blobs, as_the_daemon: None
) -> None:
    small, large = _put(sqlite_store, blobs, SMALL), _put(sqlite_store, blobs, LARGE)

    assert not blobs.path(small).exists()
    assert blobs.path(large).read_bytes() == LARGE
    assert blobs.path(large).stat().st_mode & 0o777 == 0o600
    assert blobs.path(large).relative_to(blobs.folder).parts == (large[:2], large[2:4], large)
    assert list(blobs.spool.iterdir()) == []
    with sqlite_store.read() as tx:
        rows = {row.sha256: row.content for row in tx.execute(sa.select(schema.blobs))}
    assert rows == {small: SMALL, large: None}


def test_the_same_bytes_twice_are_kept_once(store: Store, blobs: Blobs) -> None:
    for content in (SMALL, SMALL, LARGE, LARGE):
        _put(store, blobs, content)

    with store.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(schema.blobs)).scalar_one() == 2


def test_a_file_that_was_altered_is_never_handed_out(sqlite_store: Store, blobs: Blobs) -> None:
    sha256 = _put(sqlite_store, blobs, LARGE)
    blobs.path(sha256).write_bytes(LARGE[:-1] + b"!")

    with pytest.raises(Damaged, match="altered"):
        _get(sqlite_store, blobs, sha256)


@pytest.mark.parametrize("length", [0, len(LARGE) // 2])
def test_a_file_that_is_cut_short_or_gone_is_never_handed_out(sqlite_store: Store, blobs: Blobs, length: int) -> None:
    cut, gone = _put(sqlite_store, blobs, LARGE), _put(sqlite_store, blobs, LARGE + b"2")
    blobs.path(cut).write_bytes(LARGE[:length])
    blobs.path(gone).unlink()

    for sha256 in (cut, gone, "0" * 64):
        with pytest.raises(Damaged):
            _get(sqlite_store, blobs, sha256)


def test_bytes_that_come_again_repair_a_file_that_was_altered(sqlite_store: Store, blobs: Blobs) -> None:
    sha256 = _put(sqlite_store, blobs, LARGE)
    blobs.path(sha256).write_bytes(b"")

    _put(sqlite_store, blobs, LARGE)

    assert _get(sqlite_store, blobs, sha256) == LARGE


def test_files_that_nobody_finished_are_removed_when_they_are_old(blobs: Blobs) -> None:
    old, young = blobs.spool / "old", blobs.spool / "young"
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    os.utime(old, (0, 0))

    blobs.remove_unfinished(older_than=3600)

    assert list(blobs.spool.iterdir()) == [young]


def test_a_complete_file_of_the_spool_folder_is_taken_over_under_its_hash(sqlite_store: Store, blobs: Blobs) -> None:
    part = blobs.spool / "part"
    part.write_bytes(LARGE)

    blobs.sync_and_take_over(part, sha256_hex(LARGE))

    assert not part.exists()
    assert _get(sqlite_store, blobs, sha256_hex(LARGE)) == LARGE


def test_a_folder_that_somebody_removed_is_made_again(sqlite_store: Store, blobs: Blobs) -> None:
    sha256 = _put(sqlite_store, blobs, LARGE)
    shutil.rmtree(blobs.path(sha256).parent.parent)

    _put(sqlite_store, blobs, LARGE)

    assert _get(sqlite_store, blobs, sha256) == LARGE


def test_a_folder_that_cannot_be_written_may_pass(tmp_path: Path) -> None:
    (tmp_path / "blobs" / "incoming").mkdir(parents=True)
    blobs = Blobs(tmp_path / "blobs")
    sha256 = sha256_hex(LARGE)
    (blobs.folder / sha256[:2]).write_bytes(b"a file where a folder must be")

    with pytest.raises(TransientError, match=os.strerror(errno.ENOTDIR)):
        blobs.keep_file(LARGE, sha256)
