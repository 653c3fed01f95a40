"""Statements of a mail's way that never change: compiled once, then run on the driver itself.

SQLAlchemy spends 20 to 30 µs on an execution, SQLite 1 to 5 µs on such a statement; a mail's way has dozens of them.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Dialect

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]
# Rows that share one INSERT on SQLite, where Python's lock is given away and taken back four times for each statement:
# beside other threads that costs more than the row. SQLite took no more than 999 values until 3.32.
MOST_ROWS = 32


class Prepared:
    """A statement whose text depends on nothing but the database and the names of the values that it is given.

    Without lists of a length that differs (`expanding=True`) and without defaults that are computed per row.
    """

    __slots__ = ("_compiled", "element")

    def __init__(self, element: sa.Executable) -> None:
        self.element = element
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def run(self, driver: Any, dialect: Dialect, values: Values | list[dict[str, Any]] | None) -> "Rows":
        """Runs it, for a list of values once for each; gives the rows, read whole."""
        compiled = self._for(dialect, values)
        cursor = driver.cursor()
        try:
            if isinstance(values, list):
                return compiled.run_each(cursor, values)
            cursor.execute(compiled.text, compiled.bound(values or {}))
            return Rows(compiled.rows(cursor.fetchall()) if compiled.gives_rows else (), cursor.rowcount)
        except dialect.loaded_dbapi.Error as error:
            raise exc.DBAPIError.instance(compiled.text, None, error, dialect.loaded_dbapi.Error) from error
        finally:
            cursor.close()

    def the_long_way(self, dialect: Dialect, values: Any) -> tuple[sa.Executable, Any]:
        """The same for SQLAlchemy: the statement and its values; rows of an INSERT are one statement here, too."""
        if isinstance(values, list) and dialect.name == "sqlite" and isinstance(self.element, sa.Insert):
            return self.element.values(values), None
        return self.element, values

    def owed(self, dialect: Dialect, values: Values | list[dict[str, Any]] | None) -> "Owed | None":
        """What is to be sent for it, with whatever is sent next; None when its rows are waited for."""
        compiled = self._for(dialect, values)
        if compiled.gives_rows:
            return None
        each = values if isinstance(values, list) else [values or {}]
        return Owed(compiled.text, [compiled.bound(one) for one in each])

    def _for(self, dialect: Dialect, values: Values | list[dict[str, Any]] | None) -> "_Compiled":
        first: Values = (values[0] if values else {}) if isinstance(values, list) else values or {}
        key = (dialect.name, *first)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _Compiled(self.element, dialect, first)
        return compiled


class Owed:
    """A write that was not sent yet. `rowcount`: how many rows it touched, once it was."""

    __slots__ = ("rowcount", "text", "values")

    def __init__(self, text: str, values: list[Any]) -> None:
        self.text = text
        self.values = values
        self.rowcount = 0


def send_together(driver: Any, dialect: Dialect, owed: "list[Owed]") -> None:
    """Sends writes in order without waiting for each one's answer (psycopg's pipeline); the first failure is raised."""
    try:
        with driver.pipeline():
            sent = [(each, cursor) for each in owed for cursor in _sent(driver, each)]
        for each, cursor in sent:
            each.rowcount += cursor.rowcount
    except dialect.loaded_dbapi.Error as error:
        raise exc.DBAPIError.instance(owed[0].text, None, error, dialect.loaded_dbapi.Error) from error


def _sent(driver: Any, owed: Owed) -> Iterator[Any]:
    for values in owed.values:
        yield driver.cursor().execute(owed.text, values)


class _Compiled:
    """Its text for one database, how values go in, how rows come out."""

    def __init__(self, element: Any, dialect: Dialect, first: Values) -> None:
        written = isinstance(element, sa.Insert | sa.Update)
        compiled = element.compile(dialect=dialect, column_keys=tuple(first) if written else None)
        whole = compiled.construct_expanded_state(dict(first))  # lists that are part of the statement stand in its text
        self.text: str = whole.statement
        types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        into = {name: each.bind_processor(dialect) for name, each in types.items()} | dict(whole.processors)
        self._given = tuple(first)
        self._into = [(place, convert) for place, name in enumerate(first) if (convert := into.get(name))]
        rest = {name: value for name, value in whole.parameters.items() if name not in first}
        self._fixed = [each(value) if (each := into.get(name)) else value for name, value in rest.items()]
        known = {name: place for place, name in enumerate((*first, *rest))}
        self._names = None if whole.positiontup is not None else tuple(known)
        self._order = _picker([known[name] for name in whole.positiontup or ()], len(known))
        columns = list(element.exported_columns) if getattr(element, "exported_columns", None) is not None else []
        self.gives_rows = bool(columns)
        out = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._out = [(place, convert) for place, convert in enumerate(out) if convert]
        names = [str(column.key) for column in columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        self._row = row._make
        self._element = element
        self._dialect = dialect

    @cached_property
    def _several(self) -> "_Several":
        return _Several(self._element, self._dialect, self._given)

    def run_each(self, cursor: Any, values: list[dict[str, Any]]) -> "Rows":
        """Runs it for each of these, on SQLite; rows of an INSERT go together."""
        if not isinstance(self._element, sa.Insert) or self._fixed:
            cursor.executemany(self.text, [self.bound(each) for each in values])
            return Rows((), cursor.rowcount)
        count = 0
        for start in range(0, len(values), MOST_ROWS):
            some = values[start : start + MOST_ROWS]
            cursor.execute(self._several.text(len(some)), [value for each in some for value in self.bound(each)])
            count += cursor.rowcount
        return Rows((), count, cursor.lastrowid)

    def bound(self, values: Values) -> Any:
        """The values as the driver takes them."""
        found = [values[name] for name in self._given]
        for place, convert in self._into:
            found[place] = convert(found[place])
        found += self._fixed
        return self._order(found) if self._names is None else dict(zip(self._names, found, strict=True))

    def rows(self, raw: list[Any]) -> list[Any]:
        """The rows as the program knows them."""
        if not self._out:
            return list(map(self._row, raw))
        return [self._row(self._read(row)) for row in raw]

    def _read(self, row: Any) -> list[Any]:
        values = list(row)
        for place, convert in self._out:
            values[place] = convert(values[place])
        return values


class _Several:
    """The texts of an INSERT of several rows, for SQLite."""

    def __init__(self, element: sa.Insert, dialect: Dialect, names: Iterable[str]) -> None:
        one, two = (
            element.values([{name: sa.bindparam(f"{name}_{row}") for name in names} for row in range(rows)])
            .compile(dialect=dialect)
            .string
            for rows in (1, 2)
        )
        # What a second row adds is what each further one adds: to ask SQLAlchemy for twenty takes milliseconds.
        place = next(
            (at for at, (letter, other) in enumerate(zip(one, two, strict=False)) if letter != other), len(one)
        )
        self._parts = one[:place], two[place : place + len(two) - len(one)], one[place:]

    def text(self, rows: int) -> str:
        """For so many rows, whose values stand one row after the other."""
        begin, row, end = self._parts
        return begin + row * (rows - 1) + end


def _picker(places: list[int], of: int) -> Callable[[list[Any]], Sequence[Any]]:
    """Gives a list's values at these places."""
    if places == list(range(of)):
        return lambda found: found
    return itemgetter(*places) if len(places) > 1 else lambda found: [found[place] for place in places]


class Rows(Iterable[Any]):
    """What a statement gave; asked like SQLAlchemy's result."""

    __slots__ = ("_count", "_rows", "lastrowid")

    def __init__(self, rows: Sequence[Any], count: int | Callable[[], int], lastrowid: int = 0) -> None:
        """`lastrowid`: on SQLite the id of the last of the rows that were inserted."""
        self._rows = rows
        self._count = count
        self.lastrowid = lastrowid

    @property
    def rowcount(self) -> int:
        """How many rows were touched; a write that is still owed is sent for it."""
        return self._count if isinstance(self._count, int) else self._count()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any | None:
        """The first row, None when there is none."""
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> Any | None:
        """The only row, None when there is none."""
        if len(self._rows) > 1:
            raise exc.MultipleResultsFound("more than one row where at most one was expected")
        return self.first()

    def one(self) -> Any:
        """The only row."""
        found = self.one_or_none()
        if found is None:
            raise exc.NoResultFound("no row where one was expected")
        return found

    def scalar_one(self) -> Any:
        """The only row's first value."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any | None:
        """The only row's first value, None when there is no row."""
        found = self.one_or_none()
        return None if found is None else found[0]

    def scalars(self) -> list[Any]:
        """Each row's first value."""
        return [row[0] for row in self._rows]
