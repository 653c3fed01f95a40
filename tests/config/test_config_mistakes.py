"""What an admin is told when his file is wrong: everything at once, each with its line and what would be right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config import find_config, load_text
from maild.errors import ConfigError

Problems = Callable[..., list[str]]


def test_every_mistake_of_a_file_is_named_at_once_with_its_line() -> None:
    text = """
[desk]
nam = "Acme"
address = "support"
timezone = "Europe/Berln"

[smtp]
listen = ["127.0.0.1:25", "localhost"]

[[agents]]
name = "alice"
email = "alice@acme.test"

[[agents]]
name = "bob"
emial = "bob@acme.test"

[[imap]]
host = "imap.acme.test"
username = "x"
security = "tsl"
oauth = { token_url = "x", clientid = "y" }

[tickets]
close_resolved_after = "1y"
"""

    with pytest.raises(ConfigError) as caught:
        load_text(text, "desk.toml")

    assert caught.value.problems == [
        "desk.toml:2: desk.name: is missing",
        "desk.toml:3: desk.nam: unknown key (did you mean 'name'?)",
        'desk.toml:4: desk.address: must be a mail address such as "support@acme.test"',
        'desk.toml:5: desk.timezone: is not a known time zone; write it as in "Europe/Berlin" or "UTC"',
        'desk.toml:8: smtp.listen[2]: must be "host:port" such as "127.0.0.1:2525" or "[::1]:25", or "unix:PATH"',
        "desk.toml:14: agents[2].email: is missing",
        "desk.toml:16: agents[2].emial: unknown key (did you mean 'email'?)",
        "desk.toml:21: imap[1].security: must be one of tls, starttls, none (did you mean 'tls'?)",
        "desk.toml:22: imap[1].oauth.client_id: is missing",
        "desk.toml:22: imap[1].oauth.clientid: unknown key (did you mean 'client_id'?)",
        (
            'desk.toml:25: tickets.close_resolved_after: must be a span of time such as "90s", "15m", "4h", "7d" '
            'or "1h 30m"'
        ),
    ]


def test_a_mistake_in_one_table_hides_no_conflict_between_others(problems: Problems) -> None:
    found = problems("""\
        [limits]
        parts = 0
        [[agents]]
        name = "alice"
        email = "support@acme.test"
        [[agents]]
        name = "Alice"
        email = "alice@acme.test"
        role = "boss"
        """)

    assert found == [
        "2: limits.parts: must be at least 1",
        "5: agents[1].email: support@acme.test is an address of the desk itself; people need their own",
        "7: agents[2].name: 'Alice' is the name of another agent",
        "9: agents[2].role: there is no role 'boss' (known here: super-admin, admin, agent, developer)",
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[desk]\nname = ", 2, "Invalid value"),
        ('[desk]\nname = "x"\n\n[desk]\n', 4, "Cannot declare ('desk',) twice"),
        ("[desk]\nname = 'x'\naddress\n", 3, "Expected '=' after a key"),
        ('[desk]\nname = "x\n', 2, "Illegal character"),
        ("a = " + "[" * 5000, 1, "nested too deeply"),
        ("a = " + "1" * 5000, 1, "too long"),
    ],
    ids=["no value", "table twice", "no equals sign", "open quote", "deep", "long number"],
)
def test_a_syntax_error_is_named_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(text)

    assert caught.value.problems[0].startswith(f"maild.toml:{line}: syntax: ")
    assert what in caught.value.problems[0]
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("[smpt]", "1: smpt: unknown table (did you mean 'smtp'?)"),
        ("[[agent]]\nname = 'x'", "1: agent: unknown table (did you mean 'agents'?)"),
        ("[agents]\nname = 'x'", "1: agents: must be written [[agents]], in double brackets, once for each"),
        ("[[smtp]]\nauth = true", "1: smtp: must be written once, as [smtp]"),
        ("[smtp]\nparts = 3", "2: smtp.parts: unknown key here (it belongs into [limits])"),
        ("[limits]\npasword = 'x'", "2: limits.pasword: unknown key (known here: "),
        ("[limits]\ninclude = []", "2: limits.include: unknown key here; 'include' stands at the top"),
        ("[limits]\nparts = 'many'", "2: limits.parts: must be a whole number"),
        ("[smtp]\nauth = 'perhaps'", "2: smtp.auth: must be true or false"),
        ("[senders]\nblock = 3", "2: senders.block: must be text in quotes"),
        ('[worker]\nbatch = "\\u0000"', "2: worker.batch: must be without NUL characters"),
        ("[[inboxes]]\naddresses = ['a+b@acme.test']", "2: inboxes[1].addresses[1]: must be without '+'"),
        ("[[inboxes]]\naddresses = []", "2: inboxes[1].addresses: must have at least one entry"),
        ("[desk]", "1: syntax: Cannot declare ('desk',) twice"),
        ("[smtp]\nlisten = 'unix:x'", '2: smtp.listen: must be "host:port"; a Unix socket is for lmtp'),
        ("[database]\nurl = 'mysql://h/d'", '2: database.url: must be "sqlite:///FILE" or'),
        ("[senders]\nblock = 'a b'", "2: senders.block: must be an address or a domain"),
        ("[smtp]\ntrusted_peers = '10.0.0.0/99'", "2: smtp.trusted_peers: must be an IP address or network"),
        ("[[agents]]\nlanguage = 'English'", "2: agents[1].language: must be a language code"),
        ("[limits]\nmessage_bytes = 'big'", "2: limits.message_bytes: must be an amount of bytes"),
        ("[workflow]\nfrozen_closed = 'x'\n[limits]\ndepth = 1000", "4: limits.depth: must be at most 100"),
        ("[[agents]]\nname = 'a b'\nemail = 'a@b.test'", "2: agents[1].name: must be one short word"),
    ],
)
def test_a_slip_is_answered_with_what_would_be_right(problems: Problems, more: str, found: str) -> None:
    assert any(problem.startswith(found) for problem in problems(more)), problems(more)


def test_a_key_before_the_first_table_is_sent_home() -> None:
    with pytest.raises(ConfigError) as caught:
        load_text('ticket_prefix = "X"\n[desk]\nname = "x"\naddress = "a@b.test"')

    assert caught.value.problems == ["maild.toml:1: ticket_prefix: unknown key here (it belongs into [desk])"]


@pytest.mark.parametrize(
    "url",
    [
        "smtp://",
        "smtp://h:0",
        "smtp://h:99999",
        "smtp://[::1",
        "smtp://h/x",
        "smtp://h?x",
        "maildir:",
        "null",
        "ftp://h",
        "",
    ],
)
def test_a_relay_that_can_not_be_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"delivery\.url: must "):
        load_text(f'[desk]\nname = "x"\naddress = "a@b.test"\n[delivery]\nurl = "{url}"\n')


@pytest.mark.parametrize("url", ["sqlite:////var/x.db", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true"])
def test_a_database_that_is_no_relative_file_stays_as_written(url: str) -> None:
    config = load_text(f'[desk]\nname = "x"\naddress = "a@b.test"\n[database]\nurl = "{url}"\n')

    assert config.database_url == url


def test_an_empty_file_is_told_what_it_needs() -> None:
    with pytest.raises(ConfigError) as caught:
        load_text("")

    assert caught.value.problems == ["maild.toml:1: desk.name: is missing", "maild.toml:1: desk.address: is missing"]


def test_a_file_in_another_encoding_is_named_with_the_line(tmp_path: Path, problems_of: Problems) -> None:
    file = tmp_path / "maild.toml"
    file.write_bytes(b'[desk]\nname = "B\xfcro"\n')

    assert problems_of(file)[0] == "maild.toml:2: file: is not UTF-8; save it in that encoding"


def test_without_a_file_the_admin_is_told_of_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="maild init"):
        find_config(None, tmp_path, tmp_path / "system.toml")
    with pytest.raises(ConfigError, match=r"other\.toml: there is no such file"):
        find_config(tmp_path / "other.toml", tmp_path)


def test_the_file_here_goes_before_the_systems(tmp_path: Path) -> None:
    here, system = tmp_path / "maild.toml", tmp_path / "system.toml"
    system.touch()

    assert find_config(None, tmp_path, system) == system
    here.touch()
    assert find_config(None, tmp_path, system) == here
