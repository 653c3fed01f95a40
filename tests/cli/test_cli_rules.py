"""`maild rules`: an admin sees what a rule would do, and which word keeps it from doing it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.desk_driver import written

CONFIG = """
[desk]
name = "Acme Support"
address = "support@acme.test"

[database]
url = "sqlite:///maild.db"

[delivery]
url = "null:"

[[agents]]
name = "alice"
email = "alice@acme.test"
teams = ["network"]

[[rules]]
name = "outage"
on = ["created", "replied"]
when = '("service down" or outage) -tag:known'
then = { set_priority = "urgent", assign_team = "network" }
stop = true

[[rules]]
name = "late"
every = "daily 09:00"
when = "is:needs-response heard:<2d"
then = { escalate = true }

[[rules]]
name = "all"
on = "created"
then = { add_tags = "new" }
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a configuration and two mails."""
    (tmp_path / "maild.toml").write_text(CONFIG)
    (tmp_path / "outage.eml").write_bytes(written(subject="Outage", body="Nothing works.\n"))
    (tmp_path / "question.eml").write_bytes(written(subject="A question"))
    return tmp_path


def test_the_rules_are_listed_in_their_order(call: Call, desk: Path) -> None:
    rows = [line.split() for line in call("rules", "list").out.splitlines()]

    assert [row[0] for row in rows] == ["name", "outage", "late", "all"]
    assert call("rules", "list", "--json").json[1] == {
        "name": "late",
        "on": [],
        "every": "daily 09:00",
        "when": "is:needs-response heard:<2d",
        "then": ["escalate"],
        "stop": False,
    }


def test_a_mail_shows_each_condition_and_the_word_that_failed(call: Call, desk: Path) -> None:
    ended = call("rules", "test", "question.eml")

    assert ended.code == 0
    assert (
        '  ✗ outage\n      ✓ created, replied\n      ✗ "service down" or outage   failed: "service down", outage\n'
        in ended.out
    )
    assert "      ✓ -tag:known\n" in ended.out
    assert "  ✗ late\n      ✗ every daily 09:00\n" in ended.out
    assert "  ✓ all\n      ✓ created\n      → add_tags new\n" in ended.out
    assert not Path("maild.db").exists() and not Path("secret.key").exists()


def test_what_stops_the_others_is_said(call: Call, desk: Path) -> None:
    ended = call("rules", "test", "outage.eml")

    assert "  ✓ outage\n" in ended.out
    assert "→ set_priority urgent; assign_team network\n" in ended.out
    assert "  ✗ all\n      ✓ created\n      ✗ a rule before it says stop\n" in ended.out


def test_the_same_for_programs(call: Call, desk: Path) -> None:
    (found,) = call("rules", "test", "question.eml", "--json").json

    assert found["happened"] == ["created"]
    assert found["log"] == ["all: add_tags new"]
    outage = found["rules"][0]
    assert (outage["set_off"], outage["holds"], outage["fires"], outage["would"]) == (True, False, False, None)
    assert outage["terms"][0] == {
        "term": '"service down" or outage', "holds": False, "failed": ['"service down"', "outage"],
    }  # fmt: skip


def test_a_ticket_is_asked_as_if_every_rule_were_set_off_now(call: Call, desk: Path) -> None:
    call("ingest", "--recipient", "support@acme.test", "--wait", "outage.eml")

    ended = call("rules", "test", "tick-1001")

    assert ended.code == 0
    assert ended.out.startswith("TICK-1001  Outage\n")
    assert "→ set_priority urgent: nothing to change; assign_team network: nothing to change\n" in ended.out
    assert "✗ heard:<2d   failed: heard:<2d" in ended.out
    assert "→ add_tags new\n" in ended.out


def test_a_reply_is_tried_on_its_ticket(call: Call, desk: Path) -> None:
    (desk / "question.eml").write_bytes(written(subject="A question", message_id="<q@client.test>"))
    call("ingest", "--recipient", "support@acme.test", "--wait", "question.eml")
    (desk / "reply.eml").write_bytes(
        written(subject="Re: A question", body="It is an outage!\n", headers="In-Reply-To: <q@client.test>\n")
    )

    (found,) = call("rules", "test", "reply.eml", "--json").json

    assert found["happened"] == ["replied"]
    assert found["log"] == ["outage: set_priority urgent; assign_team network"]
    assert "outage" not in call("ticket", "show", "1001", "--json").json["tags"]


@pytest.mark.parametrize(("what", "told"), [("nothing.eml", "no ticket number"), ("TICK-7", "no ticket")])
def test_what_is_neither_a_mail_nor_a_ticket_is_said(call: Call, desk: Path, what: str, told: str) -> None:
    ended = call("rules", "test", what)

    assert ended.code == 1
    assert told in ended.err and "Traceback" not in ended.err


def test_a_mail_that_changes_nothing_asks_no_rule(call: Call, desk: Path) -> None:
    (desk / "robot.eml").write_bytes(written(headers="Auto-Submitted: auto-replied\nPrecedence: bulk\n"))

    assert "no rule is asked" in call("rules", "test", "robot.eml").out


EXAMPLE = Path(__file__).parents[2] / "examples" / "rules.toml"


@pytest.mark.parametrize(
    ("subject", "fires"),
    [
        ("Service down since noon", ["emergency"]),
        ("We think we were hacked", ["emergency"]),
        ("My payment failed", ["payments"]),
        ("Where is my order?", ["orders"]),
        ("Locked out of my account", ["access"]),
        ("I forgot my password", ["access"]),
        ("A feature request", ["questions"]),
        ("Some feedback", ["feedback"]),
        ("Hello there", []),
    ],
)
def test_the_shipped_rules_do_what_the_guidelines_say(
    call: Call, tmp_path: Path, subject: str, fires: list[str]
) -> None:
    (tmp_path / "maild.toml").write_text(EXAMPLE.read_text())
    (tmp_path / "a.eml").write_bytes(written(subject=subject, body="Please help.\n", to="support@example.test"))

    (found,) = call("rules", "test", "a.eml", "--json").json

    assert [rule["name"] for rule in found["rules"] if rule["fires"]] == fires
