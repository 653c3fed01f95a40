"""Where large contents lie, each under the hash of its bytes: a folder or a bucket, chosen by the configuration."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from maild.errors import PermanentError


class Damaged(PermanentError):
    """The bytes under a hash are gone or are others."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of an S3-compatible store; without a key, the environment's or the machine's own rights count."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


class Contents(Protocol):
    """Large contents by hash. All but `get` may be repeated: the same hash is the same bytes (SPEC ST-3)."""

    def put(self, sha256: str, content: bytes) -> None:
        """Durable when it returns: the row that names the bytes is written after it. Raises TransientError."""
        ...

    def take(self, sha256: str, part: Path) -> None:
        """The same for a complete file of the spool folder, which lies there no longer then."""
        ...

    def has(self, sha256: str) -> bool:
        """True when something lies under the hash."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes, checked; raises Damaged when they are gone or altered, TransientError when out of reach."""
        ...

    def remove(self, sha256: str) -> None:
        """Destroys the bytes; does nothing when they are gone."""
        ...


def spool_folder(folder: Path) -> Path:
    """Where unfinished files lie; on the same file system as large contents, so that taking them over is a rename."""
    path = folder / "incoming"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
