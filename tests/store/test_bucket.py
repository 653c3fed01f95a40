"""Large contents in a bucket, on a real S3 server: kept whole, checked, and never lost for a fault that may pass."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from maild.errors import TransientError
from maild.ids import sha256_hex
from maild.store import Store, contents_s3, schema
from maild.store.blobs import INLINE_BYTES, Blobs, Damaged, open_blobs
from maild.store.contents_s3 import S3Contents
from tests.servers import seaweedfs

pytestmark = pytest.mark.servers
LARGE = b"l" * (INLINE_BYTES + 1)
HASH = sha256_hex(LARGE)


@pytest.fixture
def contents(tmp_path: Path) -> S3Contents:
    """A folder of the bucket that no other test knows."""
    return S3Contents(seaweedfs.bucket(prefix=tmp_path.name))


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_blobs(tmp_path / "blobs", seaweedfs.bucket(prefix=tmp_path.name))


def _put(store: Store, blobs: Blobs, content: bytes) -> str:
    with store.begin() as tx:
        return blobs.put(tx, content)


def _get(store: Store, blobs: Blobs, sha256: str) -> bytes:
    with store.read() as tx:
        return blobs.get(tx, sha256)


def _objects(contents: S3Contents) -> list[str]:
    return [each["path"] for each in contents._client.list(contents._store).collect()]


@pytest.mark.parametrize("size", [INLINE_BYTES + 1, 12_000_000])
def test_large_bytes_come_out_of_the_bucket_as_they_went_in(store: Store, blobs: Blobs, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)

    sha256 = _put(store, blobs, content)

    assert _get(store, blobs, sha256) == content
    assert not blobs.path(sha256).exists()
    assert list(blobs.spool.iterdir()) == []


def test_small_bytes_stay_in_the_database(sqlite_store: Store, blobs: Blobs, contents: S3Contents) -> None:
    sha256 = _put(sqlite_store, blobs, b"s" * INLINE_BYTES)

    assert not contents.has(sha256)
    assert len(_get(sqlite_store, blobs, sha256)) == INLINE_BYTES


def test_objects_lie_as_the_files_of_the_folder_do_so_that_either_can_be_copied_to_the_other(
    contents: S3Contents,
) -> None:
    contents.put(HASH, LARGE)

    assert _objects(contents) == [f"{HASH[:2]}/{HASH[2:4]}/{HASH}"]


def test_the_same_bytes_twice_are_sent_once_and_an_object_that_was_cut_short_is_replaced(contents: S3Contents) -> None:
    contents.put(HASH, LARGE)
    first = contents._client.head(contents._store, contents_s3._key(HASH))["last_modified"]
    contents.put(HASH, LARGE)
    assert contents._client.head(contents._store, contents_s3._key(HASH))["last_modified"] == first

    contents._client.put(contents._store, contents_s3._key(HASH), LARGE[:-1])
    contents.put(HASH, LARGE)

    assert contents.get(HASH) == LARGE


def test_a_file_of_the_spool_goes_to_the_bucket_and_lies_in_the_spool_no_longer(
    contents: S3Contents, tmp_path: Path
) -> None:
    part = tmp_path / "part"
    part.write_bytes(LARGE)

    contents.take(HASH, part)

    assert contents.get(HASH) == LARGE
    assert not part.exists()


def test_an_object_that_was_altered_or_is_gone_is_never_handed_out(contents: S3Contents) -> None:
    contents._client.put(contents._store, contents_s3._key(HASH), LARGE[:-1] + b"!")

    with pytest.raises(Damaged, match="altered"):
        contents.get(HASH)
    contents.remove(HASH)
    contents.remove(HASH)
    with pytest.raises(Damaged, match="gone"):
        contents.get(HASH)


def test_what_was_kept_on_disk_before_there_was_a_bucket_is_read_where_it_lies(
    sqlite_store: Store, blobs: Blobs, contents: S3Contents
) -> None:
    sha256 = _put(sqlite_store, Blobs(blobs.folder), LARGE)

    assert not contents.has(sha256)
    assert _get(sqlite_store, blobs, sha256) == LARGE


def test_what_is_forgotten_is_gone_from_the_bucket_unless_a_mail_that_waits_names_it(
    sqlite_store: Store, blobs: Blobs, contents: S3Contents
) -> None:
    other = LARGE + b"?"
    kept, gone = _put(sqlite_store, blobs, LARGE), _put(sqlite_store, blobs, other)
    with sqlite_store.begin() as tx:
        tx.execute(_waiting(kept))
        blobs.forget(tx, frozenset({kept, gone}))

    assert contents.has(kept)
    assert not contents.has(gone)


def _waiting(sha256: str) -> sa.Insert:
    values = {"state": "received", "source": sha256, "size": 1, "via": "smtp", "rcpt_to": [], "attempts": 0}
    values |= {"trusted": False, "quiet": False, "received_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return sa.insert(schema.inbound).values(values)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"secret_key": "wrong"}, "SignatureDoesNotMatch|privileges"),
        ({"name": "no-such-bucket"}, "no bucket|privileges"),
        ({"endpoint": "http://127.0.0.1:1"}, "cannot be used"),
    ],
)
def test_a_bucket_that_is_wrong_or_away_may_be_put_right_so_nothing_is_given_up(
    wrong: dict[str, str], words: str
) -> None:
    contents = S3Contents(replace(seaweedfs.bucket(), **wrong))

    for ask in (
        lambda: contents.put(HASH, LARGE),
        lambda: contents.get(HASH),
        lambda: contents.remove(HASH),
    ):
        with pytest.raises(TransientError):
            ask()
    trouble = contents.trouble()
    assert re.search(words, trouble or "")


def test_a_bucket_in_order_has_no_trouble_and_keeps_nothing_of_the_trial(contents: S3Contents) -> None:
    assert contents.trouble() is None
    assert _objects(contents) == []


def test_a_server_that_says_nothing_is_waited_for_a_bounded_time() -> None:
    contents = S3Contents(seaweedfs.bucket(), patience=timedelta(seconds=1))
    server = seaweedfs.running_server()
    server.freeze()
    try:
        with pytest.raises(TransientError, match="cannot be used"):
            contents.put(HASH, LARGE)
    finally:
        server.thaw()
