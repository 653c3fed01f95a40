"""Bytes by content hash: small ones live in the database beside the row that needs them (one flush for both), large
ones are files `blobs/ab/cd/<sha256>`, written before the row that names them."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from maild.ids import sha256_hex
from maild.store import schema
from maild.store.contents import Bucket, Contents, Damaged, spool_folder
from maild.store.contents_disk import DiskContents, disk_errors
from maild.store.dialect import insert_new
from maild.store.engine import Tx
from maild.store.leftovers import sweep
from maild.store.prepared import Prepared

__all__ = ["INLINE_BYTES", "Blobs", "Damaged", "bucket_trouble", "open_blobs"]
INLINE_BYTES = 64 * 1024


class Blobs:
    """Rows, and beside them the large contents: in the folder, or in a bucket with the folder as its spool. `put` is
    durable for large bytes; small ones are durable with the transaction."""

    def __init__(self, folder: Path, bucket: Contents | None = None) -> None:
        self.folder = folder
        self._disk = DiskContents(folder)
        self._large: Contents = bucket or self._disk

    @property
    def spool(self) -> Path:
        """Where unfinished files lie."""
        return spool_folder(self.folder)

    def path(self, sha256: str) -> Path:
        """Where a large content lies on disk."""
        return self._disk.path(sha256)

    def put_rows(self, tx: Tx, contents: list[tuple[str, int, bytes | None]]) -> None:
        """Rows for (hash, size, bytes); bytes of large ones must lie in their file already."""
        rows = [
            {"sha256": sha256, "size": size, "content": content if size <= INLINE_BYTES else None}
            for sha256, size, content in contents
        ]
        insert_new(tx, schema.blobs, rows)

    def put(self, tx: Tx, content: bytes) -> str:
        """Keeps bytes and gives their hash."""
        sha256 = sha256_hex(content)
        if len(content) > INLINE_BYTES:
            self._large.put(sha256, content)
        self.put_rows(tx, [(sha256, len(content), content)])
        return sha256

    def keep_large(self, contents: Iterable[bytes]) -> None:
        """Keeps what is large before the transaction that will `put` it: meanwhile others would wait for the disk, or
        for the bucket. What then is not named by any row lies there for nothing until it is swept away."""
        for content in contents:
            if len(content) > INLINE_BYTES:
                self._large.put(sha256_hex(content), content)

    def keep_file(self, content: bytes, sha256: str) -> None:
        """Keeps a large content durably under its hash, unless it is there and whole."""
        self._large.put(sha256, content)

    def sync_and_take_over(self, part: Path, sha256: str) -> None:
        """Makes a complete file of the spool folder durable under its hash."""
        self._large.take(sha256, part)

    def remove_unfinished(self, older_than: float) -> None:
        """Removes files that nobody finished; seconds by the file system's own clock."""
        now = self._now()
        for part in self.spool.iterdir():
            with suppress(FileNotFoundError):
                if now - part.stat().st_mtime > older_than:
                    part.unlink()

    def sweep(self, tx: Tx, place: int) -> tuple[int, int]:
        """Looks at a 256th of the folder for what no row names; gives how many it laid aside and destroyed."""
        with disk_errors():
            return sweep(tx, self._disk, place, self._now())

    def _now(self) -> float:
        """By the file system's own clock."""
        probe = self.spool / f"now.{os.getpid()}"
        probe.touch(mode=0o600)
        now = probe.stat().st_mtime
        probe.unlink(missing_ok=True)
        return now

    def forget(self, tx: Tx, hashes: frozenset[str]) -> None:
        """Destroys contents that nothing else names. Files go at once: after a crash before the commit their rows name
        what is gone (Damaged), which is what was wanted anyway."""
        for sha256 in sorted(hashes):
            if not any(tx.execute(named.limit(1), {"sha256": sha256}).first() for named in _NAMED):
                tx.execute(sa.delete(schema.blobs).where(schema.blobs.c.sha256 == sha256))
                self._disk.remove(sha256)
                self._large.remove(sha256)

    def get(self, tx: Tx, sha256: str) -> bytes:
        """The bytes under a hash; raises Damaged when they are gone or altered."""
        row = tx.execute(_CONTENT, {"sha256": sha256}).one_or_none()
        if row is not None and row.content is not None:
            return bytes(row.content)
        # What was kept before there was a bucket is read where it lies.
        return (self._disk if self._disk.has(sha256) else self._large).get(sha256)


_CONTENT = Prepared(sa.select(schema.blobs.c.content).where(schema.blobs.c.sha256 == sa.bindparam("sha256")))
_NAMED = (
    *(
        sa.select(column).where(column == sa.bindparam("sha256"))
        for column in (schema.attachments.c.sha256, schema.messages.c.source, schema.outbox.c.content)
    ),
    # A mail of the same bytes that is still to be handled, perhaps after a word of an admin.
    sa.select(schema.inbound.c.id).where(
        schema.inbound.c.state.in_(("received", "held", "failed")), schema.inbound.c.source == sa.bindparam("sha256")
    ),
)


def open_blobs(folder: Path, bucket: Bucket | None) -> Blobs:
    """The contents of a desk, where its configuration keeps them; for a bucket the extra `s3` is needed."""
    if bucket is None:
        return Blobs(folder)
    from maild.store.contents_s3 import S3Contents

    return Blobs(folder, S3Contents(bucket))


def bucket_trouble(bucket: Bucket) -> str | None:
    """What is wrong with a bucket, found by trying it; None: nothing."""
    from maild.store.contents_s3 import S3Contents

    return S3Contents(bucket).trouble()
