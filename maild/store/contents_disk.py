"""Large contents as files `ab/cd/<sha256>` of a folder, synced before they have their name."""

import os
from contextlib import suppress
from pathlib import Path

from maild.errors import StorageBroken, TransientError
from maild.ids import sha256_hex, sha256_of_file
from maild.store.contents import Damaged, spool_folder

EIO = 5
_FOLDER = os.O_RDONLY | os.O_DIRECTORY


class DiskContents:
    """The folder of large contents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Its folders of two digits whose own entry is durable: at most 256.
        self._durable: set[Path] = set()

    def path(self, sha256: str) -> Path:
        """Where a large content lies."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def aside(self, sha256: str) -> Path:
        """Where it lies when no row names it (`leftovers`)."""
        return self.folder / "unnamed" / sha256[:2] / sha256

    def put(self, sha256: str, content: bytes) -> None:
        """Writes the bytes durably under their hash, unless they are there and whole."""
        target = self.path(sha256)
        if target.exists() and sha256_of_file(target)[0] == sha256:
            return
        part = spool_folder(self.folder) / f"{sha256}.{os.getpid()}.{os.urandom(4).hex()}"
        with disk_errors(), part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._rename(part, sha256)

    def take(self, sha256: str, part: Path) -> None:
        """Makes a complete file of the spool folder durable under its hash; one that is gone was taken before."""
        with disk_errors():
            try:
                _sync(part, os.O_RDONLY)
            except FileNotFoundError:
                if self.has(sha256):
                    return
                raise
        self._rename(part, sha256)

    def has(self, sha256: str) -> bool:
        """True when there is such a file."""
        return self.path(sha256).exists() or self.aside(sha256).exists()

    def get(self, sha256: str) -> bytes:
        """The bytes, checked."""
        try:
            content = self._read(sha256)
        except OSError as error:
            raise Damaged(f"the content {sha256} cannot be read: {error.strerror}") from error
        if sha256_hex(content) != sha256:
            raise Damaged(f"the content {sha256} was altered on disk")
        return content

    def _read(self, sha256: str) -> bytes:
        with suppress(FileNotFoundError):
            return self.path(sha256).read_bytes()
        return self.aside(sha256).read_bytes()

    def remove(self, sha256: str) -> None:
        """Removes the file."""
        self.path(sha256).unlink(missing_ok=True)
        self.aside(sha256).unlink(missing_ok=True)

    def _rename(self, part: Path, sha256: str) -> None:
        target = self.path(sha256)
        inner, outer = target.parent, target.parent.parent
        with disk_errors():
            try:
                part.replace(target)
            except FileNotFoundError:
                self._durable.discard(outer)
                inner.mkdir(parents=True, exist_ok=True, mode=0o700)
                part.replace(target)
            # Another thread may have made the inner folder and not have synced it yet.
            _sync(inner, _FOLDER)
            _sync(outer, _FOLDER)
            if outer not in self._durable:
                _sync(self.folder, _FOLDER)
                self._durable.add(outer)


class disk_errors:  # noqa: N801 - reads as a statement
    """EIO ends the daemon (a retried fsync lies); every other disk fault may pass."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            words = f"the blob folder cannot be written: {error.strerror}"
            raise (StorageBroken(words) if error.errno == EIO else TransientError(words)) from error


def _sync(path: Path, how: int) -> None:
    handle = os.open(path, how)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
