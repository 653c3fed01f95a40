"""`maild template`: an admin sees his mails before his customers do."""

from pathlib import Path

import pytest

from maild.outbox.audiences import EVENTS
from tests.cli.conftest import Call

CONFIG = """
[desk]
name = "Muster Hilfe"
address = "hilfe@muster.test"
language = "de"
templates_dir = "own"

[database]
url = "sqlite:///maild.db"

[delivery]
url = "null:"

[[agents]]
name = "alice"
email = "alice@muster.test"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A desk's configuration and its folder of templates."""
    (tmp_path / "maild.toml").write_text(CONFIG)
    (tmp_path / "own" / "de").mkdir(parents=True)
    return tmp_path / "own"


def test_without_a_configuration_the_built_in_mails_are_shown(call: Call) -> None:
    ended = call("template", "preview", "resolved")

    assert ended.code == 0
    assert ended.out.startswith("Subject: Re: Label printer prints blank labels\n\n")
    assert "we believe that your request TICK-1001 is solved" in ended.out
    assert not Path("maild.db").exists()


def test_without_a_name_every_mail_is_listed_with_its_readers(call: Call) -> None:
    ended = call("template", "preview")

    assert ended.code == 0
    assert all(event in ended.out for event in EVENTS)
    assert "supplier" in ended.out


def test_the_desks_own_language_and_name_are_used(call: Call, own: Path) -> None:
    assert "Guten Tag" in call("template", "preview", "closed").out
    assert "Muster Hilfe" in call("template", "preview", "closed").out
    assert "Hello" in call("template", "preview", "closed", "--language", "en").out


def test_html_goes_into_a_file_that_a_browser_opens(call: Call, tmp_path: Path) -> None:
    ended = call("template", "preview", "new_ticket", "--form", "html", "--output", "new.html")

    assert (ended.code, ended.out) == (0, "")
    assert (tmp_path / "new.html").read_text("utf-8").lower().startswith("<!doctype html>")


def test_an_own_template_is_previewed_and_its_mistake_is_not_hidden(call: Call, own: Path) -> None:
    (own / "de" / "closed.txt").write_text("Subject: Fertig\n\nServus.\n{{ tiket.number }}\n")

    ended = call("template", "preview", "closed")

    assert ended.code == 1
    assert ended.err == f"maild: {own}/de/closed.txt:4: 'tiket' is undefined\n"


def test_check_names_every_mistake_and_says_that_all_is_well(call: Call, own: Path) -> None:
    assert call("template", "check").out == f"{len(EVENTS)} mails in de, en: fine\n"
    (own / "de" / "closed.txt").write_text("Servus.\n")
    (own / "de" / "words.toml").write_text('nobdy = "wir"\n')

    ended = call("template", "check")

    assert ended.code == 2
    assert f"{own}/de/closed.txt:1: must begin with a line 'Subject: …'" in ended.err
    assert f"{own}/de/words.toml: nobdy: no mail uses this word" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("preview", "anwser"), "there is no mail 'anwser'; there are acknowledgement, answer"),
        (("preview", "answer", "--language", "xx"), "there is no language 'xx'; there are de, en"),
        (("preview", "answer", "--form", "pdf"), "'pdf' is not one of 'text', 'html'"),
        (("frob",), "No such command 'frob'"),
    ],
)
def test_a_wrong_word_is_told_with_the_right_ones(words: tuple[str, ...], told: str, call: Call) -> None:
    ended = call("template", *words)

    assert ended.code == 2
    assert told in ended.err and "Traceback" not in ended.err


def test_a_language_with_a_text_form_only_has_no_html_to_show(call: Call, own: Path) -> None:
    (own / "fr").mkdir()
    (own / "fr" / "closed.txt").write_text("Subject: Fini\n\nC'est fini.\n")

    ended = call("template", "preview", "closed", "-l", "fr", "--form", "html")

    assert (ended.code, ended.err) == (1, "maild: closed has a text form only in this language\n")
