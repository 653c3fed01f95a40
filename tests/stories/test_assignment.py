"""Who gets a new ticket, and what becomes of the tickets of somebody who goes away (SPEC AS-1, AS-2)."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.desk.explain import actions, explain
from maild.desk.placing_later import place_waiting
from maild.mail.envelope import Envelope, Via
from maild.mail.model import InboundMail, Limits
from maild.mail.parse import understand
from maild.tickets.events import Assigned, TeamsChanged
from tests.desk_driver import PROVEN, DeskDriver, written

CONFIG = """
[desk]
name = "Acme Support"
address = "support@acme.test"
timezone = "Europe/Berlin"
admins = ["root@acme.test"]
hand_on_urgent = true

[database]
url = "{url}"

[authentication]
trusted_authserv_ids = ["mx.acme.test"]

[tickets]
categories = ["billing", "vpn"]

[[inboxes]]
addresses = ["support@acme.test"]
team = "first-line"

[[agents]]
name = "alice"
email = "alice@acme.test"
teams = ["first-line"]
skills = ["invoices"]

[[agents]]
name = "bob"
email = "bob@acme.test"
teams = ["first-line"]
max_open = 3
working_hours = {{ mon = "09:00-17:00", tue = "09:00-17:00" }}

[[agents]]
name = "carol"
email = "carol@acme.test"
teams = ["network"]

[[agents]]
name = "dora"
email = "dora@acme.test"
role = "developer"
teams = ["first-line", "network"]

[[keywords]]
words = ["invoice", "invoices"]
category = "billing"

[[keywords]]
words = ["tunnel"]
category = "vpn"

[[keywords]]
words = ["outage"]
priority = "urgent"
"""
HANDS_ON = "hand_on_urgent = true"
ROUND = '[[assignment]]\nstrategy = "round-robin"\n'
STICKY = '[[assignment]]\nstrategy = "sticky"\n'
MONDAY, WEDNESDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC), datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
Made = Callable[..., DeskDriver]


@pytest.fixture
def desk_with(tmp_path: Path, sqlite_url: str) -> Iterator[Made]:
    """A desk with these entries."""
    yield from _makers(tmp_path, sqlite_url)


@pytest.fixture
def desk_on_both(tmp_path: Path, database_url: str) -> Iterator[Made]:
    """The same, on both databases: where it is about what the store counts."""
    yield from _makers(tmp_path, database_url)


def _makers(folder: Path, url: str) -> Iterator[Made]:
    made: list[DeskDriver] = []

    def make(*entries: str) -> DeskDriver:
        config = CONFIG if entries else CONFIG.replace(HANDS_ON, "")
        made.append(DeskDriver(folder, url, config, "\n".join(entries)))
        return made[-1]

    yield make
    for driver in made:
        driver.close()


def customer(desk: DeskDriver, name: str = "jane", body: str = "The printer burns.\n", **more: str) -> str | None:
    """Somebody writes; whose his ticket is."""
    done = desk.receive(written(author=f"{name}@customer.test", body=body, **more))
    assert done.ticket is not None
    return desk.ticket(done.ticket).assignee


def says(desk: DeskDriver, agent: str, text: str) -> None:
    desk.receive(written(author=f"{agent}@acme.test", subject="me", body=text, headers=PROVEN), trusted=True)


def test_new_tickets_go_round_among_the_team_and_each_is_told(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)

    assert [customer(desk, f"c{number}") for number in range(4)] == ["alice", "bob", "alice", "bob"]

    told = desk.relay.to("bob@acme.test")
    assert [each.event for each in told] == ["assignment", "assignment"]
    assert "This ticket was assigned to you" in told[0].text
    assert "round-robin: it is the turn of bob" in told[0].text
    assert "The printer burns." in told[0].text
    assert not desk.relay.to("carol@acme.test")
    assert not any("round-robin" in each.everything for each in desk.relay.sent if "customer" in each.rcpt_to)


def test_the_history_says_who_gave_it_to_whom_and_why(desk_with: Made) -> None:
    desk = desk_with(ROUND)
    customer(desk)

    event = next(each for each in desk.history() if isinstance(each.change, Assigned))

    assert event.change == Assigned(None, "alice")
    assert (event.actor, event.reason) == ("system:assignment", "round-robin: it is the turn of alice")


def test_without_an_entry_everything_is_as_before(desk_with: Made) -> None:
    desk = desk_with()

    assert customer(desk) is None
    assert {each.rcpt_to for each in desk.relay.sent if each.event == "new_ticket"} == {
        "alice@acme.test",
        "bob@acme.test",
        "dora@acme.test",
    }


def test_who_is_away_gets_nothing_until_he_is_back(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)
    says(desk, "alice", "#away until 2026-03-10\n")

    assert [customer(desk, f"c{number}") for number in range(2)] == ["bob", "bob"]
    says(desk, "alice", "#back\n")
    assert [customer(desk, f"d{number}") for number in range(3)] == ["alice", "bob", "alice"]


def test_outside_his_hours_and_with_a_full_desk_nobody_gets_more(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)
    assert [customer(desk, f"c{number}") for number in range(8)].count("bob") == 3

    desk.do(1002, "#close", "bob")
    assert customer(desk, "later") == "bob"

    desk.do(1002, "#reopen", "alice")
    desk.do(1002, "#assign alice", "alice")
    desk.do(1004, "#close", "bob")
    desk.clock.now = WEDNESDAY
    assert customer(desk, "wednesday") == "alice"


def test_when_nobody_is_there_the_team_has_it_and_the_history_says_why(desk_with: Made) -> None:
    desk = desk_with(ROUND)
    desk.clock.now = WEDNESDAY
    says(desk, "alice", "#away\n")
    desk.relay.take()

    assert customer(desk) is None

    assert "nobody is available (alice is away, bob is outside working hours)" in desk.history()[0].reason
    told = {each.rcpt_to for each in desk.relay.sent if each.event == "new_ticket"}
    assert told == {"bob@acme.test", "dora@acme.test"}


def test_when_all_of_a_team_are_away_they_are_told_all_the_same(desk_with: Made) -> None:
    desk = desk_with()
    for agent in ("alice", "bob", "dora"):
        says(desk, agent, "#away\n")
    desk.relay.take()

    customer(desk)

    told = {each.rcpt_to for each in desk.relay.sent if each.event == "new_ticket"}
    assert told == {"alice@acme.test", "bob@acme.test", "dora@acme.test"}


def test_a_customer_stays_with_the_agent_who_had_him(desk_on_both: Made) -> None:
    desk = desk_on_both(STICKY, ROUND)
    assert customer(desk, "jane") == "alice"
    desk.do(1001, "#assign bob", "alice")
    desk.do(1001, "#resolve", "bob")

    assert customer(desk, "jane", subject="Again") == "bob"
    assert customer(desk, "joe") == "alice"


def test_a_category_finds_its_team_and_a_skill_its_expert(desk_with: Made) -> None:
    table = '[[assignment]]\nstrategy = "category"\nto = { vpn = "network" }\n'
    desk = desk_with(table, '[[assignment]]\nstrategy = "skill"\n', ROUND)
    assert customer(desk, "a", "The tunnel is down.\n") == "carol"
    assert desk.ticket().teams == ("network",)
    assert any(isinstance(each.change, TeamsChanged) for each in desk.history())

    assert [customer(desk, f"b{number}", "My invoices are wrong.\n") for number in range(3)] == ["alice"] * 3


def test_who_may_not_answer_customers_is_given_nothing(desk_with: Made) -> None:
    desk = desk_with(ROUND)

    assert "dora" not in {customer(desk, f"c{number}") for number in range(5)}


def test_business_hours_of_the_desk_keep_tickets_with_the_team_at_night(desk_with: Made) -> None:
    hours = '[[calendars]]\nname = "office"\nhours = { mon = "09:00-17:00" }\n'
    desk = desk_with(hours, f"{ROUND}only_business_hours = true\n")
    assert customer(desk, "day") == "alice"

    desk.clock.now = MONDAY.replace(hour=22)

    assert customer(desk, "night") is None
    assert "only in the hours of office" in desk.history(1002)[0].reason


def test_a_forwarded_mail_and_a_follow_up_are_assigned_too(desk_with: Made) -> None:
    desk = desk_with(ROUND)
    forward = (
        "Please.\n\n---------- Forwarded message ---------\nFrom: Jane Doe <jane@customer.test>\n"
        "Date: Mon, 2 Mar 2026 at 09:00\nSubject: Printer on fire\nTo: Carol <carol@acme.test>\n\nThe printer burns.\n"
    )
    desk.receive(
        written(author="carol@acme.test", subject="Fwd: Printer on fire", body=forward, headers=PROVEN), trusted=True
    )
    assert desk.ticket().assignee == "alice"
    assert [each.event for each in desk.relay.to("alice@acme.test")] == ["assignment"]

    desk.do(1001, "#reply Pull the plug.\n#close", "alice")
    answer = desk.relay.to("jane@customer.test")[0]
    desk.clock.advance(days=49)
    desk.answer(answer, "It burns again.", author="jane@customer.test")

    assert desk.ticket(1002).assignee == "bob"


def test_old_mails_that_are_imported_are_nobodys(desk_with: Made) -> None:
    desk = desk_with(ROUND)

    done = desk.receive(written(), quiet=True)

    assert done.ticket is not None
    assert desk.ticket(done.ticket).assignee is None


def test_explain_says_who_would_get_it_and_takes_no_turn(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)
    mail: InboundMail = understand(written(), desk.room.book.hints, Limits())

    for _ in range(2):
        told = explain(mail, Envelope(Via.FILE, desk.clock()), desk.room.book, desk.room.store, desk.clock())

        assert "assign to alice (was nobody)" in actions(told, desk.room.book)
        assert "round-robin: it is the turn of alice" in told.decision.because


def test_who_goes_away_hands_his_urgent_tickets_on_and_both_are_told(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)
    for number, body in enumerate(("An outage!\n", "x\n", "An outage!\n", "x\n", "An outage!\n")):
        customer(desk, f"c{number}", body)
    assert Counter(desk.ticket(number).assignee for number in (1001, 1003, 1005)) == {"alice": 3}
    desk.do(1005, "#close", "alice")
    desk.relay.take()

    says(desk, "alice", "#away until 2026-03-10 08:00\n")

    # bob has two tickets and may have three
    assert [desk.ticket(number).assignee for number in (1001, 1003, 1005)] == ["bob", "alice", "alice"]
    event = next(each for each in reversed(desk.history(1001)) if isinstance(each.change, Assigned))
    assert event.actor == "agent:alice"
    assert event.reason == "alice is away until 2026-03-10 08:00; round-robin: it is the turn of bob"
    told = desk.relay.to("bob@acme.test")
    assert [each.event for each in told] == ["assignment"]
    assert "alice is away until 2026-03-10 08:00" in told[0].text
    transcript = desk.relay.to("alice@acme.test")[-1].text
    assert "TICK-1001" in transcript
    assert "bob" in transcript
    assert "TICK-1003" in transcript
    assert "stays yours" in transcript
    assert not [each for each in desk.relay.sent if "customer" in each.rcpt_to]


def test_tickets_that_are_handed_on_go_round_as_well(desk_with: Made) -> None:
    desk = desk_with(ROUND.replace("\n", '\nteam = "first-line"\n', 1), ROUND)
    for number in range(3):
        customer(desk, f"c{number}", "An outage!\n")
    for number in (1001, 1002, 1003):
        if desk.ticket(number).assignee != "bob":
            desk.do(number, "#assign bob", "alice")
    desk.relay.take()

    desk.do(1001, "#away", "bob")

    assert {desk.ticket(number).assignee for number in (1001, 1002, 1003)} == {"alice"}
    assert [each.event for each in desk.relay.to("alice@acme.test")] == ["assignment"] * 3
    assert len({each["Message-ID"] for each in desk.relay.to("alice@acme.test")}) == 3


def test_a_desk_that_does_not_want_it_hands_nothing_on(tmp_path: Path, sqlite_url: str) -> None:
    desk = DeskDriver(tmp_path, sqlite_url, CONFIG.replace(HANDS_ON, ""), ROUND)
    customer(desk, body="An outage!\n")

    says(desk, "alice", "#away\n")

    assert desk.ticket().assignee == "alice"
    desk.close()


def ticks(desk: DeskDriver, now: datetime) -> None:
    """The clock goes on in small steps, as the daemon's does."""
    desk.tick()
    desk.clock.now = now - timedelta(seconds=5)
    desk.tick()
    desk.clock.now = now
    desk.tick()


NIGHT, MORNING = MONDAY.replace(hour=22), (MONDAY + timedelta(days=1)).replace(hour=9)


def test_what_came_in_the_night_is_given_to_those_who_come_in_the_morning(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)
    says(desk, "alice", "#away\n")
    desk.clock.now = NIGHT
    assert [customer(desk, f"c{number}") for number in range(2)] == [None, None]
    desk.relay.take()

    ticks(desk, MORNING)

    assert [desk.ticket(number).assignee for number in (1001, 1002)] == ["bob", "bob"]
    told = desk.relay.take()
    assert [(each.rcpt_to, each.event) for each in told] == [("bob@acme.test", "assignment")] * 2
    assert "nobody was available before; round-robin: it is the turn of bob" in told[0].text
    assert "The printer burns." in told[0].text
    ticks(desk, MORNING + timedelta(hours=1))
    assert not desk.relay.take()


def test_who_is_back_gets_what_waited(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)
    desk.clock.now = WEDNESDAY
    says(desk, "alice", "#away\n")
    assert customer(desk) is None
    ticks(desk, WEDNESDAY + timedelta(hours=1))
    assert desk.ticket().assignee is None

    says(desk, "alice", "#back\n")
    desk.tick()

    assert desk.ticket().assignee == "alice"


def test_a_desk_that_is_full_takes_the_next_one_when_there_is_room(desk_with: Made) -> None:
    desk = desk_with(ROUND)
    says(desk, "alice", "#away\n")
    assert [customer(desk, f"c{number}") for number in range(5)] == ["bob", "bob", "bob", None, None]
    ticks(desk, MONDAY + timedelta(minutes=5))
    assert desk.ticket(1004).assignee is None

    desk.do(1002, "#close", "bob")
    desk.tick()

    assert [desk.ticket(number).assignee for number in (1004, 1005)] == ["bob", None]


def test_when_the_office_opens_its_entry_is_asked_again(desk_with: Made) -> None:
    hours = '[[calendars]]\nname = "office"\nhours = { mon = "09:00-17:00", tue = "09:00-17:00" }\n'
    desk = desk_with(hours, f"{ROUND}only_business_hours = true\n")
    desk.clock.now = NIGHT
    assert customer(desk, "night") is None

    ticks(desk, MORNING)

    assert desk.ticket().assignee == "alice"


def test_what_somebody_gave_back_is_not_given_to_anybody_by_itself(desk_with: Made) -> None:
    desk = desk_with(ROUND)
    assert customer(desk) == "alice"
    desk.do(1001, "#drop", "alice")
    assert desk.ticket().assignee is None

    says(desk, "bob", "#away\n")
    desk.tick()
    says(desk, "bob", "#back\n")
    desk.tick()

    assert desk.ticket().assignee is None


def test_a_desk_that_begins_to_assign_leaves_what_lies_there_alone(desk_with: Made) -> None:
    before = desk_with()
    assert customer(before) is None
    before.close()
    desk = desk_with(ROUND)

    ticks(desk, MORNING)

    assert desk.ticket().assignee is None


def test_two_that_look_at_once_give_a_ticket_to_one(desk_on_both: Made) -> None:
    desk = desk_on_both(ROUND)
    says(desk, "alice", "#away\n")
    desk.clock.now = NIGHT
    for number in range(6):
        customer(desk, f"c{number}")
    desk.tick()
    desk.clock.now = MORNING
    with ThreadPoolExecutor(2) as both:
        found = [each.result() for each in [both.submit(place_waiting, desk.room, MORNING) for _ in "ab"]]

    assert sorted(number for lot in found for number, _ in lot) == [1001, 1002, 1003]
    given = [each for number in range(1001, 1007) for each in desk.history(number)]
    assert sum(isinstance(each.change, Assigned) for each in given) == 3
