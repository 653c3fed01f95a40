"""What a right file becomes: the core's own values."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from maild.config import STARTER, Config, builtin, load_text
from maild.rules.keywords import Keyword
from maild.tickets.people import OnlyCc
from maild.tickets.workflow import DEFAULT_WORKFLOW, Phase

Build = Callable[..., Config]
CONTRACT = """
[desk]
name = "Acme Support"
address = "support@acme.test"
ticket_prefix = "TICK"
first_ticket_number = 1001
timezone = "Europe/Berlin"
language = "en"
secret_file = "secret.key"
[database]
url = "sqlite:///maild.db"
[smtp]
listen = "127.0.0.1:2525"
[[imap]]
host = "imap.acme.test"
port = 143
security = "starttls"
username = "u"
password = "p"
folder = "INBOX"
[delivery]
url = "smtp://127.0.0.1:2526"
[[agents]]
name = "alice"
email = "alice@acme.test"
role = "agent"
teams = ["first-line"]
[authentication]
trusted_authserv_ids = ["mx.acme.test"]
agents_need = "authenticated"
"""


def test_the_promised_keys_load_without_a_warning(tmp_path: Path) -> None:
    config = load_text(CONTRACT, folder=tmp_path)

    assert config.warnings == ()
    assert config.desk.timezone == ZoneInfo("Europe/Berlin")
    assert config.desk.hostname == "acme.test"
    assert config.smtp is not None
    assert config.smtp.hostname == "acme.test"
    assert config.directory.agent_at("ALICE@acme.test") is not None
    assert config.workflow == DEFAULT_WORKFLOW


def test_absent_tables_have_their_defaults(config: Build) -> None:
    given = config("")

    assert given.smtp is None
    assert given.imap == ()
    assert given.limits.message_bytes == 50 * 1024**2
    assert given.limits.mail.header_bytes == 256 * 1024
    assert given.automatic.per_address_per_hour == 3
    assert given.habits.close_resolved_after == timedelta(days=7)
    assert given.delivery.retry[:2] == (timedelta(minutes=1), timedelta(minutes=5))
    assert [inbox.addresses for inbox in given.directory.inboxes] == [("support@acme.test",)]
    assert given.directory.inboxes[0].name == "Acme Support"


def test_the_desks_own_address_goes_first_unless_an_inbox_has_it(config: Build) -> None:
    billing = "[[inboxes]]\naddresses = 'billing@acme.test'\ncc = 'quiet'\n"

    without = config(billing).directory
    with_it = config(billing + "[[inboxes]]\naddresses = 'Support@acme.test'\nname = 'Front'").directory

    assert [inbox.address for inbox in without.inboxes] == ["support@acme.test", "billing@acme.test"]
    assert without.inboxes[1].on_cc is OnlyCc.QUIET
    assert [inbox.name for inbox in with_it.inboxes] == ["Acme Support", "Front"]
    assert with_it.is_ours("support+x@acme.test")


def test_agents_that_are_admins_are_told_of_trouble_unless_others_are_named(config: Build) -> None:
    agents = "[[agents]]\nname='a'\nemail='a@x.test'\nrole='admin'\n[[agents]]\nname='b'\nemail='b@x.test'\n"

    assert config(agents).directory.admins == ("a@x.test",)
    assert config(agents, MAILD_DESK__ADMINS="root@x.test").directory.admins == ("root@x.test",)


def test_statuses_may_follow_by_alias_and_without_next_by_any_other(config: Build) -> None:
    workflow = config("""\
        [workflow]
        frozen_closed = true
        [[statuses]]
        name = "Open"
        phase = "new"
        [[statuses]]
        name = "In Progress"
        phase = "active"
        next = ["finished"]
        aliases = "doing"
        [[statuses]]
        name = "Closed"
        phase = "closed"
        next = []
        told = true
        aliases = ["finished"]
        """).workflow

    assert workflow.frozen_closed
    assert workflow.first.next == ("In Progress", "Closed")
    assert workflow.allows("in-progress", "Closed")
    assert not workflow.allows("Closed", "Open")
    assert workflow.in_phase(Phase.CLOSED) is workflow.find("finished")


def test_one_is_a_list_of_one(config: Build) -> None:
    given = config(
        """\
        [[keywords]]
        words = "outage"
        tags = "incident"
        [senders]
        block = ["@Spam.test", "Jane@X.test", "y.test"]
        [delivery.x]
        """.replace("[delivery.x]", "")
    )

    assert given.keywords == (Keyword(("outage",), tags=("incident",)),)
    assert given.senders.block == ("spam.test", "jane@x.test", "y.test")


@pytest.mark.parametrize(
    ("start", "value"),
    [
        ("'now'", "now"),
        ("'all'", "all"),
        ("2026-01-31", date(2026, 1, 31)),
        ("'2026-01-31'", date(2026, 1, 31)),
        ("2026-01-31T10:00:00Z", date(2026, 1, 31)),
    ],
)
def test_a_mailbox_starts_now_at_a_date_or_with_everything(config: Build, start: str, value: object) -> None:
    (box,) = config(f"[[imap]]\nhost = 'h'\nusername = 'u'\npassword = 'p'\nstart = {start}").imap

    assert box.start == value
    assert box.connect_port == 993


def test_never_closing_is_a_choice(config: Build) -> None:
    assert config("[tickets]\nclose_resolved_after = 'never'").habits.close_resolved_after is None


def test_the_starter_loads_as_it_stands_and_the_builtin_needs_nothing(tmp_path: Path) -> None:
    starter = load_text(STARTER, folder=tmp_path)

    assert starter.warnings == ()
    assert starter.delivery.urls == (f"maildir:{tmp_path}/outgoing",)
    assert builtin(tmp_path).desk.address == "support@example.test"
    assert builtin(tmp_path).warnings == ()
    assert list(tmp_path.iterdir()) == []


def test_the_starter_still_loads_when_its_hints_are_taken(tmp_path: Path) -> None:
    (tmp_path / "imap.password").write_text("x")
    text = "".join(
        line.removeprefix("# ")
        if line.startswith(("# [", "# host", "# sec", "# user", "# pass", "# trusted"))
        else line
        for line in STARTER.splitlines(True)
    )

    config = load_text(text, folder=tmp_path)

    assert config.imap[0].host == "imap.example.test"
    assert config.authentication.trusted_authserv_ids == ("mx.example.test",)
