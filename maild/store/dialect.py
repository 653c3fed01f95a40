"""What differs between SQLite and PostgreSQL, all of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from maild.store.engine import Tx
from maild.store.prepared import Prepared


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

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """For SQLite a shorter way to the same text as SQLAlchemy's."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """For SQLite a shorter way back."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone must not be stored")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_text(value: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{value}+00:00") if value else None


class _Among(FunctionElement[Any]):
    """A column and a bound list of what it may be. Not of a boolean type: SQLAlchemy would write `= 1` behind it, and
    SQLite then not look into an index."""

    name = "among"
    inherit_cache = True


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """The column is one of the values that are bound to `name` as a list: one text, however long the list is."""
    kind = sa.Text() if isinstance(column.type, sa.Text) else sa.BigInteger()
    return _Among(column, sa.bindparam(name, type_=_List(kind)))


class _List(sa.types.TypeDecorator[list[Any]]):
    """JSON for SQLite, an array for PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, of: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else postgresql.ARRAY(self.of))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, listed = (compiler.process(each, **more) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({listed})))"  # noqa: S608 - both are the compiler's own text


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    """Not as rows of unnest, of which a planner without statistics expects a hundred and reads the table for them."""
    column, listed = (compiler.process(each, **more) for each in element.clauses)
    return f"({column} = ANY ({listed}))"


def json_type() -> sa.types.TypeEngine[Any]:
    """JSON on SQLite, JSONB on PostgreSQL."""
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def big_id() -> sa.types.TypeEngine[int]:
    """64-bit ids that SQLite still takes for its rowid."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@cache
def _insert_new(table: sa.Table, dialect: str) -> Prepared:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return Prepared(make(table).on_conflict_do_nothing())


def insert_new(tx: Tx, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Inserts rows, silently leaving those whose key is there already."""
    if rows:
        tx.execute(_insert_new(table, tx.dialect.name), rows)


@cache
def _upsert(table: sa.Table, dialect: str, keys: tuple[str, ...], rest: tuple[str, ...]) -> Prepared:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    insert = make(table)
    changed = {name: insert.excluded[name] for name in rest}
    return Prepared(insert.on_conflict_do_update(index_elements=list(keys), set_=changed))


def upsert(tx: Tx, table: sa.Table, row: dict[str, Any], keys: tuple[str, ...]) -> None:
    """Inserts a row or overwrites the one with the same key."""
    rest = tuple(name for name in row if name not in keys)
    tx.execute(_upsert(table, tx.dialect.name, keys, rest), row)
