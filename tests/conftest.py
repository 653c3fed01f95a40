"""Fixtures that many rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk_driver import DeskDriver
from tests.servers import postgresql

DATABASES = ("sqlite", "postgresql")


def pytest_sessionfinish() -> None:
    """At exit it would be too late: whoever runs tests side by side waits only a moment for its processes to end."""
    postgresql.remove_running()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/maild.db"
    return postgresql.fresh_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database."""
    return f"sqlite:///{tmp_path}/maild.db"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[DeskDriver]:
    """A desk with alice, bob and dora, on both databases."""
    driver = DeskDriver(tmp_path, database_url)
    yield driver
    driver.close()
