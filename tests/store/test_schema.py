"""The schema: migrations say what the tables say, and history is never edited."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from maild.errors import ConfigError, MaildError
from maild.resources import data_dir
from maild.store import Store, fulltext, migrate, open_store, schema, tickets, timers
from maild.tickets.events import Event, PriorityChanged
from maild.tickets.timers import Timer, TimerKind
from tests.store.rows import NOW, mail, put_out, spooled


def test_the_migrations_make_exactly_the_tables_that_the_program_uses(store: Store) -> None:
    with store.raw() as connection:
        ours = {"compare_type": True, "compare_server_default": True, "include_name": _is_not_the_indexs_own}
        context = MigrationContext.configure(connection, opts=ours)

        assert compare_metadata(context, schema.metadata) == []


def _is_not_the_indexs_own(name: str | None, kind: str, _parents: object) -> bool:
    """Full text has tables of its own, which are virtual on SQLite."""
    return kind != "table" or not fulltext.is_own_table(name or "")


def test_the_way_back_to_nothing_runs_and_the_way_forth_again(store: Store) -> None:
    with store.begin() as connection:
        command.downgrade(migrate.settings(data_dir("migrations"), connection), "base")

    with store.raw() as connection:
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
    assert migrate.upgrade(store, data_dir("migrations"))[0] is None
    migrate.require_current(store, data_dir("migrations"))


def test_ticket_numbers_go_on_where_an_older_schema_stood(store: Store) -> None:
    with store.begin() as connection:
        settings = migrate.settings(data_dir("migrations"), connection)
        command.downgrade(settings, "0003")
        connection.execute(sa.text("INSERT INTO counters (name, value) VALUES ('ticket', 1234)"))
        command.upgrade(settings, "head")
        assert tickets.next_number(connection, 1001) == 1235


def test_an_upgrade_of_what_is_new_already_changes_nothing(store: Store) -> None:
    old, new = migrate.upgrade(store, data_dir("migrations"))

    assert old == new == migrate.newest(data_dir("migrations"))


def test_an_empty_database_is_refused_with_the_command_that_helps(database_url: str) -> None:
    store = open_store(database_url)

    with pytest.raises(ConfigError, match="maild migrate"):
        migrate.require_current(store, data_dir("migrations"))

    store.close()


def test_a_database_of_a_newer_maild_is_refused(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigError, match="newer"):
        migrate.require_current(store, data_dir("migrations"))


@pytest.mark.parametrize("statement", ["UPDATE events SET actor = 'nobody'", "DELETE FROM events"])
def test_history_is_never_edited_nor_removed(store: Store, statement: str) -> None:
    event = Event(NOW, "agent:alice", PriorityChanged("low", "high"), "the boss calls", "cli", 1)
    with store.begin() as tx:
        tickets.append(tx, 1001, [event])

    with pytest.raises(MaildError, match="append only"), store.begin() as tx:
        tx.execute(sa.text(statement))

    with store.read() as tx:
        assert tickets.history(tx, 1001) == [event]


def test_two_events_never_have_the_same_place(store: Store) -> None:
    event = Event(NOW, "agent:alice", PriorityChanged("low", "high"), seq=1)

    with pytest.raises(MaildError), store.begin() as tx:
        tickets.append(tx, 1001, [event, event])

    with store.read() as tx:
        assert tickets.history(tx, 1001) == []


@pytest.mark.parametrize("table", ["inbound", "outbox", "timers"])
def test_no_row_gets_a_state_that_nobody_moves(store: Store, table: str) -> None:
    spooled(store, "a@x.test")
    put_out(store, mail(1))
    with store.begin() as tx:
        timers.mirror(tx, 1001, (), (Timer(TimerKind.AUTO_CLOSE, NOW),))

    with pytest.raises(MaildError), store.begin() as tx:
        assert tx.execute(sa.update(schema.metadata.tables[table]).values(state="lost")).rowcount == 1


def test_a_folder_with_a_percent_sign_in_its_name_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    store = open_store(f"sqlite:///{folder}/maild.db")

    migrate.upgrade(store, data_dir("migrations"))

    assert not migrate.is_empty(store)
    store.close()
