"""What the desks of examples/ do by themselves: reopening, closing, reminding, who sees what, words that set a priority."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maild.errors import PermanentError
from maild.tickets.events import StatusChanged
from tests.desk_driver import DeskDriver, Sent, written
from tests.stories.seed_desks import JANE, opened, seed_desk

Open = Callable[[str], DeskDriver]


@pytest.fixture
def open_seed(tmp_path: Path, sqlite_url: str) -> Iterator[Open]:
    """The desk of an example."""
    desks: list[DeskDriver] = []

    def build(seed: str) -> DeskDriver:
        desks.append(seed_desk(seed, tmp_path, sqlite_url))
        return desks[-1]

    yield build
    for each in desks:
        each.close()


def _acknowledged(desk: DeskDriver) -> Sent:
    """A ticket of Jane's; gives the mail that she can answer."""
    desk.receive(written(author=JANE, to="support@example.test"))
    mail = desk.relay.to("jane@customer.test")[0]
    desk.relay.take()
    return mail


def _answered(desk: DeskDriver, mail: Sent, text: str = "It is broken again.") -> None:
    desk.clock.advance(minutes=1)
    desk.answer(mail, text, author=JANE)


def _steps(desk: DeskDriver) -> list[str]:
    return [event.change.new for event in desk.history() if isinstance(event.change, StatusChanged)]


# ---- four statuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", ["RESOLVED", "CLOSED"])
def test_a_customers_reply_reopens_a_resolved_or_closed_ticket_as_the_table_says(open_seed: Open, until: str) -> None:
    desk = open_seed("four-statuses")
    mail = _acknowledged(desk)
    for status in ("IN_PROGRESS", "RESOLVED", "CLOSED")[: 2 if until == "RESOLVED" else 3]:
        desk.do(1001, f"#status {status}", "alice")
    desk.clock.advance(days=400)

    _answered(desk, mail)

    assert desk.ticket().status == "OPEN"
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize("until", ["RESOLVED", "CLOSED"])
def test_an_agent_reopens_it_by_the_command_of_that_name(open_seed: Open, until: str) -> None:
    desk = open_seed("four-statuses")
    opened(desk)
    for status in ("IN_PROGRESS", "RESOLVED", "CLOSED")[: 2 if until == "RESOLVED" else 3]:
        desk.do(1001, f"#status {status}", "alice")

    assert desk.do(1001, "#reopen -- the issue persists", "alice").status == "OPEN"
    reasons = [event.reason for event in desk.history() if event.change.kind == "status"]
    assert reasons[-1] == "the issue persists"


def test_who_answers_begins_to_work_on_it(open_seed: Open) -> None:
    desk = open_seed("four-statuses")
    opened(desk)

    desk.do(1001, "We look into it.", "alice")

    assert (desk.ticket().status, desk.ticket().assignee) == ("IN_PROGRESS", "alice")


def test_nothing_closes_a_resolved_ticket_but_people(open_seed: Open) -> None:
    desk = open_seed("four-statuses")
    opened(desk)
    desk.do(1001, "#status IN_PROGRESS\n#resolve", "alice")
    desk.clock.advance(days=365)
    desk.tick()
    assert desk.ticket().status == "RESOLVED"

    desk.do(1001, "#close", "alice")

    assert [each.event for each in desk.relay.to("jane@customer.test")] == ["resolved", "closed"]


@pytest.mark.parametrize(
    ("subject", "priority"),
    [
        ("Payment failed twice", "HIGH"),
        ("My order is wrong", "HIGH"),
        ("I cannot log in", "HIGH"),
        ("A critical bug", "HIGH"),
        ("Which colours does it have?", "MEDIUM"),
        ("Please add a dark mode", "MEDIUM"),
        ("A general inquiry", "LOW"),
        ("Some feedback", "LOW"),
    ],
)
def test_the_priority_follows_the_guideline(open_seed: Open, subject: str, priority: str) -> None:
    desk = open_seed("four-statuses")

    assert opened(desk, subject, "Hello.\n").priority == priority


def test_an_order_is_found_and_shown_as_a_link(open_seed: Open) -> None:
    desk = open_seed("four-statuses")

    desk.receive(written(author=JANE, to="support@example.test", subject="Where is ORD-12345?"))

    assert desk.ticket().references == (("order", "ORD-12345"),)
    assert "https://shop.example.test/orders/ORD-12345" in desk.relay.to("alice@example.test")[0].text


# ---- open, waiting, hold -------------------------------------------------------------------------------------------


def test_what_is_assigned_is_open_and_closing_is_confirmed(open_seed: Open) -> None:
    desk = open_seed("open-waiting-hold")
    opened(desk)

    assert desk.do(1001, "#assign bill", "oscar").status == "Open"
    assert desk.do(1001, "#close", "bill").status == "Closed"
    assert [each.event for each in desk.relay.to("jane@customer.test")] == ["closed"]


def test_a_reply_ends_the_waiting_and_opens_what_was_closed(open_seed: Open) -> None:
    desk = open_seed("open-waiting-hold")
    mail = _acknowledged(desk)
    for status in ("Waiting", "Closed"):
        desk.do(1001, f"#status {status}", "oscar")
        _answered(desk, mail, f"After {status}.")
        assert desk.ticket().status == "Open"


# ---- any to open ---------------------------------------------------------------------------------------------------


def test_a_reply_ends_the_waiting_with_work_and_reopens_what_was_solved_as_open(open_seed: Open) -> None:
    desk = open_seed("any-to-open")
    mail = _acknowledged(desk)
    desk.do(1001, "#status In Progress\n#waiting", "adam")
    _answered(desk, mail, "Version 7.")
    assert desk.ticket().status == "In Progress"

    desk.do(1001, "#resolve", "adam")
    _answered(desk, mail)

    assert desk.ticket().status == "Open"
    assert _steps(desk)[-2:] == ["Resolved", "Open"]


def test_what_is_resolved_closes_after_seven_days_unless_somebody_writes(open_seed: Open) -> None:
    desk = open_seed("any-to-open")
    opened(desk)
    desk.do(1001, "#status In Progress\n#resolve", "adam")

    desk.clock.advance(days=6, hours=23)
    desk.tick()
    before = desk.ticket().status
    desk.clock.advance(hours=1)
    desk.tick()

    assert (before, desk.ticket().status) == ("Resolved", "Closed")


def test_an_answer_can_be_sent_open_waiting_or_resolved(open_seed: Open) -> None:
    desk = open_seed("any-to-open")
    for number, words in ((1001, ""), (1002, "#waiting\n\n"), (1003, "#resolve\n\n")):
        opened(desk, f"Number {number}", f"It is {number}.\n")
        desk.do(number, "#status In Progress", "adam")
        desk.do(number, f"{words}Please try again.", "adam")

    assert [desk.ticket(number).status for number in (1001, 1002, 1003)] == ["In Progress", "Waiting", "Resolved"]


def test_each_role_sees_and_does_what_its_table_says(open_seed: Open) -> None:
    desk = open_seed("any-to-open")
    opened(desk, "Of bob", "Mine.\n")
    opened(desk, "Of nobody", "Free.\n")
    opened(desk, "Of code", "Broken.\n")
    desk.do(1001, "#assign bob", "adam")
    desk.do(1003, "#category Technical Support", "adam")
    seen = {
        name: [number for number in (1001, 1002, 1003) if _sees(desk, name, number)]
        for name in ("sam", "adam", "alice", "bob", "dora")
    }

    assert seen == {
        "sam": [1001, 1002, 1003],
        "adam": [1001, 1002, 1003],
        "alice": [1002, 1003],
        "bob": [1001, 1002, 1003],
        "dora": [1003],
    }
    for name in ("adam", "alice"):
        with pytest.raises(PermanentError):
            desk.do(1002, "#delete TICK-1002", name)
    assert desk.do(1002, "#delete TICK-1002", "sam").deleted


def _sees(desk: DeskDriver, name: str, number: int) -> bool:
    agent = desk.room.book.directory.agent_named(name)
    assert agent is not None
    return desk.room.book.may_see(agent, desk.ticket(number), desk.clock())


# ---- closed is final -----------------------------------------------------------------------------------------------


def test_a_mail_to_a_closed_ticket_opens_a_linked_one_and_changes_nothing_of_it(open_seed: Open) -> None:
    desk = open_seed("closed-is-final")
    mail = _acknowledged(desk)
    desk.do(1001, "#close", "maria")
    closed = desk.ticket(1001)

    _answered(desk, mail)

    after, fresh = desk.ticket(1001), desk.ticket(1002)
    assert (after.status, after.messages) == ("Closed", closed.messages)
    assert (fresh.status, fresh.requester.address) == ("Pending", "jane@customer.test")
    assert [(link.kind, link.number) for link in fresh.links] == [("follow-up of", 1001)]
    assert [each.event for each in desk.relay.to("jane@customer.test")][-1] == "acknowledgement"


@pytest.mark.parametrize("line", ["#reopen", "#open", "#status Pending", "#status Resolved"])
def test_nobody_wakes_a_closed_ticket(open_seed: Open, line: str) -> None:
    desk = open_seed("closed-is-final")
    opened(desk)
    desk.do(1001, "#close", "maria")

    with pytest.raises(PermanentError, match="allowed now: none"):
        desk.do(1001, line, "maria")


def test_a_reply_to_a_resolved_ticket_reopens_it(open_seed: Open) -> None:
    desk = open_seed("closed-is-final")
    mail = _acknowledged(desk)
    desk.do(1001, "#resolve", "maria")

    _answered(desk, mail)

    assert (desk.ticket().status, len(desk.tickets())) == ("In Progress", 1)


def test_a_user_who_is_awaited_is_reminded_and_without_an_answer_the_ticket_closes(open_seed: Open) -> None:
    desk = open_seed("closed-is-final")
    opened(desk)
    desk.do(1001, "#waiting\n\nWhich model is it?", "alice")
    desk.relay.take()
    told = []
    for _ in range(7):
        desk.clock.advance(days=1)
        desk.tick()
        told.append([each.event for each in desk.relay.take() if each.rcpt_to == "jane@customer.test"])

    assert told == [[], [], ["waiting_reminder"], [], [], [], ["closed"]]
    assert desk.ticket().status == "Closed"


def test_what_is_resolved_closes_by_itself(open_seed: Open) -> None:
    desk = open_seed("closed-is-final")
    opened(desk)
    desk.do(1001, "#resolve", "alice")
    desk.clock.advance(days=7)
    desk.tick()

    assert desk.ticket().status == "Closed"
