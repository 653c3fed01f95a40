"""The schema's age: Alembic's migrations, run in place, and the check that a daemon makes before it starts."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from maild.errors import ConfigError
from maild.store.engine import Store

LOCK = 7_246_545_301


def upgrade(store: Store, migrations: Path) -> tuple[str | None, str]:
    """Brings the schema to the newest state; gives (old, new) revision.

    One transaction for the whole way: a crash leaves the old schema, a second process waits and finds it done (F36).
    """
    before = current(store)
    _refuse_newer(before, migrations)
    with store.begin() as connection:
        if not store.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(settings(migrations, connection), "head")
    return before, newest(migrations)


def current(store: Store) -> str | None:
    """The schema's revision, None for an empty database."""
    with store.raw() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest(migrations: Path) -> str:
    """The revision that this version of maild needs."""
    head = ScriptDirectory.from_config(settings(migrations)).get_current_head()
    assert head is not None
    return head


def require_current(store: Store, migrations: Path) -> None:
    """Raises ConfigError with the command that helps when schema and program do not fit (F38)."""
    have, need = current(store), newest(migrations)
    if have == need:
        return
    _refuse_newer(have, migrations)
    raise ConfigError([f"the database schema is {have or 'empty'}, this maild needs {need}: run `maild migrate`"])


def _refuse_newer(have: str | None, migrations: Path) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(settings(migrations)).walk_revisions()}
    if have is not None and have not in known:
        need = newest(migrations)
        raise ConfigError([f"the database is newer ({have}) than this maild ({need}): install the newer maild again"])


def is_empty(store: Store) -> bool:
    """True when no table is there yet."""
    with store.raw() as connection:
        return not sa.inspect(connection).get_table_names()


def settings(migrations: Path, connection: sa.Connection | None = None) -> AlembicConfig:
    """What Alembic's commands want; they run in the transaction of the connection."""
    made = AlembicConfig()
    made.attributes["connection"] = connection
    made.set_main_option("script_location", str(migrations).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made
