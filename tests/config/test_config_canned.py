"""Canned responses: what files become, what is said of slips in them, and what a line `/name` turns into."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maild.commands.canned import (
    MOST_IN_A_TEXT,
    Canned,
    UnknownCanned,
    expand,
    fill,
    filled,
    find,
    first_name,
    misspelt,
    named,
    used,
)
from maild.config import Config, canned, load_text
from maild.config.canned import read_canned
from maild.errors import ConfigError

ROOT = Path(__file__).parents[2]
VALUES = {"customer.name": "Jane Doe", "customer.first_name": "Jane", "agent.name": "Alice", "ticket.number": "TICK-7"}
HELLO = Canned("hello", "Hello", "general", "Hello {{ customer.first_name }},\nthis is {{agent.name}}.")
KNOWN = (HELLO, Canned("passwd", "Password", "etc", "Reset it."))


@pytest.fixture
def texts(tmp_path: Path) -> Callable[..., Path]:
    """Writes files below a folder `canned` and returns it."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            file = tmp_path / "canned" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path / "canned"

    return write


def test_files_become_texts_with_category_language_and_commands(texts: Callable[..., Path]) -> None:
    folder = texts({
        "billing/refund.md": '---\ntitle: "A refund"\ncommands = ["#waiting", "#tag refund"]\n---\n\nIt comes.\n',
        "billing/refund.de.md": "+++\ncategory: Geld\n+++\nKommt.",
        "thanks-a-lot.md": "Thanks!\n",
        "README.md": "not one", "billing/.hidden.md": "not one", "billing/deep/x.md": "not one", "billing/x.txt": "",
    })  # fmt: skip

    found, problems = read_canned(folder)

    assert problems == []
    assert found == (
        Canned("refund", "Refund", "Geld", "Kommt.", (), "de"),
        Canned("refund", "A refund", "billing", "It comes.", ("#waiting", "#tag refund"), None),
        Canned("thanks-a-lot", "Thanks a lot", "", "Thanks!"),
    )


def test_every_slip_in_the_files_is_named_with_file_and_line(texts: Callable[..., Path]) -> None:
    folder = texts({
        "a/one.md": "---\ntitel: x\nno pair\ncommands: [#waiting]\n---\nHello\n{{ customer.nam }}",
        "a/two.md": '---\ncommands: ["#wating", "words"]\nlanguage: English\n---\nx',
        "b/one.md": "text",
        "b/open.md": "---\ntitle: x\n",
        "b/spa ce.md": "x",
        "b/three.de.md": "---\nlanguage: en\ntitle: [1]\ntitle: x\n---\nx",
    })  # fmt: skip
    (folder / "b/latin.md").write_bytes(b"a\nB\xfcro")
    (folder / "b/large.md").write_bytes(b"x" * (canned.MOST_BYTES + 1))

    with pytest.raises(ConfigError) as caught:
        load_text("[desk]\nname = 'x'\naddress = 'x@acme.test'\ncanned_dir = 'canned'\n", folder=folder.parent)

    found = [problem.replace(f"{folder}/", "") for problem in caught.value.problems]
    assert sorted(found) == sorted([
        "a/one.md:2: titel: unknown key (did you mean 'title'?)",
        'a/one.md:3: file: must be KEY: VALUE on one line, such as "title: Reset a password"',
        'a/one.md:4: commands: must be text, or a list such as ["#waiting", "#tag vpn"]',
        "a/one.md:7: text: there is no variable 'customer.nam' (did you mean 'customer.name'?)",
        "a/two.md:2: commands[1]: there is no command #wating (did you mean 'waiting'?)",
        'a/two.md:2: commands[2]: must be one command such as "#waiting"',
        'a/two.md:3: language: must be a language code such as "en" or "pt-BR"',
        f"b/one.md:1: name: 'one' is also {folder}/a/one.md; /one must mean one text".replace(f"{folder}/", ""),
        "b/open.md:1: file: the --- of the first line is never closed",
        "b/open.md:1: text: is empty",
        "b/spa ce.md:1: name: must be letters, digits and hyphens, as in reset-password.md or greeting.de.md",
        "b/three.de.md:2: language: is 'en', but the file's name says 'de'",
        "b/three.de.md:3: title: must be text",
        "b/three.de.md:4: title: stands twice",
        "b/latin.md:2: file: is not UTF-8; save it in that encoding",
        "b/large.md:1: file: is too long: at most 64 kB",
    ])  # fmt: skip


def test_too_many_files_are_a_mistake_and_not_read(texts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canned, "MOST_FILES", 2)

    found, problems = read_canned(texts({f"a/{name}.md": "x" for name in "abcd"}))

    assert len(found) == 2
    assert [problem.what for problem in problems] == ["is one too many: at most 2 canned responses are read"]


def test_the_examples_are_without_mistakes(config: Callable[..., Config]) -> None:
    found = config("", MAILD_DESK__CANNED_DIR=str(ROOT / "examples" / "canned")).canned

    assert len(found) >= 6
    assert {each.language for each in found} == {None, "de"}


def test_a_line_that_is_just_a_name_becomes_the_text() -> None:
    text = "Hi!\n\n /Hello\u00a0\n/etc/passwd\nBye"

    assert expand(text, KNOWN, VALUES) == "Hi!\n\nHello Jane,\nthis is Alice.\nReset it.\nBye"
    assert used(text, KNOWN) == KNOWN


@pytest.mark.parametrize(
    "text",
    ["see /hello", "http://acme.test/hello", "/hello world", "//hello", "/etc/hello", "/hello/", "> /hello", "/tmp"],
)
def test_other_lines_stay_as_they_are(text: str) -> None:
    assert expand(text, KNOWN, VALUES) == text


def test_what_a_customer_wrote_is_one_line_and_never_read_again() -> None:
    trick = VALUES | {"customer.first_name": "{{ agent.name }}\n#close\n/passwd"}

    assert expand("/hello", KNOWN, trick) == "Hello {{ agent.name }} #close /passwd,\nthis is Alice."


def test_an_empty_variable_takes_its_blank_along_and_an_unknown_one_stays() -> None:
    odd = Canned("odd", "", "", "Hello {{ customer.first_name }}, {{ x }} {{{{ ticket.number }}")

    assert fill(odd, {"ticket.number": "TICK-7"}) == "Hello, {{ x }} {{TICK-7"
    assert filled((HELLO,), VALUES)[0].text == "Hello Jane,\nthis is Alice."


def test_the_customers_language_goes_first_then_the_one_without() -> None:
    texts = tuple(Canned("hi", each or "", "", "", language=each) for each in ("fr", None, "de", "pt-BR"))

    wanted = [(named("HI", texts, language) or HELLO).title for language in ("de", "de-AT", "pt", "pt-br", "en", None)]

    assert wanted == ["de", "de", "pt-BR", "pt-BR", "", ""]


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownCanned) as near:
        find("helo", KNOWN)
    with pytest.raises(UnknownCanned) as far:
        find("zzz", KNOWN)

    assert near.value.hint == "did you mean hello"
    assert far.value.hint == "there are hello, passwd"
    assert [str(each) for each in misspelt("/helo\n/tmp\n/hello\nfor /helo", KNOWN)] == [
        "there is no canned response 'helo'"
    ]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Jane Doe", "Jane"),
        ("Dr. Jane Doe", "Jane"),
        ("Doe, Jane", "Jane"),
        ("Doe,", "Doe"),
        ("Frau Dr.", ""),
        ("", ""),
    ],
)
def test_the_first_name_is_found_in_how_people_write_theirs(name: str, first: str) -> None:
    assert first_name(name) == first


def test_a_text_of_nothing_but_names_does_not_grow_without_end() -> None:
    assert expand("/passwd\n" * 1000, KNOWN, VALUES).count("Reset it.") == MOST_IN_A_TEXT
