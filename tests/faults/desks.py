"""Fixtures: a sink for all that leaves, and a running desk whose spool can be looked into."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.servers.process import Running
from tests.servers.product import Desk, eventually
from tests.servers.sink import Sink

BOB = """
[[agents]]
name = "bob"
email = "bob@acme.test"
"""


@dataclass(frozen=True, slots=True)
class House:
    """A desk that runs, and where its mails arrive."""

    desk: Desk
    sink: Sink
    process: Running


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mail of the spool."""

    number: int
    state: str
    reason: str
    messages: int


@contextmanager
def running_house(folder: Path, extra: str = BOB) -> Iterator[House]:
    with Sink() as sink:
        desk = Desk(folder, delivery=sink.url, extra=extra)
        with desk.running() as process:
            yield House(desk, sink, process)


def fates(desk: Desk) -> list[Fate]:
    """Every mail of the spool, in the order of arrival (SQLite)."""
    query = (
        "SELECT id, state, coalesce(reason, ''), (SELECT count(*) FROM messages WHERE inbound = inbound.id)"
        " FROM inbound ORDER BY id"
    )
    return [Fate(*row) for row in _rows(desk, query)]


def fate_of(desk: Desk, source: bytes, seconds: float = 60) -> Fate:
    """Of the mail with exactly these bytes, once it was handled."""

    def handled() -> list[Fate]:
        known = {number for (number,) in _rows(desk, "SELECT id FROM inbound WHERE source = ?", _hash(source))}
        return [fate for fate in fates(desk) if fate.number in known and fate.state != "received"]

    return eventually(handled, "the end of a mail's handling", seconds)[0]


def _hash(source: bytes) -> str:
    return sha256(source).hexdigest()


def _rows(desk: Desk, query: str, *values: str) -> list[tuple]:  # type: ignore[type-arg]
    with closing(sqlite3.connect(desk.folder / "maild.db", timeout=20)) as database:
        return database.execute(query, values).fetchall()
