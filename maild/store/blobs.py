"""Bytes by content hash: small ones live in the database beside the row that needs them (one flush for both), large
ones are files `blobs/ab/cd/<sha256>`, written before the row that names them."""

import os
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from maild.errors import PermanentError, StorageBroken, TransientError
from maild.ids import sha256_hex, sha256_of_file
from maild.store import schema
from maild.store.dialect import insert_new
from maild.store.engine import Tx

INLINE_BYTES = 64 * 1024
EIO = 5


class Damaged(PermanentError):
    """The bytes under a hash are gone or are others."""


class Blobs:
    """The folder of large contents. `put` is durable for large bytes; small ones are durable with the transaction."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def spool(self) -> Path:
        """Where unfinished files lie; on the same file system, so that taking them over is a rename."""
        path = self.folder / "incoming"
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def path(self, sha256: str) -> Path:
        """Where a large content lies."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

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
            self.keep_file(content, sha256)
        self.put_rows(tx, [(sha256, len(content), content)])
        return sha256

    def keep_file(self, content: bytes, sha256: str) -> None:
        """Writes a large content durably under its hash, unless it is there and whole."""
        target = self.path(sha256)
        if target.exists() and sha256_of_file(target)[0] == sha256:
            return
        part = self.spool / f"{sha256}.{os.getpid()}.{os.urandom(4).hex()}"
        with _disk_errors(), part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.take_over(part, sha256)

    def sync_and_take_over(self, part: Path, sha256: str) -> None:
        """Makes a complete file of the spool folder durable under its hash."""
        with _disk_errors():
            handle = os.open(part, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self.take_over(part, sha256)

    def take_over(self, part: Path, sha256: str) -> None:
        """Moves a complete, synced file to its place and makes the move durable."""
        target = self.path(sha256)
        with _disk_errors():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.replace(target)
            for folder in (target.parent, target.parent.parent, self.folder):
                _sync_folder(folder)

    def remove_unfinished(self, older_than: float) -> None:
        """Removes files that nobody finished; seconds by the file system's own clock."""
        probe = self.spool / f"now.{os.getpid()}"
        probe.touch(mode=0o600)
        now = probe.stat().st_mtime
        for part in self.spool.iterdir():
            with suppress(FileNotFoundError):
                if part == probe or now - part.stat().st_mtime > older_than:
                    part.unlink()

    def forget(self, tx: Tx, hashes: frozenset[str]) -> None:
        """Destroys contents that nothing else names. Files go at once: after a crash before the commit their rows name
        what is gone (Damaged), which is what was wanted anyway."""
        for sha256 in sorted(hashes):
            if not any(tx.execute(named.limit(1), {"sha256": sha256}).first() for named in _NAMED):
                tx.execute(sa.delete(schema.blobs).where(schema.blobs.c.sha256 == sha256))
                self.path(sha256).unlink(missing_ok=True)

    def get(self, tx: Tx, sha256: str) -> bytes:
        """The bytes under a hash; raises Damaged when they are gone or altered."""
        row = tx.execute(sa.select(schema.blobs.c.content).where(schema.blobs.c.sha256 == sha256)).one_or_none()
        if row is not None and row.content is not None:
            return bytes(row.content)
        try:
            content = self.path(sha256).read_bytes()
        except OSError as error:
            raise Damaged(f"the content {sha256} cannot be read: {error.strerror}") from error
        if sha256_hex(content) != sha256:
            raise Damaged(f"the content {sha256} was altered on disk")
        return content


_NAMED = tuple(
    sa.select(column).where(column == sa.bindparam("sha256"))
    for column in (schema.attachments.c.sha256, schema.messages.c.source, schema.outbox.c.content)
)


class _disk_errors:  # noqa: N801 - reads as a statement
    """EIO ends the daemon (a retried fsync lies); every other disk fault may pass."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            words = f"the blob folder cannot be written: {error.strerror}"
            raise (StorageBroken(words) if error.errno == EIO else TransientError(words)) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
