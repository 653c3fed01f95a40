"""Exit codes, and errors in one line: what an admin's scripts and a mail server's pipe rely on."""

import importlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from maild.cli.main import COMMANDS
from tests.cli.conftest import Call
from tests.desk_driver import written
from tests.servers.product import Desk

BROKEN = """
[desk]
name = "Acme Support"
address = "no address"
timezone = "Moon/Crater"
colour = "red"

[database]
url = "sqlite:///maild.db"

[[agents]]
name = "alice"
email = "alice@acme.test"
role = "king"
"""


def one_line(text: str) -> str:
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]


def test_an_unknown_command_is_named_with_those_there_are(call: Call) -> None:
    ended = call("frobnicate")

    assert ended.code == 2
    assert "no command 'frobnicate'" in one_line(ended.err)
    assert all(name in ended.err for name, _, _ in COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ("ticket", "list", "--nope"),
        ("ticket", "list", "ingest", "--nope"),
        ("outbox", "retry", "many"),
        ("outbox", "drop", "99999999999999999999999"),
        ("quarantine", "show", "99999999999999999999999"),
        ("ticket", "frob"),
        ("tick", "--now", "yesterday"),
        ("tick", "--now", "0001-01-01"),
        ("tick", "--now", "9999-12-31T23:59:59Z"),
        ("--nope",),
    ],
)
@pytest.mark.usefixtures("product")
def test_a_wrong_word_on_the_command_line_is_usage_2(call: Call, words: tuple[str, ...]) -> None:
    ended = call(*words)

    assert ended.code == 2
    assert ended.out == ""


@pytest.mark.usefixtures("product")
@pytest.mark.parametrize("words", [("ingest", "--nope"), ("ingest", "--sender"), ("--nope", "ingest")])
def test_a_wrong_option_in_a_mail_servers_pipe_is_usage_64(call: Call, words: tuple[str, ...]) -> None:
    ended = call(*words, source=written())

    assert ended.code == 64
    one_line(ended.err)


@pytest.mark.parametrize(
    "words",
    [
        ("ticket", "show", "TICK-4711"),
        ("ticket", "show", "4711", "--json"),
        ("ticket", "show", "nonsense"),
        ("ticket", "show", "²"),
        ("ticket", "show", "99999999999999999999999"),
        ("ticket", "do", "4711", "#close"),
        ("ticket", "do", "1001", "#frobnicate"),
        ("ticket", "do", "1001", "#close", "--as", "nobody"),
        ("outbox", "retry", "4711"),
        ("quarantine", "show", "4711"),
        ("quarantine", "retry", "4711"),
        ("quarantine", "delete", "1"),
    ],
)
@pytest.mark.usefixtures("used")
def test_what_is_not_there_is_1_and_one_line(call: Call, words: tuple[str, ...]) -> None:
    ended = call(*words)

    assert ended.code == 1
    assert ended.out == ""
    assert one_line(ended.err).startswith("maild: ")
    assert "unexpected" not in ended.err


@pytest.mark.usefixtures("product")
def test_a_path_that_is_no_mail_is_65_and_nothing_is_kept(call: Call, tmp_path: Path) -> None:
    (tmp_path / "good.eml").write_bytes(written())

    ended = call("ingest", "good.eml", "missing.eml")

    assert ended.code == 65
    assert "missing.eml: no such file" in one_line(ended.err)
    assert call("quarantine", "list", "--count").out.strip() == "0"


@pytest.mark.usefixtures("product")
def test_an_empty_pipe_is_65(call: Call) -> None:
    ended = call("ingest", source=b"")

    assert ended.code == 65
    assert "stdin: empty, no mail" in one_line(ended.err)


def _away(desk: Desk) -> None:
    desk.config.write_text(desk.config.read_text().replace("sqlite:///maild.db", "sqlite:////proc/nowhere/maild.db"))


def _no_postgresql(desk: Desk) -> None:
    url = "postgresql+psycopg://maild@127.0.0.1:1/maild"
    desk.config.write_text(desk.config.read_text().replace("sqlite:///maild.db", url))


def _garbage(desk: Desk) -> None:
    (desk.folder / "maild.db").write_bytes(b"not a database at all" * 500)


def _broken_config(desk: Desk) -> None:
    desk.config.write_text(BROKEN)


def _no_toml(desk: Desk) -> None:
    desk.config.write_text("[desk\n")


def _no_config(desk: Desk) -> None:
    desk.config.unlink()


def _no_utf8(desk: Desk) -> None:
    desk.config.write_bytes(b'[desk]\nname = "\xff\xfe"\n')


def _key_without_database(desk: Desk) -> None:
    (desk.folder / "secret.key").write_text("ab" * 32 + "\n")
    (desk.folder / "secret.key").chmod(0o600)


def _key_is_a_folder(desk: Desk) -> None:
    (desk.folder / "secret.key").mkdir()


OURS_TO_MEND: tuple[Callable[[Desk], None], ...] = (
    _away,
    _no_postgresql,
    _garbage,
    _broken_config,
    _no_toml,
    _no_config,
    _no_utf8,
    _key_without_database,
    _key_is_a_folder,
)


@pytest.mark.parametrize("harm", OURS_TO_MEND, ids=lambda harm: harm.__name__.strip("_"))
def test_whatever_is_ours_to_mend_keeps_the_mail_with_the_mail_server_75(
    product: Desk, call: Call, harm: Callable[[Desk], None]
) -> None:
    harm(product)

    ended = call("ingest", "-c", str(product.config), source=written())

    assert ended.code == 75
    assert ended.out == ""
    assert ended.err.strip()
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("harm", OURS_TO_MEND, ids=lambda harm: harm.__name__.strip("_"))
def test_the_same_harm_stops_a_start_with_words_and_no_traceback(
    product: Desk, call: Call, harm: Callable[[Desk], None]
) -> None:
    harm(product)

    ended = call("ticket", "list", "-c", str(product.config))

    assert ended.code in (1, 2)
    assert ended.err.strip()
    assert "Traceback" not in ended.err
    assert "unexpected" not in ended.err


@pytest.mark.parametrize("command", [("check",), ("ticket", "list"), ("tick",), ("migrate",), ("report",)])
def test_every_mistake_of_a_config_is_named_at_once_with_file_line_and_key(
    product: Desk, call: Call, command: tuple[str, ...]
) -> None:
    _broken_config(product)

    ended = call(*command)

    assert ended.code == 2
    keys = {"desk.address": 4, "desk.timezone": 5, "desk.colour": 6, "agents": 14}
    lines = ended.err.splitlines()
    for key, line in keys.items():
        assert any(f"maild.toml:{line}: {key}" in each for each in lines), (key, line, ended.err)
    assert len(lines) == len(keys)


@pytest.mark.usefixtures("product")
def test_check_says_fine_and_changes_nothing(product: Desk, call: Call) -> None:
    ended = call("check")

    assert (ended.code, ended.err) == (0, "")
    assert "fine" in ended.out
    assert [path.name for path in product.folder.iterdir()] == ["maild.toml"]


def test_check_names_every_wrong_template_with_its_line(product: Desk, call: Call) -> None:
    own = product.folder / "words" / "en"
    own.mkdir(parents=True)
    (own / "answer.txt").write_text("Subject: x\n\n{% if %}\n")
    (own / "closed.txt").write_text("Subject: x\n\n{{ nothing.like.this }}\n{% endfor %}\n")
    text = product.config.read_text().replace("[desk]\n", '[desk]\ntemplates_dir = "words"\n')
    product.config.write_text(text)

    ended = call("check")

    assert ended.code == 2
    assert "answer.txt:3" in ended.err
    assert "closed.txt:4" in ended.err


@pytest.mark.parametrize("order", ["before", "after", "short"])
def test_the_config_is_named_before_or_after_the_subcommand(
    product: Desk, call: Call, tmp_path: Path, order: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    product.config.rename(elsewhere / "other.toml")
    named = str(elsewhere / "other.toml")
    words = {
        "before": ("--config", named, "ticket", "list", "--json"),
        "after": ("ticket", "list", "--json", "--config", named),
        "short": ("-c", named, "ticket", "list", "--json"),
    }

    ended = call(*words[order])

    assert (ended.code, ended.json) == (0, [])
    assert (elsewhere / "maild.db").exists(), "paths are relative to the file"


def test_init_writes_a_config_that_check_likes_and_never_overwrites(call: Call, tmp_path: Path) -> None:
    first, checked = call("init"), call("check")
    (tmp_path / "maild.toml").write_text("mine")

    again = call("init")

    assert (first.code, checked.code, again.code) == (0, 0, 1), checked.err
    assert "is there already" in one_line(again.err)
    assert (tmp_path / "maild.toml").read_text() == "mine"


@pytest.mark.parametrize("words", [("init", "-c", "mine.toml"), ("-c", "mine.toml", "init"), ("init", "mine.toml")])
def test_init_writes_the_file_that_is_named_however_it_is_named(
    call: Call, tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = call(*words)

    assert ended.code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_takes_a_config_after_its_own_words(call: Call, name: str) -> None:
    """Also those that need none: scripts may write it always."""
    group = importlib.import_module(next(module for each, module, _ in COMMANDS if each == name)).command
    commands = group.commands.values() if isinstance(group, click.Group) else (group,)

    for command in commands:
        assert any("--config" in option.opts and "-c" in option.opts for option in command.params), command.name


def test_init_says_where_it_cannot_write(call: Call) -> None:
    ended = call("init", "no/such/folder/maild.toml")

    assert ended.code == 1
    assert "cannot be written" in one_line(ended.err)


def test_explain_needs_no_file_and_leaves_none(call: Call, tmp_path: Path) -> None:
    ended = call("explain", "--json", source=written())

    assert ended.code == 0
    assert ended.json["kind"] == "normal"
    assert list(tmp_path.iterdir()) == []


def test_a_database_newer_than_the_program_is_left_alone(used: Desk, call: Call, start: Call) -> None:
    with sqlite3.connect(used.folder / "maild.db") as database:
        database.execute("update alembic_version set version_num = 'ff00ff00'")
    database.close()

    found = [start(), *(call(*words) for words in (("ticket", "list"), ("tick",), ("migrate",)))]
    pipe = call("ingest", source=written())

    assert [each.code for each in found] == [2] * 4, [each.err for each in found]
    assert all("newer" in one_line(each.err) for each in found)
    assert pipe.code == 75


def test_a_lost_key_is_not_silently_replaced(used: Desk, start: Call) -> None:
    (used.folder / "secret.key").unlink()

    ended, again = start(), start()

    assert (ended.code, again.code) == (2, 2)
    assert "is not the key that signed" in one_line(ended.err)
    assert "is not the key that signed" in one_line(again.err)


def test_a_lost_key_can_be_put_back(used: Desk, call: Call) -> None:
    key = used.folder / "secret.key"
    old = key.read_bytes()
    key.unlink()
    call("ticket", "list")

    key.unlink(missing_ok=True)
    key.write_bytes(old)
    key.chmod(0o600)

    assert call("ticket", "list").code == 0


def test_a_vanished_database_beside_a_key_is_a_disk_that_is_not_mounted(used: Desk, call: Call, start: Call) -> None:
    for path in used.folder.glob("maild.db*"):
        path.unlink()

    ended, pipe = start(), call("ingest", source=written())

    assert ended.code == 2
    assert "is its disk mounted" in one_line(ended.err)
    assert pipe.code == 75
    again = start()
    assert again.code == 2, "a refused start must not make the next one pass"


def test_an_unexpected_error_is_one_line_and_debug_shows_where(used: Desk, call: Call) -> None:
    with sqlite3.connect(used.folder / "maild.db") as database:
        database.execute("update tickets set created_at = 'nonsense'")
    database.close()

    short, long = call("ticket", "list"), call("--debug", "ticket", "list")

    assert (short.code, long.code) == (1, 1)
    assert "Traceback" not in short.err
    assert one_line(short.err).startswith("maild: ")
    assert "Traceback" in long.err


def test_a_file_that_others_may_read_holds_no_secret(used: Desk, call: Call) -> None:
    (used.folder / "secret.key").chmod(0o644)

    ended = call("ticket", "list")

    assert ended.code == 2
    assert "chmod 600" in one_line(ended.err)


def test_a_role_that_is_none_is_named_with_those_there_are(start: Call) -> None:
    ended = start("--only", "cooking")

    assert ended.code == 2
    assert "there is no role 'cooking'" in one_line(ended.err)


def test_a_start_with_a_broken_config_names_every_mistake(product: Desk, start: Call) -> None:
    _broken_config(product)

    ended = start()

    assert (ended.code, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 4
