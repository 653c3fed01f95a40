"""Large contents as objects `ab/cd/<sha256>` of an S3-compatible bucket, each put whole and checked when read.

Objects lie as the files of the folder do, so that either can be copied to the other by any tool for buckets.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from maild.errors import PermanentError, TransientError
from maild.ids import sha256_hex
from maild.store.contents import Bucket, Damaged

CONNECTING = timedelta(seconds=5)
# Shorter than PostgreSQL's patience with a transaction that waits for us (`idle_in_transaction_session_timeout`).
WHOLE = timedelta(seconds=30)
TRYING = timedelta(seconds=10)
RETRIES = 2
MOST_WORDS = 160
PROBE = "maild-check"


class S3Contents:
    """The bucket of large contents."""

    def __init__(self, bucket: Bucket, patience: timedelta = WHOLE) -> None:
        self._bucket = bucket
        try:
            import obstore
        except ModuleNotFoundError as error:
            raise PermanentError("for a bucket install maild[s3]") from error
        self._client: Any = obstore
        self._store = _opened(bucket, patience)

    def put(self, sha256: str, content: bytes) -> None:
        """Puts the bytes whole, unless an object of their size lies there; S3 answers when they are durable."""
        if self._size(sha256) != len(content):
            self._asked(lambda: self._client.put(self._store, _key(sha256), content, use_multipart=False))

    def take(self, sha256: str, part: Path) -> None:
        """The same for a file of the spool folder."""
        try:
            content = part.read_bytes()
        except OSError as error:
            raise TransientError(f"the spool file cannot be read: {error.strerror}") from error
        self.put(sha256, content)
        part.unlink(missing_ok=True)

    def has(self, sha256: str) -> bool:
        """True when there is such an object."""
        return self._size(sha256) is not None

    def get(self, sha256: str) -> bytes:
        """The bytes, checked."""
        try:
            content = self._asked(lambda: bytes(self._client.get(self._store, _key(sha256)).bytes()))
        except FileNotFoundError as error:
            raise Damaged(f"the content {sha256} is gone from the bucket {self._bucket.name}") from error
        if sha256_hex(content) != sha256:
            raise Damaged(f"the content {sha256} was altered in the bucket {self._bucket.name}")
        return bytes(content)

    def remove(self, sha256: str) -> None:
        """Removes the object."""
        self._asked(lambda: self._client.delete(self._store, _key(sha256)))

    def trouble(self) -> str | None:
        """What is wrong with the bucket, found by writing, reading and removing a small object; None: nothing."""
        try:
            self._asked(lambda: self._client.put(self._store, PROBE, b"maild", use_multipart=False))
            self._asked(lambda: self._client.get(self._store, PROBE).bytes())
            self._asked(lambda: self._client.delete(self._store, PROBE))
        except (TransientError, OSError) as error:
            return str(error)
        return None

    def _size(self, sha256: str) -> int | None:
        try:
            return int(self._asked(lambda: self._client.head(self._store, _key(sha256)))["size"])
        except FileNotFoundError:
            return None

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Whatever is wrong with a bucket may be put right: only an object that is not there is an answer."""
        from obstore.exceptions import BaseError

        try:
            return ask()
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise TransientError(f"there is no bucket {self._bucket.name}") from error
            raise
        except (BaseError, OSError) as error:
            raise TransientError(f"the bucket {self._bucket.name} cannot be used: {_words(error)}") from error


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _words(error: Exception) -> str:
    """What the client said, without its notes for programmers."""
    said = str(error).partition("Debug source:")[0]
    return " ".join(said.split())[:MOST_WORDS]


def _opened(bucket: Bucket, patience: timedelta) -> Any:
    """The client of a bucket. It sends a SHA-256 with each object, which the server compares with what came."""
    from obstore.store import S3Store

    named = {"endpoint": bucket.endpoint, "access_key_id": bucket.access_key, "secret_access_key": bucket.secret_key}
    given: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    client: Any = {"connect_timeout": CONNECTING, "timeout": patience}
    if bucket.endpoint and bucket.endpoint.startswith("http://"):
        client["allow_http"] = True
    if bucket.ca_file is not None:
        client["root_certificate"] = bucket.ca_file.read_bytes()
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        region=bucket.region,
        checksum_algorithm="sha256",
        client_options=client,
        retry_config={"max_retries": RETRIES, "retry_timeout": TRYING},
        **given,
    )
