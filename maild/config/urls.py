"""The keys that are URLs: where mails go and where the database is (these may hold a password), and the bucket.

What is wrong is said without repeating the URL: even a badly written password stays out of errors and logs.
"""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import PlainValidator, SecretStr

RELAYS = ("smtp", "smtp+starttls", "smtps")
DELIVERIES = (*RELAYS, "maildir", "null")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,40}):")
DATABASES = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
SQLITE_FILE = "sqlite:///"
BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]{0,200}))?")


def plain(value: object) -> str:
    """The text of a secret that a validator was given, stripped."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value.strip()


def scheme_of(url: str) -> str:
    """What stands before the first colon, in lower case."""
    found = SCHEME.match(url)
    return found[1].lower() if found else ""


def _delivery(value: object) -> SecretStr:
    url = plain(value)
    scheme = scheme_of(url)
    if scheme not in DELIVERIES:
        raise ValueError(f"must begin with {', '.join(f'{each}:' for each in DELIVERIES)}")
    if scheme in RELAYS:
        _check_relay(url)
    if scheme == "maildir" and not url.partition(":")[2].strip("/"):
        raise ValueError('must name a folder, such as "maildir:outgoing"')
    return SecretStr(url)


def _check_relay(url: str) -> None:
    wrong = (
        'must be like "smtp+starttls://user:password@host:587" (in user and password write @ : / % as %40 %3A %2F %25)'
    )
    try:
        parts = urlsplit(url)
        complete = bool(parts.hostname) and parts.port != 0
    except ValueError:  # the library's own words would repeat a part of the URL
        raise ValueError(wrong) from None
    if not complete or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(wrong)


def _database(value: object) -> SecretStr:
    url = plain(value)
    driver = DATABASES.get(scheme_of(url))
    rest = url.partition(":")[2]
    if driver is None or not rest.startswith("//"):
        raise ValueError('must be "sqlite:///FILE" or "postgresql+psycopg://user:password@host/name"')
    return SecretStr(f"{driver}:{rest}")


def _bucket(value: object) -> str:
    url = plain(value)
    if not BUCKET.fullmatch(url):
        raise ValueError('must be like "s3://bucket" or "s3://bucket/folder"; a bucket has 3 to 63 of a-z 0-9 . -')
    return url.rstrip("/")


def bucket_and_prefix(url: str) -> tuple[str, str]:
    """(bucket, folder in it) of `s3://bucket/folder`."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    return bucket, prefix.strip("/")


def anchored_database(url: str, folder: Path) -> str:
    """A relative SQLite file is meant relative to the file that names it."""
    if not url.startswith(SQLITE_FILE):
        return url
    name, mark, options = url.removeprefix(SQLITE_FILE).partition("?")
    if not name or name.startswith((":memory:", "file:")):
        return url
    return f"{SQLITE_FILE}{folder / name}{mark}{options}"


def anchored_delivery(url: str, folder: Path) -> str:
    """A relative Maildir is meant relative to the file that names it."""
    name = url.partition(":")[2]
    return f"maildir:{folder / name}" if scheme_of(url) == "maildir" and name.strip("/") else url


DeliveryUrl = Annotated[SecretStr, PlainValidator(_delivery)]
BucketUrl = Annotated[str, PlainValidator(_bucket)]
DatabaseUrl = Annotated[SecretStr, PlainValidator(_database)]
