"""What docs/clock.md promises to a new admin holds: its examples load, and six lines do what they say."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.config import load_text
from maild.tickets.events import SlaReached
from tests.desk_driver import DeskDriver, written

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "clock.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
SIX = DOC[DOC.index("## Six lines") : DOC.index("## Whole examples")]
BY_DAY = '[[agents]]\nname = "dave"\nemail = "dave@acme.test"\nrole = "admin"\nteams = ["first-line"]\n'
NIGHT = ["nils@acme.test", "nora@acme.test"]
BOSS = "The Boss <ceo@initech.test>"
Open = Callable[[str], DeskDriver]


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def patched(text: str, diff: str) -> str:
    """The text with a diff of the page applied: a changed line in the named table, new lines above it."""
    for hunk in diff.split("@@ ")[1:]:
        header, *lines = hunk.splitlines()
        old, new = ([line[1:] for line in lines if line.startswith(sign)] for sign in "-+")
        table = text.index(f"\n{header}\n") + 1
        start = text.index("\n".join(old) + "\n", table) if old else table
        end = start + (len("\n".join(old)) + 1 if old else 0)
        assert "[[" not in text[table + len(header) : start], "the line stands in this table"
        text = text[:start] + "\n".join(new) + "\n" + text[end:]
    return text


def example_on(url: str, text: str) -> str:
    """A configuration as the driver wants it: on this database, braces doubled."""
    doubled = text.replace("{", "{{").replace("}", "}}")
    return re.sub(r'^url = "sqlite:///maild.db".*$', 'url = "{url}"', doubled, flags=re.MULTILINE)


@pytest.fixture
def open_desk(tmp_path: Path, sqlite_url: str) -> Iterator[Open]:
    """The desk of this text, at ten in the evening."""
    desks: list[DeskDriver] = []

    def build(text: str) -> DeskDriver:
        desks.append(DeskDriver(tmp_path, sqlite_url, example_on(sqlite_url, text), "\n" + BY_DAY))
        desks[-1].clock.now = datetime(2026, 3, 4, 22, 0, tzinfo=UTC)
        return desks[-1]

    yield build
    for each in desks:
        each.close()


def six_lines() -> str:
    """The example with the page's people and its six lines."""
    people = blocks(SIX, "toml")[0]
    return patched(EXAMPLE.replace("\n[[inboxes]]\n", f"\n{people}\n[[inboxes]]\n", 1), blocks(SIX, "diff")[0])


def test_the_page_changes_six_lines() -> None:
    diff = blocks(SIX, "diff")[0]

    assert len([line for line in diff.splitlines() if line.startswith("+")]) == 6
    assert [line for line in diff.splitlines() if line.startswith("-")] == [
        '-calendar = "office"                     # absent: around the clock'
    ]


def test_with_six_lines_an_urgent_mail_of_a_vip_at_ten_goes_to_the_night_team_and_nobody_else(open_desk: Open) -> None:
    desk = open_desk(six_lines())

    desk.receive(written(author=BOSS, subject="URGENT: nothing works"))

    ticket, sent = desk.ticket(), desk.relay.take()
    assert (ticket.vip, ticket.priority, ticket.teams) == (True, "urgent", ("night",))
    assert sorted(each.rcpt_to for each in sent if each.event == "new_ticket") == NIGHT
    assert {each.rcpt_to for each in sent} == {*NIGHT, "ceo@initech.test"}
    assert ticket.clocks is not None
    assert ticket.clocks.first_response.due_at == datetime(2026, 3, 4, 22, 15, tzinfo=UTC)
    assert "2026-03-04 22:15" in next(each.text for each in sent if each.rcpt_to == "ceo@initech.test")


def test_it_is_late_at_a_quarter_past_and_warned_before(open_desk: Open) -> None:
    desk = open_desk(six_lines())
    desk.receive(written(author=BOSS, subject="Urgent"))
    desk.relay.take()
    told = []
    for minutes, seconds in ((7, 30), (12, 0), (14, 59), (15, 0)):
        desk.clock.now = datetime(2026, 3, 4, 22, minutes, seconds, tzinfo=UTC)
        desk.tick()
        told.append({(each.rcpt_to, each.event) for each in desk.relay.take()})

    warned = {(address, "sla_warning") for address in NIGHT}
    assert told[:3] == [warned, warned, set()]
    assert told[3] == {("dave@acme.test", "sla_breach")}  # the admin; alice's quiet hours last until seven
    broken = [event for event in desk.history() if isinstance(event.change, SlaReached) and event.change.is_breach]
    assert [event.at for event in broken] == [datetime(2026, 3, 4, 22, 15, tzinfo=UTC)]
    assert desk.ticket().assignee == "alice"


def test_an_answer_at_fourteen_minutes_past_keeps_the_promise(open_desk: Open) -> None:
    desk = open_desk(six_lines())
    desk.receive(written(author=BOSS, subject="Urgent"))
    desk.clock.advance(minutes=14)
    desk.do(1001, "We are on it.", "nora")
    desk.clock.advance(minutes=10)
    desk.tick()

    assert not [event for event in desk.history() if isinstance(event.change, SlaReached) and event.change.is_breach]
    assert desk.ticket().assignee == "nora"


@pytest.mark.parametrize(
    ("author", "subject"), [("Jane Doe <jane@customer.test>", "Urgent: printer"), (BOSS, "A question for tomorrow")]
)
def test_others_urgent_mails_and_other_mails_of_vips_go_where_they_went(
    open_desk: Open, author: str, subject: str
) -> None:
    desk = open_desk(six_lines())

    desk.receive(written(author=author, subject=subject))

    assert "night" not in desk.ticket().teams
    assert desk.ticket().priority == "normal"


def test_without_the_six_lines_nothing_of_this_happens(open_desk: Open) -> None:
    desk = open_desk(EXAMPLE)

    desk.receive(written(author=BOSS, subject="URGENT: nothing works"))

    assert (desk.ticket().priority, desk.ticket().vip) == ("normal", True)


def test_with_a_level_of_its_own_the_others_keep_office_hours_and_the_night_team_hears_of_the_breach(
    open_desk: Open,
) -> None:
    own = blocks(SIX, "toml")[1]
    text = six_lines().replace('#calendar = "office"                    #', 'calendar = "office"                     #')
    desk = open_desk(text.replace("\n[[sla]]\n", f"\n{own}\n[[sla]]\n", 1))

    desk.receive(written(author=BOSS, subject="URGENT: nothing works"))
    desk.receive(written(author="Jane Doe <jane@customer.test>", subject="A question"))
    desk.relay.take()
    desk.clock.now = datetime(2026, 3, 4, 22, 15, tzinfo=UTC)
    desk.tick()

    told = {each.rcpt_to for each in desk.relay.take() if each.event == "sla_breach"}
    assert told == {*NIGHT, "dave@acme.test"}
    clocks = [desk.ticket(number).clocks for number in (1001, 1002)]
    assert [each and each.first_response.due_at for each in clocks] == [
        datetime(2026, 3, 4, 22, 15, tzinfo=UTC),
        datetime(2026, 3, 5, 16, 0, tzinfo=UTC),  # eight hours of the office, which is in Berlin
    ]


@pytest.mark.parametrize(
    "block", blocks(DOC[: DOC.index("## Six lines")], "toml"), ids=lambda text: text.split("\n")[0]
)
def test_every_piece_of_the_page_is_understood(block: str, tmp_path: Path) -> None:
    desk = '[desk]\nname = "A"\naddress = "a@acme.test"\n[delivery]\nurl = "null:"\n'
    desk += '[[agents]]\nname = "alice"\nemail = "alice@acme.test"\nteams = ["second-line"]\n'
    calendars = blocks(DOC, "toml")[0] if 'calendar = "office"' in block else ""
    level = (
        '[[sla]]\nname = "x"\ntargets = { normal = { first_response = "1h" } }\n' if "[[sla.steps]]" in block else ""
    )

    assert load_text(f"{desk}{calendars}{level}{block}", "maild.toml", tmp_path).warnings == ()


def test_every_example_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(examples/[a-z-]+\.toml)`", DOC))

    assert len(named) == 5
    assert all((ROOT / name).exists() for name in named)
