"""Several files, the environment, secrets that lie elsewhere, and relative paths."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config import Config, load, load_text

Folder = Callable[..., Path]
Problems = Callable[..., list[str]]
DESK = '[desk]\nname = "Acme"\naddress = "support@acme.test"\n[delivery]\nurl = "null:"\n'


def agent(name: str) -> str:
    return f'[[agents]]\nname = "{name}"\nemail = "{name}@acme.test"\n'


def test_included_files_are_joined_in_order(folder: Folder) -> None:
    here = folder(
        maild_toml='include = ["agents.toml", "conf.d/*.toml"]\n' + DESK + agent("alice"),
        agents_toml=agent("bob"),
        conf__2_toml="",
    )
    (here / "conf.d").mkdir()
    (here / "conf.d/b.toml").write_text("[limits]\nparts = 7\n" + agent("dora"))
    (here / "conf.d/a.toml").write_text("[limits]\ndepth = 5\n" + agent("carl"))

    config = load(here / "maild.toml", {})

    assert [each.name for each in config.directory.agents] == ["alice", "bob", "carl", "dora"]
    assert (config.limits.depth, config.limits.parts) == (5, 7)


def test_a_mistake_in_an_included_file_carries_that_files_name_and_line(folder: Folder, problems_of: Problems) -> None:
    here = folder(
        maild_toml='include = ["more.toml"]\n' + DESK + agent("alice") + "role = 'boss'\n",
        more_toml=agent("bob") + "\n" + agent("carl") + "rol = 'agent'\n",
    )

    assert problems_of(here / "maild.toml") == [
        "maild.toml:10: agents[1].role: there is no role 'boss' (known here: super-admin, admin, agent, developer)",
        "more.toml:8: agents[3].rol: unknown key (did you mean 'role'?)",
    ]


def test_a_key_that_stands_in_two_files_is_a_mistake_that_names_both(folder: Folder, problems_of: Problems) -> None:
    here = folder(maild_toml='include = "more.toml"\n' + DESK, more_toml='\n[desk]\nname = "Other"\n')

    assert problems_of(here / "maild.toml") == [
        "more.toml:3: desk.name: stands already in maild.toml:3; remove one of them"
    ]


def test_files_that_include_each_other_are_a_mistake_and_end(folder: Folder, problems_of: Problems) -> None:
    here = folder(maild_toml='include = ["more.toml"]\n' + DESK, more_toml='\ninclude = ["maild.toml"]\n')

    assert problems_of(here / "maild.toml") == [
        "more.toml:2: include: maild.toml is included twice, or includes itself"
    ]


def test_a_broken_include_hides_no_other_mistake_and_invents_none(folder: Folder, problems_of: Problems) -> None:
    here = folder(
        maild_toml='include = ["gone.toml", "broken.toml"]\n[desk]\nnme = "x"\n'
        '[[inboxes]]\naddresses = "a@b.test"\nteam = "x"\n',
        broken_toml="[desk\n",
    )

    assert problems_of(here / "maild.toml") == [
        "maild.toml:1: file: gone.toml cannot be read: No such file or directory",
        "maild.toml:3: desk.nme: unknown key (did you mean 'name'?)",
        "broken.toml:1: syntax: Expected ']' at the end of a table declaration (column 6)",
    ]


@pytest.mark.parametrize("wrong", ["3", '["a", 3]', "true", '"\\u0000"'])
def test_what_can_not_be_included_is_a_mistake(folder: Folder, problems_of: Problems, wrong: str) -> None:
    here = folder(maild_toml=f"include = {wrong}\n" + DESK)

    assert problems_of(here / "maild.toml") == [
        'maild.toml:1: include: must be a list of files, such as ["agents.toml", "conf.d/*.toml"]'
    ]


def test_a_table_in_one_file_and_a_list_of_that_name_in_another_clash(folder: Folder, problems_of: Problems) -> None:
    here = folder(maild_toml='include = "more.toml"\n' + DESK, more_toml='[[desk]]\nname = "Other"\n')

    assert (
        problems_of(here / "maild.toml")[0] == "more.toml:1: desk: stands already in maild.toml:2; remove one of them"
    )


def test_a_text_includes_from_the_folder_that_it_is_given(folder: Folder) -> None:
    here = folder(more_toml=agent("bob"))

    config = load_text('include = ["more.toml"]\n' + DESK, folder=here)

    assert config.directory.agent_named("bob") is not None


def test_the_environment_goes_over_the_files(config: Callable[..., Config]) -> None:
    given = config(
        '[limits]\nparts = 5\n[[imap]]\nhost = "h"\nusername = "u"\npassword_file = "gone"\n',
        MAILD_DESK__NAME="12",
        MAILD_LIMITS__PARTS="9",
        MAILD_DESK__ANSWER_TAKES="false",
        MAILD_SMTP__LISTEN='["127.0.0.1:25", "[::1]:25"]',
        MAILD_IMAP__1__PASSWORD="[1]",
        MAILD_TEST_PG="nothing of ours",
        HOME="/",
    )

    assert given.desk.name == "12"
    assert given.limits.parts == 9
    assert given.desk.answer_takes is False
    assert given.smtp is not None
    assert [str(each) for each in given.smtp.listen] == ["127.0.0.1:25", "[::1]:25"]
    assert given.imap[0].password is not None
    assert given.imap[0].password.get_secret_value() == "[1]"


def test_a_variable_may_hold_what_only_looks_like_toml(config: Callable[..., Config]) -> None:
    given = config("", MAILD_DESK__SIGNATURE="[our team")

    assert given.desk.signature == "[our team"


@pytest.mark.parametrize(
    "variable", ["MAILD___NAME", "MAILD_IMAP__0__HOST", "MAILD_DESK__NAME__X", "MAILD_DESK__1", "MAILD_IMAP__00__HOST"]
)
def test_a_variable_that_leads_nowhere_is_named(problems: Problems, variable: str) -> None:
    (found,) = problems("", **{variable: "x"})

    assert found.startswith(f"environment variable {variable}: ")
    assert found.endswith("there is no such place in the configuration")


def test_a_wrong_variable_is_named(problems: Problems) -> None:
    found = problems("", MAILD_DESK__NAEM="x", MAILD_LIMITS__PARTS="many", MAILD_IMAP__1__HOST="x")

    assert sorted(found) == [
        "environment variable MAILD_DESK__NAEM: desk.naem: unknown key (did you mean 'name'?)",
        "environment variable MAILD_IMAP__1__HOST: imap[1].host: there is no such place in the configuration",
        "environment variable MAILD_LIMITS__PARTS: limits.parts: must be a whole number",
    ]


def test_secrets_are_read_from_files_and_variables(folder: Folder) -> None:
    here = folder(
        maild_toml='[desk]\nname = "Acme"\naddress = "support@acme.test"\n'
        '[database]\nurl_file = "db.url"\n'
        '[delivery]\nurl = [{ file = "relay" }, { env = "RELAY" }, "null:"]\n'
        '[[imap]]\nhost = "h"\nusername = "u"\n'
        'oauth = { token_url = "t", client_id = "c", client_secret = { env = "CLIENT" }, refresh_token_file = "tok" }\n'
        + agent("alice")
        + 'password_file = "alice"\n'
    )
    for name, text in {
        "db.url": "postgresql://u:p@h/d\n",
        "relay": "smtp://a:b@h\r\n",
        "tok": "t0\n",
        "alice": " pw \n",
    }.items():
        (here / name).write_text(text)

    config = load(here / "maild.toml", {"RELAY": "smtps://c:d@h:465", "CLIENT": "s"})

    assert config.database_url == "postgresql+psycopg://u:p@h/d"
    assert config.delivery.urls == ("smtp://a:b@h", "smtps://c:d@h:465", "null:")
    oauth = config.imap[0].oauth
    assert oauth is not None and oauth.refresh_token is not None and oauth.client_secret is not None
    assert (oauth.refresh_token.get_secret_value(), oauth.client_secret.get_secret_value()) == ("t0", "s")
    assert config.passwords["alice"].get_secret_value() == " pw "


def test_a_secret_that_can_not_be_had_is_one_mistake_and_no_other_follows(problems: Problems, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    found = problems("""\
        [[imap]]
        host = "a"
        username = "u"
        password_file = "gone"
        [[imap]]
        host = "b"
        username = "u"
        password = { env = "NOT_SET" }
        [[imap]]
        host = "c"
        username = "u"
        password = { vault = "x" }
        [[imap]]
        host = "d"
        username = "u"
        password_file = "empty"
        password = "x"
        [[agents]]
        name = "alice"
        email = "alice@acme.test"
        password = { file = "empty" }
        [[agents]]
        name = "bob"
        email = "bob@acme.test"
        password_file = "binary"
        [[agents]]
        name = "carl"
        email = "carl@acme.test"
        password_file = 3
        """)

    assert found == [
        f"4: imap[1].password_file: {tmp_path}/gone cannot be read: No such file or directory",
        "8: imap[2].password: the environment variable NOT_SET is not set",
        '12: imap[3].password: must be text, { env = "NAME" } or { file = "PATH" }',
        "16: imap[4].password_file: stands beside 'password'; remove one of them",
        f"21: agents[1].password: {tmp_path}/empty is empty",
        f"25: agents[2].password_file: {tmp_path}/binary is not text in UTF-8",
        "29: agents[3].password_file: must be the path of a file, in quotes",
    ]


def test_relative_paths_are_relative_to_the_file_that_names_them(folder: Folder) -> None:
    here = folder(
        maild_toml='include = ["conf/more.toml"]\n' + DESK.split("[delivery]")[0] + 'templates_dir = "t"\n',
        conf__more_toml='[database]\nurl = "sqlite:///x.db?timeout=5"\n'
        '[delivery]\nurl = ["maildir:out", "maildir:/var/out"]\n'
        '[smtp]\nlmtp = ["unix:run/lmtp.sock", "127.0.0.1:24"]\n',
    )
    (here / "t").mkdir()

    config = load(here / "maild.toml", {})

    assert config.desk.templates_dir == here / "t"
    assert config.data_dir == here / "maild-data"
    assert config.secret_file == here / "secret.key"
    assert config.database_url == f"sqlite:///{here}/conf/x.db?timeout=5"
    assert config.delivery.urls == (f"maildir:{here}/conf/out", "maildir:/var/out")
    assert config.smtp is not None
    assert [str(each) for each in config.smtp.lmtp] == [f"unix:{here}/conf/run/lmtp.sock", "127.0.0.1:24"]


def test_the_usual_paths_lie_beside_the_file_even_when_it_is_named_relatively(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = folder(maild_toml=DESK)
    monkeypatch.chdir(here.parent)

    config = load(Path(here.name) / "maild.toml", {})

    assert config.database_url == f"sqlite:///{here}/maild.db"
    assert config.path == here / "maild.toml"


def test_a_password_in_a_file_that_everybody_reads_is_a_warning(folder: Folder) -> None:
    here = folder(maild_toml=DESK + agent("alice") + 'password = "hunter2"\n')
    file = here / "maild.toml"

    os.chmod(file, 0o644)
    assert load(file, {}).warnings == (
        f"{file}:9: agents[1].password: everybody on this host can read it; run: chmod o= {file}",
    )
    os.chmod(file, 0o640)
    assert load(file, {}).warnings == ()
