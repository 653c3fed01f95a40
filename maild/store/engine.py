"""Connections and transactions on SQLite (WAL, FULL, BEGIN IMMEDIATE) and PostgreSQL."""

import json
import math
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVarTuple, overload
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.selectable import TypedReturnsRows

from maild.errors import PermanentError, StorageBroken, TransientError
from maild.store.prepared import Owed, Prepared, Rows, Values, send_together

Columns = TypeVarTuple("Columns")
BUSY_MS = 10_000
PRAGMAS = (
    *("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"),
    # A page that many mails touch is written back to the file once for all of them; the log stays near 16 MB.
    "wal_autocheckpoint=4000",
    "temp_store=MEMORY",
    # A connection keeps clean pages only until another one writes, so they seldom serve it; but what one look over a
    # whole day brought in would stay with each of twenty. A transaction may still change 2 MB before it spills.
    "cache_size=-512",
    "cache_spill=500",
)
FAULTS = (exc.DBAPIError, exc.TimeoutError, sqlite3.Error)
BROKEN = ("disk i/o error", "malformed", "file is not a database")
READING = "maild_reading"
RESTED_SECONDS = 1.0
OUR_SESSIONS = "maild"  # how PostgreSQL lists them
# Every statement of a mail's way has its index. Of a table that grew since PostgreSQL last counted it the planner
# expects one row where thousands wait, and would read and sort them all for the first eight; nor does it pay to compile
# a plan whose cost is only forbidding.
OF_A_MAIL = {
    "synchronous_commit": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
    "jit": "off",
}
_FORBIDDEN = tuple(name for name in OF_A_MAIL if name.startswith("enable_"))
_FREELY = tuple(Prepared(sa.text(f"SET LOCAL {name} = on")) for name in _FORBIDDEN)
_AS_BEFORE = tuple(Prepared(sa.text(f"SET LOCAL {name} TO DEFAULT")) for name in _FORBIDDEN)


class Tx(Connection):
    """A transaction: SQLAlchemy's connection with a short way for prepared statements."""

    # SQLAlchemy's events know nothing of the short way: who counts statements by them takes it away.
    short: ClassVar[bool] = True

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._owed: list[Owed] = []

    @overload  # type: ignore[override]
    def execute(self, statement: Prepared, values: Values | list[dict[str, Any]] | None = None) -> Rows: ...
    @overload
    def execute(
        self, statement: TypedReturnsRows[*Columns], values: Any = None, **more: Any
    ) -> sa.CursorResult[*Columns]: ...
    @overload
    def execute(
        self, statement: sa.Executable, values: Values | Sequence[Values] | None = None, **more: Any
    ) -> sa.CursorResult[Any]: ...
    def execute(self, statement: Any, values: Any = None, **more: Any) -> Any:
        """Runs a statement; see `Connection.execute` and `Prepared`.

        A prepared write whose rows nobody waits for is only kept on PostgreSQL, and sent with what waits for the next
        time: a mail has a dozen of them, and each way to the server and back costs as much as the write. So its failure
        may be raised by the next statement, or at the end.
        """
        if type(statement) is not Prepared:
            self.settle()
            return super().execute(statement, values, **more)
        if not self.short:
            return super().execute(*statement.the_long_way(self.dialect, values))
        if self.dialect.name != "sqlite" and (owed := statement.owed(self.dialect, values)) is not None:
            self._owed.append(owed)
            return Rows((), lambda: self._touched(owed))
        self.settle()
        return statement.run(self.connection.driver_connection, self.dialect, values)

    @contextmanager
    def planning_freely(self) -> Iterator[None]:
        """For what people ask in a mail: of lists and searches nobody knows beforehand which index serves them best,
        and the one of words only serves as a bitmap. After a failure the transaction ends, and these settings with it.
        """
        if self.dialect.name == "sqlite":
            yield
            return
        for each in _FREELY:
            self.execute(each)
        yield
        for each in _AS_BEFORE:
            self.execute(each)

    def settle(self) -> None:
        """Sends what is owed."""
        if self._owed:
            owed, self._owed = self._owed, []
            send_together(self.connection.driver_connection, self.dialect, owed)

    def _touched(self, owed: Owed) -> int:
        self.settle()
        return owed.rowcount


class Store:
    """One engine per kind of transaction and process, never shared over a fork."""

    def __init__(self, engine: Engine, quick: Engine, url: str) -> None:
        self._engine = engine
        self._quick = quick
        self.url = url
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's own waiting is a poll with sleeps; threads of this process queue here instead.
        self._writing = threading.RLock() if self.is_sqlite else None
        # SQLite: each thread keeps its connections, as taking one from the pool costs more than many a transaction.
        # PostgreSQL: the pool looks whether the server is still there when it gives one that had rested.
        self._kept = threading.local()
        self._all_kept: WeakSet[Tx] = WeakSet()

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A writing transaction, durable at its end. Raises TransientError or StorageBroken for the store's faults."""
        with self._turn(), self._transaction(self._engine, reading=False) as tx:
            yield tx

    @contextmanager
    def begin_quick(self) -> Iterator[Tx]:
        """A writing transaction that survives a crash of maild, but not always a power cut: no flush of the disk.

        Only for bookkeeping that may be done again: claims, leases, the mark before a dot. On PostgreSQL a crash of the
        server may take the last half second of them. The next durable commit carries all earlier ones with it.
        """
        with self._turn(), self._transaction(self._quick, reading=False) as tx:
            yield tx

    def _turn(self) -> AbstractContextManager[object]:
        return self._writing if self._writing is not None else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A short reading transaction; on SQLite it never waits for writers."""
        with self._transaction(self._engine, reading=True) as tx:
            yield tx

    @contextmanager
    def _transaction(self, engine: Engine, *, reading: bool) -> Iterator[Tx]:
        try:
            with self._connection(engine, reading=reading) as tx, tx.begin():
                yield tx
                tx.settle()
        except FAULTS as error:
            raise _translated(error) from error

    @contextmanager
    def _connection(self, engine: Engine, *, reading: bool) -> Iterator[Tx]:
        kept: dict[str, Tx] = self._kept.__dict__
        key = f"{id(engine)}/{reading}"
        if not self.is_sqlite or (key in kept and kept[key].in_transaction()):
            tx = Tx(engine)
            with tx:
                tx.execution_options(**{READING: reading})
                yield tx
            return
        if key not in kept or kept[key].closed:
            kept[key] = Tx(engine)
            kept[key].execution_options(**{READING: reading})
            self._all_kept.add(kept[key])
        try:
            yield kept[key]
        except FAULTS:
            kept.pop(key).close()  # whatever is wrong with it, the next one is another
            raise

    @contextmanager
    def raw(self) -> Iterator[Tx]:
        """A connection without a transaction of ours, to look at the schema; never waits for writers."""
        try:
            tx = Tx(self._engine)
            with tx:
                tx.execution_options(**{READING: True})
                yield tx
        except FAULTS as error:
            raise _translated(error) from error

    def rest(self) -> None:
        """Closes what this thread keeps, and with it its page caches: for one that may not be needed for long."""
        kept: dict[str, Tx] = self._kept.__dict__
        while kept:
            _, tx = kept.popitem()
            if not tx.closed:
                tx.invalidate()
                tx.close()

    def close(self) -> None:
        """Gives all connections back."""
        for connection in tuple(self._all_kept):
            connection.close()
        self._engine.dispose()
        self._quick.dispose()


def _translated(error: Exception) -> Exception:
    cause = getattr(error, "orig", None) or error
    words = " ".join(str(cause).split())
    if isinstance(cause, sqlite3.DatabaseError) and any(sign in words.lower() for sign in BROKEN):
        return StorageBroken(f"the database is damaged or its disk fails: {words}")
    if isinstance(error, exc.ProgrammingError | exc.DataError):
        return PermanentError(f"the database refused a statement: {words}")
    return TransientError(f"the database is not usable now: {words}")


def open_store(url: str) -> Store:
    """Opens `sqlite:///FILE` or `postgresql+psycopg://…`; the file's folder is made when absent."""
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError as error:
        raise PermanentError("database.url is no database URL") from error
    if parsed.get_backend_name() == "sqlite":
        return Store(_sqlite(parsed, synchronous="FULL"), _sqlite(parsed, synchronous="NORMAL"), url)
    try:
        return Store(_postgresql(parsed, synchronous_commit="on"), _postgresql(parsed, **OF_A_MAIL), url)
    except ModuleNotFoundError as error:
        raise PermanentError("for PostgreSQL install maild[postgres]") from error


def _sqlite(url: sa.URL, *, synchronous: str) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = sa.create_engine(
        url, pool_size=10, max_overflow=-1, connect_args={"timeout": BUSY_MS / 1000}, json_serializer=_as_json
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own habit loses updates
        for pragma in (*PRAGMAS, f"synchronous={synchronous}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING, False)
        # SQLAlchemy takes longer to pass it on than SQLite to do it.
        driver: Any = connection.connection.driver_connection
        driver.executescript("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


_encoded = json.JSONEncoder().encode


def _as_json(value: Any) -> str:
    """Most lists of a ticket are empty."""
    return "[]" if value == [] else _encoded(value)


def _postgresql(url: sa.URL, **settings: str) -> Engine:
    options = "-c statement_timeout=60000 -c lock_timeout=20000 -c idle_in_transaction_session_timeout=60000"
    options += f" -c application_name={OUR_SESSIONS}" + "".join(f" -c {key}={value}" for key, value in settings.items())
    keep = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    engine = sa.create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_timeout=10,
        connect_args={"options": options, "connect_timeout": 10, **keep},
    )
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "checkout", partial(_still_there, engine.dialect))
    return engine


def _rests(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _still_there(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Asks the server before a connection that rested is used: that is a way there and back, too much for each use."""
    if time.monotonic() - record.info.get("rests_since", math.inf) < RESTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise exc.InvalidatePoolError("the server ended its sessions") from error
