"""The pulse of a daemon whose database is damaged while it runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maild import pulse
from maild.config import load_text
from maild.daemon import Daemon
from maild.errors import StorageBroken
from tests.desk_driver import CONFIG
from tests.servers.product import eventually

NEVER = 3600.0


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Its scheduler only, not started yet."""
    made = Daemon(load_text(CONFIG.format(url="sqlite:///maild.db"), "maild.toml", tmp_path), only=("scheduler",))
    yield made
    made.stop()


@pytest.mark.parametrize("beats", ["TICK_SECONDS", "WATCH_SECONDS"])
def test_a_damaged_database_ends_the_daemon_whichever_beat_finds_it(
    daemon: Daemon,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    beats: str,
) -> None:
    for name in ("TICK_SECONDS", "WATCH_SECONDS"):
        monkeypatch.setattr(pulse, name, 0.1 if name == beats else NEVER)
    daemon.start()
    assert daemon.broken is None

    for file in tmp_path.glob("maild.db*"):
        if file.suffix != ".lock":
            file.write_bytes(b"rust" * 10_000)

    assert isinstance(eventually(lambda: daemon.broken, "the end of the daemon", 20), StorageBroken)
    assert "storage is broken" in caplog.text
