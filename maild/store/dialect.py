"""What differs between SQLite and PostgreSQL, all of it."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out; SQLite forgets the zone, so a naive value is refused before it can lie."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


def json_type() -> sa.types.TypeEngine[Any]:
    """JSON on SQLite, JSONB on PostgreSQL."""
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def big_id() -> sa.types.TypeEngine[int]:
    """64-bit ids that SQLite still takes for its rowid."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@cache
def _insert_new(table: sa.Table, dialect: str) -> sa.Insert:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return make(table).on_conflict_do_nothing()


def insert_new(tx: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Inserts rows, silently leaving those whose key is there already."""
    if rows:
        tx.execute(_insert_new(table, tx.dialect.name), rows)


@cache
def _upsert(table: sa.Table, dialect: str, keys: tuple[str, ...], rest: tuple[str, ...]) -> sa.Insert:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    insert = make(table)
    return insert.on_conflict_do_update(index_elements=list(keys), set_={name: insert.excluded[name] for name in rest})


def upsert(tx: Connection, table: sa.Table, row: dict[str, Any], keys: tuple[str, ...]) -> None:
    """Inserts a row or overwrites the one with the same key."""
    rest = tuple(name for name in row if name not in keys)
    tx.execute(_upsert(table, tx.dialect.name, keys, rest), row)
