"""Databases to measure on: fresh ones, copies, and one that is grown to many tickets by plain SQL."""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

NUMBERS = itertools.count(1)
# Which number a column holds; a copy of a row gets the next free range of each.
RANGES = {
    "tickets": {"number": "ticket"},
    "participants": {"ticket": "ticket"},
    "messages": {"id": "message", "ticket": "ticket", "inbound": "inbound", "home": "ticket"},
    "attachments": {"message": "message"},
    "message_ids": {"ticket": "ticket"},
    "events": {"ticket": "ticket"},
    "outbox": {"id": "outbox", "ticket": "ticket", "message": "message"},
    "inbound": {"id": "inbound", "ticket": "ticket"},
    "identities": {"inbound": "inbound", "ticket": "ticket"},
    "timers": {"ticket": "ticket"},
}
HOLDERS = {
    "ticket": ("tickets", "number"),
    "message": ("messages", "id"),
    "inbound": ("inbound", "id"),
    "outbox": ("outbox", "id"),
}
WORDS = {"message_words": "message", "ticket_words": "ticket"}  # the full-text index: its key holds these numbers
UNIQUE = {"message_id", "key"}
PEOPLE = {"requester", "from_address", "mail_from", "address"}
SHORTENED = {"text", "new_text"}
TO_COME = {"due_at", "sla_due_at"}  # or a tick would find all the copies' promises broken
HOURS_APART = 8
OTHERS_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
SERIES = "WITH RECURSIVE n(k) AS (SELECT 1 WHERE :copies > 0 UNION ALL SELECT k + 1 FROM n WHERE k < :copies)"


@dataclass(frozen=True, slots=True)
class World:
    """A folder and a database of its own."""

    folder: Path
    url: str

    @property
    def is_sqlite(self) -> bool:
        """True when the database is a file in the folder."""
        return self.url.startswith("sqlite")

    def engine(self) -> sa.Engine:
        """For the bench's own look at it."""
        return sa.create_engine(self.url, poolclass=sa.NullPool)

    def drop(self) -> None:
        """Gives folder and database back."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if not self.is_sqlite:
            name = sa.make_url(self.url).database
            _administer(self.url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def database(given: str | None) -> str | None:
    """A URL as given; for the word `postgresql`, that of a private server that flushes as any other does."""
    if given != "postgresql":
        return given
    from tests.servers import postgresql

    postgresql.SETTINGS.update(fsync="on", full_page_writes="on", autovacuum="on")
    return postgresql.fresh_database()


def on_sqlite(folder: Path) -> World:
    """A world whose database is a file in its folder. Whole paths, as a desk is started elsewhere than a bench."""
    folder = folder.resolve()
    return World(folder, f"sqlite:///{folder}/maild.db")


def fresh(base: Path, database: str | None, like: World | None = None) -> World:
    """A new world, empty or a copy. `database`: the URL of a PostgreSQL that may make databases; None for SQLite."""
    name = f"maild_bench_{next(NUMBERS)}"
    folder = base / name
    if like:
        shutil.copytree(like.folder, folder)
    else:
        folder.mkdir()
    if database is None:
        return on_sqlite(folder)
    template = ""
    if like:
        original = sa.make_url(like.url).database
        template = f' TEMPLATE "{original}"'
        _administer(database, OTHERS_END, name=original)  # no session may hold a template
    _administer(database, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _administer(database, f'CREATE DATABASE "{name}"{template}')
    return World(folder, sa.make_url(database).set(database=name).render_as_string(hide_password=False))


def _administer(url: str, statement: str, **values: object) -> None:
    engine = sa.create_engine(sa.make_url(url).set(database="postgres"), poolclass=sa.NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(statement), values)


def grow(world: World, tickets: int) -> int:
    """Copies all that is in a world under new numbers, names and older times, until it has so many tickets."""
    engine = world.engine()
    with engine.connect() as connection:
        if world.is_sqlite:
            # No way back is needed: a world that could not be grown is thrown away.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        strides = {
            space: connection.execute(sa.text(f"SELECT max({column}) FROM {table}")).scalar_one()
            for space, (table, column) in HOLDERS.items()
        }
        have = connection.execute(sa.text("SELECT count(*) FROM tickets")).scalar_one()
        copies = max(0, -(-tickets // have) - 1)
        for statement in _statements(connection, strides, world):
            connection.execute(sa.text(statement), {"copies": copies})
            connection.commit()
        _set_counters(connection, strides, copies, world)
        connection.commit()
        if world.is_sqlite:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        else:
            connection.execute(sa.text("ANALYZE"))
            connection.commit()
        return int(connection.execute(sa.text("SELECT count(*) FROM tickets")).scalar_one())


def _statements(connection: sa.Connection, strides: dict[str, int], world: World) -> Iterator[str]:
    """One for each table; ascending keys go to the end of a tree, and of the full-text index."""
    names = sa.inspect(connection)
    for table, numbers in RANGES.items():
        columns = {column["name"]: column["type"] for column in names.get_columns(table)}
        yield _copying(table, columns, numbers, strides, world)
    for table, space in WORDS.items():
        values = f"rowid + n.k * {strides[space]}, substr(words, 1, 200)"
        yield f'{SERIES} INSERT INTO "{table}" (rowid, words) SELECT {values} FROM n CROSS JOIN "{table}"'


Columns = dict[str, sa.types.TypeEngine[Any]]


def _copying(table: str, columns: Columns, numbers: dict[str, str], strides: dict[str, int], world: World) -> str:
    values = ", ".join(
        f'"{column}" + n.k * {strides[numbers[column]]}' if column in numbers else _copied(column, kind, world)
        for column, kind in columns.items()
    )
    listed = ", ".join(f'"{column}"' for column in columns)
    return f'{SERIES} INSERT INTO "{table}" ({listed}) SELECT {values} FROM n CROSS JOIN "{table}"'


def _copied(column: str, kind: sa.types.TypeEngine[Any], world: World) -> str:
    suffix = "'.' || CAST(n.k AS TEXT)"
    elsewhere = f"replace(\"{column}\", '@', {suffix} || '@')"
    if isinstance(kind, sa.DateTime) and column not in TO_COME:
        return _earlier(column, world)
    if column in UNIQUE:
        return f'"{column}" || {suffix}'
    if column in PEOPLE:
        return elsewhere
    if column == "recipient":
        return f"CASE WHEN audience = 'customer' THEN {elsewhere} ELSE recipient END"
    if column in SHORTENED:
        return f'substr("{column}", 1, 200)'
    if column == "context":
        return "'{}'" if world.is_sqlite else "CAST('{}' AS JSONB)"
    return f'"{column}"'


def _earlier(column: str, world: World) -> str:
    """Months of mail, not an hour of it: limits per hour must not see the copies."""
    if world.is_sqlite:
        return f"strftime('%Y-%m-%d %H:%M:%f000', \"{column}\", '-' || (n.k * {HOURS_APART}) || ' hours')"
    return f"\"{column}\" - n.k * interval '{HOURS_APART} hours'"


def _set_counters(connection: sa.Connection, strides: dict[str, int], copies: int, world: World) -> None:
    last = strides["ticket"] * (copies + 1)
    if world.is_sqlite:
        connection.execute(sa.text("UPDATE counters SET value = :last WHERE name = 'ticket'"), {"last": last})
        return
    connection.execute(sa.text("SELECT setval('ticket_numbers', :last)"), {"last": last})
    for space in ("message", "inbound", "outbox"):
        table, column = HOLDERS[space]
        sequence = f"pg_get_serial_sequence('{table}', '{column}')"
        connection.execute(sa.text(f"SELECT setval({sequence}, (SELECT max({column}) FROM {table}))"))
