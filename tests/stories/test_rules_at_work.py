"""The admin's rules in a desk's day: set off by mails and by time, seen by those whom they concern, and never a loop."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from maild.desk.tick import would_tick
from maild.tickets.fold import fold
from tests.desk_driver import CONFIG, PROVEN, DeskDriver, written
from tests.tickets.test_history_is_the_ticket import Life

JANE = "Jane Doe <jane@customer.test>"
Open = Callable[[str], DeskDriver]


def _desks(folder: Path, url: str) -> Iterator[Open]:
    opened: list[DeskDriver] = []
    (folder / "canned").mkdir()
    (folder / "canned" / "hours.md").write_text("Hello {{customer.first_name}},\n\nwe are there from 9 to 5.\n")

    def build(rules: str) -> DeskDriver:
        config = CONFIG.replace("admins =", 'canned_dir = "canned"\nadmins =')
        opened.append(DeskDriver(folder, url, config, rules))
        return opened[-1]

    yield build
    for each in opened:
        each.close()


@pytest.fixture
def open_desk(tmp_path: Path, sqlite_url: str) -> Iterator[Open]:
    """A desk with these rules."""
    yield from _desks(tmp_path, sqlite_url)


@pytest.fixture
def open_desks(tmp_path: Path, database_url: str) -> Iterator[Open]:
    """The same on both databases, for what the store has a part in."""
    yield from _desks(tmp_path, database_url)


OUTAGE = """
[[rules]]
name = "outage"
on = ["created", "replied"]
when = '"service down" or outage'
then = { set_priority = "urgent", add_tags = ["outage"], assign_team = "network", notify = ["dora"] }
"""


def test_a_mails_words_set_priority_team_and_tags_and_the_history_names_the_rule(open_desks: Open) -> None:
    desk = open_desks(OUTAGE)

    desk.receive(written(author=JANE, subject="Help", body="Since noon the Service Down page is all we see.\n"))

    ticket = desk.ticket()
    assert (ticket.priority, ticket.tags, ticket.teams) == ("urgent", ("outage",), ("network",))
    by_rule = [event for event in desk.history() if event.actor == "rule:outage"]
    assert [event.change.kind for event in by_rule] == ["priority", "tags", "teams"]
    assert {event.reason for event in by_rule} == {"rule outage"}
    assert ticket == fold(1001, None, desk.history())


def test_the_new_team_is_told_and_whom_the_rule_names_and_nobody_twice(open_desk: Open) -> None:
    desk = open_desk(OUTAGE)

    desk.receive(written(author=JANE, subject="Total outage"))

    assert [(each.rcpt_to, each.event) for each in desk.relay.sent if "acme" in each.rcpt_to] == [
        ("bob@acme.test", "new_ticket"),
        ("dora@acme.test", "change"),
    ]
    assert "rule outage" in desk.relay.to("dora@acme.test")[0].text
    assert "outage" not in desk.relay.to("jane@customer.test")[0].text.replace("Total outage", "")


def test_a_later_mail_is_looked_at_by_its_new_words_only(open_desk: Open) -> None:
    desk = open_desk(OUTAGE)
    desk.receive(written(author=JANE, subject="A question"))
    acknowledgement = desk.relay.to("jane@customer.test")[0]
    desk.clock.advance(minutes=5)

    desk.answer(acknowledgement, "It may wait.", author=JANE)
    before = desk.ticket().priority
    desk.clock.advance(minutes=5)
    desk.answer(acknowledgement, "Now it is an outage!", author=JANE)

    assert (before, desk.ticket().priority) == ("normal", "urgent")


def test_an_agents_own_changes_set_rules_off_and_what_rules_do_does_not(open_desk: Open) -> None:
    desk = open_desk(
        """
[[rules]]
name = "up"
on = ["priority", "tagged"]
when = "priority:high"
then = { set_priority = "low", add_tags = ["up"] }

[[rules]]
name = "down"
on = ["priority", "tagged"]
when = "priority:low"
then = { set_priority = "high", add_tags = ["down"] }
"""
    )
    desk.receive(written(author=JANE))

    desk.do(1001, "#priority high", "alice")

    ticket = desk.ticket()
    assert (ticket.priority, ticket.tags) == ("high", ("up", "down"))
    assert [event.actor for event in desk.history() if event.change.kind == "priority"] == [
        "agent:alice", "rule:up", "rule:down",
    ]  # fmt: skip


def test_a_rule_answers_a_person_once_with_canned_words_in_place_of_the_acknowledgement(open_desks: Open) -> None:
    hours = '[[rules]]\nname = "{}"\non = "created"\nwhen = "opening hours"\nthen = {{ answer = "hours" }}\n'
    desk = open_desks(hours.format("hours") + hours.format("again"))

    desk.receive(written(author=JANE, subject="Opening hours?"))

    sent = desk.relay.to("jane@customer.test")
    assert [(each.event, each["Auto-Submitted"]) for each in sent] == [("answer", "auto-replied")]
    assert "Hello Jane,\r\n\r\nwe are there from 9 to 5.\r\n\r\n-- \r\nAcme Support\r\n" in sent[0].text
    assert [(row.direction, row.visibility, row.kind) for row in desk.messages()] == [
        ("in", "public", "normal"),
        ("out", "public", "auto_reply"),
    ]
    assert desk.messages()[0].message_id != sent[0]["Message-ID"] == desk.messages()[1].message_id
    assert desk.ticket().first_response_at is None, "no agent has answered yet"
    desk.clock.advance(minutes=5)
    desk.answer(sent[0], "Thank you.", author=JANE)
    assert len(desk.tickets()) == 1


def test_a_robot_gets_no_automatic_answer_of_a_rule(open_desk: Open) -> None:
    desk = open_desk('[[rules]]\nname = "hours"\non = "created"\nthen = { answer = "hours" }\n')

    desk.receive(written(author="noreply@shop.test", headers="Precedence: bulk\n"))
    desk.receive(written(author="x@shop.test", headers="Auto-Submitted: auto-generated\n"))

    assert not [each for each in desk.relay.sent if each.rcpt_to.endswith("shop.test")]
    assert all(row.direction == "in" for ticket in desk.tickets() for row in desk.messages(ticket.number))


def test_automatic_answers_of_rules_stay_under_the_caps(open_desk: Open) -> None:
    desk = open_desk('[[rules]]\nname = "hours"\non = ["created", "replied"]\nthen = { answer = "hours" }\n')

    for number in range(6):
        desk.receive(written(author=JANE, subject=f"Question {number}"))
        desk.clock.advance(minutes=1)

    sent = desk.relay.to("jane@customer.test")
    filed = [row for ticket in desk.tickets() for row in desk.messages(ticket.number) if row.direction == "out"]
    assert len(sent) == len(filed) == 3, "as many as [automatic] allows in an hour, and none is shown that never left"


def test_spam_by_a_rule_is_closed_in_silence(open_desk: Open) -> None:
    desk = open_desk('[[rules]]\nname = "casino"\non = "created"\nwhen = "casino"\nthen = { mark_spam = true }\n')

    desk.receive(written(author="eve@evil.test", subject="Casino bonus"))

    assert (desk.ticket().spam, desk.ticket().phase.value) == (True, "closed")
    assert not desk.relay.to("eve@evil.test")


def test_a_broken_rule_is_skipped_recorded_and_told_once_and_the_mail_goes_on(open_desk: Open) -> None:
    desk = open_desk(
        """
[[statuses]]
name = "open"
phase = "active"

[[statuses]]
name = "parked"
phase = "hold"

[[statuses]]
name = "closed"
phase = "closed"

[[rules]]
name = "shelf"
on = "created"
when = "-status:parked"
then = { add_tags = ["new"] }

[[rules]]
name = "after"
on = "created"
then = { add_tags = ["seen"] }
"""
    )
    _forget_status(desk, "parked")

    for number in range(2):
        desk.receive(written(author=JANE, subject=f"Question {number}"))
        desk.clock.advance(minutes=1)

    assert [ticket.tags for ticket in desk.tickets()] == [("seen",), ("seen",)]
    refused = [event for event in desk.history() if event.change.kind == "refused"]
    assert [(event.actor, event.change.by) for event in refused] == [("rule:shelf", "rule:shelf")]  # type: ignore[union-attr]
    assert "parked" in refused[0].change.what  # type: ignore[union-attr]
    told = desk.relay.to("root@acme.test")
    assert [each.event for each in told] == ["trouble"]
    assert "rule shelf" in told[0].text


def _forget_status(desk: DeskDriver, name: str) -> None:
    """The rulebook as a reload with fewer statuses would leave it if `maild check` did not refuse the file."""
    from dataclasses import replace

    book = desk.room.book
    statuses = tuple(each for each in book.workflow.statuses if each.name != name)
    desk.room.book = replace(book, workflow=replace(book.workflow, statuses=statuses))


def test_old_mails_that_are_imported_set_nothing_off(open_desk: Open) -> None:
    desk = open_desk(OUTAGE)

    desk.receive(written(author=JANE, subject="Total outage"), quiet=True)

    assert desk.ticket().tags == ()


SILENCE = """
[[rules]]
name = "forgotten"
every = "1h"
when = "is:needs-response heard:<2d -tag:forgotten"
then = { escalate = true, add_tags = ["forgotten"], notify = ["team"] }
"""


def test_time_escalates_what_nobody_answers_once(open_desks: Open) -> None:
    desk = open_desks(SILENCE)
    desk.receive(written(author=JANE))
    desk.relay.take()

    levels = []
    for hours in (47, 2, 1, 1, 20):
        desk.clock.advance(hours=hours)
        desk.tick()
        levels.append(desk.ticket().level)

    assert levels == [0, 1, 1, 1, 1]
    ticket = desk.ticket()
    assert (ticket.priority, ticket.tags) == ("high", ("forgotten",))
    assert ticket == fold(1001, None, desk.history())
    assert {event.actor for event in desk.history() if event.change.kind == "escalation"} == {"rule:forgotten"}


def test_what_a_rule_of_time_would_do_is_foreseen_and_nothing_is_written(open_desk: Open) -> None:
    desk = open_desk(SILENCE)
    desk.receive(written(author=JANE))
    before = desk.history()

    early = would_tick(desk.room, desk.clock() + timedelta(hours=47))
    late = would_tick(desk.room, desk.clock() + timedelta(hours=49))

    assert not [each for each in early if each.kind.startswith("rule:")]
    [by_rule] = [each for each in late if each.kind.startswith("rule:")]
    assert (by_rule.ticket, by_rule.kind) == (1001, "rule:forgotten")
    assert "forgotten" in by_rule.words
    assert desk.history() == before
    desk.clock.advance(hours=49)
    desk.tick()
    assert "rule:forgotten" in {event.actor for event in desk.history()}


def test_a_rule_of_time_acts_on_a_ticket_once_a_day_at_most(open_desk: Open) -> None:
    desk = open_desk('[[rules]]\nname = "up"\nevery = "1h"\nwhen = "is:open"\nthen = { escalate = true }\n')
    desk.receive(written(author=JANE))

    for _ in range(12):
        desk.clock.advance(hours=4)
        desk.tick()

    assert desk.ticket().level == 3, "three local days were touched"


def test_a_daily_reminder_leaves_at_its_hour_and_changes_nothing(open_desk: Open) -> None:
    desk = open_desk(
        '[[rules]]\nname = "morning"\nevery = "daily 08:30"\nwhen = "is:needs-response"\nthen = { notify = "alice" }\n'
    )
    desk.receive(written(author=JANE))
    desk.relay.take()

    told = []
    for hours in (1, 20, 1, 1, 1, 22, 1, 1, 22, 1, 1):
        desk.clock.advance(hours=hours)
        desk.tick()
        told += [(desk.clock.now.hour, each.rcpt_to, each.event) for each in desk.relay.take()]

    assert told == [(8, "alice@acme.test", "change")] * 3, "08:30 in Berlin is 07:30 UTC; the pulse came at 08:00"
    assert not [event for event in desk.history() if event.actor.startswith("rule:")]


def test_many_tickets_are_done_in_batches_and_a_second_run_writes_nothing(open_desks: Open) -> None:
    desk = open_desks('[[rules]]\nname = "mark"\nevery = "1h"\nwhen = "is:open"\nthen = { add_tags = "seen" }\n')
    for number in range(5):
        desk.keep(written(author=f"c{number}@customer.test"))

    desk.clock.advance(hours=1)
    desk.tick()
    desk.clock.advance(hours=25)
    desk.tick()

    histories = [desk.history(ticket.number) for ticket in desk.tickets()]
    assert len(histories) == 5
    assert {sum(event.actor == "rule:mark" for event in history) for history in histories} == {1}


def test_an_agents_mail_sets_rules_off_too(open_desk: Open) -> None:
    desk = open_desk(
        '[[rules]]\nname = "done"\non = "answered"\nwhen = "tag:quick"\nthen = { set_status = "resolved" }\n'
    )
    desk.receive(written(author=JANE))
    desk.do(1001, "#tag quick", "alice")
    notice = desk.relay.to("alice@acme.test")[0]

    desk.answer(notice, "Use the other tray.", author="Alice <alice@acme.test>", extra=PROVEN)

    assert desk.ticket().status == "resolved"


def test_a_promise_that_time_breaks_sets_rules_off(open_desk: Open) -> None:
    desk = open_desk('[[rules]]\nname = "late"\non = "sla_breach"\nthen = { add_tags = "late", notify = "dora" }\n')
    desk.receive(written(author=JANE))
    desk.relay.take()

    for _ in range(3):
        desk.clock.advance(hours=12)
        desk.tick()

    assert desk.ticket().tags == ("late",)
    assert [each.event for each in desk.relay.to("dora@acme.test")][:1] == ["change"]


def test_a_rule_hears_a_customer_who_comes_back(open_desk: Open) -> None:
    desk = open_desk(
        '[[rules]]\nname = "again"\non = "reopened"\nwhen = "broken"\nthen = { set_priority = "high", assign = "bob" }\n'
    )
    desk.receive(written(author=JANE))
    desk.do(1001, "#resolve", "alice")
    resolved = next(each for each in desk.relay.to("jane@customer.test") if each.event == "resolved")
    desk.clock.advance(minutes=5)

    desk.answer(resolved, "It is still broken.", author=JANE)

    ticket = desk.ticket()
    assert (ticket.phase.value, ticket.priority, ticket.assignee) == ("active", "high", "bob")
    assert "assignment" in [each.event for each in desk.relay.to("bob@acme.test")]


MANY = "".join(
    f'[[rules]]\nname = "r{place}"\non = {on}\nevery = "3h"\nwhen = "{when}"\nthen = {{ {then} }}\n'
    for place, (on, when, then) in enumerate(
        [
            ('["created", "replied"]', "help or so", 'set_priority = "high", add_tags = "a"'),
            ('["priority", "tagged"]', "is:urgent or tag:a", 'assign_team = "network", remove_tags = "a"'),
            ('["assigned", "status"]', "is:open -assignee:bob", 'assign = "bob", notify = ["alice", "team"]'),
            ('["reopened", "noted"]', "", "escalate = true"),
            ('["answered"]', "priority:>=high", 'set_status = "waiting", answer = "hours"'),
            ('["status"]', "is:closed", 'add_tags = ["done", "b"], set_priority = "low"'),
        ]
    )
)


def test_after_any_day_with_rules_every_ticket_is_the_fold_of_its_history(open_desk: Open) -> None:
    desk = open_desk(MANY)
    life = Life(desk, seed=7)

    for _ in range(20):
        life.step()

    acts = [event for ticket in desk.tickets() for event in desk.history(ticket.number)]
    assert sum(event.actor.startswith("rule:") for event in acts) > 20
    assert not [event for event in acts if event.change.kind == "refused"]
    for ticket in desk.tickets():
        assert ticket == fold(ticket.number, None, desk.history(ticket.number))


class _Hook(BaseHTTPRequestHandler):
    taken: list[dict[str, object]]
    refuse = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if type(self).refuse:
            type(self).refuse -= 1
            self.send_response(503)
        else:
            type(self).taken.append(body)
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def hook() -> Iterator[tuple[str, type[_Hook]]]:
    """Another system, and its address."""

    other = type("Hook", (_Hook,), {"taken": [], "refuse": 1})
    server = HTTPServer(("127.0.0.1", 0), other)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/maild", other
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_system_is_told_and_again_later_when_it_was_away(
    open_desks: Open, hook: tuple[str, type[_Hook]]
) -> None:
    url, other = hook
    desk = open_desks(f'[[rules]]\nname = "tell"\non = "created"\nthen = {{ webhook = "{url}" }}\n')

    desk.receive(written(author=JANE, subject="Printer on fire"))
    desk.tick()
    refused = list(other.taken)
    desk.clock.advance(minutes=2)
    desk.tick()
    desk.clock.advance(days=1)
    desk.tick()

    assert refused == []
    assert len(other.taken) == 1
    assert other.taken[0]["rule"] == "tell"
    assert other.taken[0]["ticket"]["subject"] == "Printer on fire"  # type: ignore[index]
