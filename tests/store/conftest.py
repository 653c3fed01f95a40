"""A store with the newest schema, on both databases."""

from collections.abc import Iterator

import pytest

from maild.resources import data_dir
from maild.store import Store, migrate, open_store
from tests.servers import postgresql


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Empty, once on each engine."""
    yield from _opened(database_url)


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """Empty, on SQLite."""
    yield from _opened(sqlite_url)


@pytest.fixture
def postgresql_store() -> Iterator[Store]:
    """Empty, on PostgreSQL."""
    yield from _opened(postgresql.fresh_database())


def _opened(url: str) -> Iterator[Store]:
    opened = open_store(url)
    migrate.upgrade(opened, data_dir("migrations"))
    yield opened
    opened.close()
