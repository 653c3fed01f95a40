"""The daemon's parts put together: one on each SQLite database, and a reload that reaches all that it promises."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.config import Config, load_text
from maild.daemon import Daemon
from maild.errors import ConfigError, PermanentError

CONFIG = """
[desk]
name = "Acme Support"
address = "support@acme.test"
data_dir = "{data}"

[database]
url = "sqlite:///maild.db"

[smtp]
listen = "127.0.0.1:0"
auth = true
require_tls_for_auth = false

[delivery]
url = "null:"

[[agents]]
name = "alice"
email = "alice@acme.test"
password = "{password}"
"""


def _config(folder: Path, *, data: str = "data", password: str = "old-password", more: str = "") -> Config:
    return load_text(CONFIG.format(data=data, password=password) + more, "maild.toml", folder)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """At its port, with nothing behind it."""
    running = Daemon(_config(tmp_path), only=("smtp",))
    running.start()
    yield running
    running.stop()


def _logs_in(daemon: Daemon, name: str, password: str) -> bool:
    with smtplib.SMTP(*daemon.smtp_place) as client:
        try:
            return client.login(name, password)[0] == 235
        except smtplib.SMTPAuthenticationError:
            return False


def test_a_reload_puts_a_new_password_in_force_and_the_old_one_out(daemon: Daemon, tmp_path: Path) -> None:
    assert _logs_in(daemon, "alice", "old-password")

    bob = '[[agents]]\nname = "bob"\nemail = "bob@acme.test"\npassword = "bobs-password"\n'
    daemon.reload(_config(tmp_path, password="new-password", more=bob))

    assert not _logs_in(daemon, "alice", "old-password")
    assert _logs_in(daemon, "alice", "new-password")
    assert _logs_in(daemon, "bob", "bobs-password")


def test_a_reload_with_another_database_is_refused_and_changes_nothing(daemon: Daemon, tmp_path: Path) -> None:
    text = CONFIG.format(data="data", password="new-password").replace("maild.db", "other.db")

    with pytest.raises(PermanentError, match="restart"):
        daemon.reload(load_text(text, "maild.toml", tmp_path))

    assert _logs_in(daemon, "alice", "old-password")


@pytest.mark.parametrize("data", ["data", "elsewhere"])
def test_one_sqlite_database_has_one_daemon_wherever_the_others_files_would_lie(
    daemon: Daemon, tmp_path: Path, data: str
) -> None:
    with pytest.raises(ConfigError, match="another maild runs on this SQLite database"):
        Daemon(_config(tmp_path, data=data))

    daemon.stop()
    Daemon(_config(tmp_path, data="data")).stop()
