"""Each action of a rule: what it changes, and that it leaves alone what is so already."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from maild.config.schema_rules import ThenEntry
from maild.mail.model import Mailbox
from maild.rules.actions import ACTIONS, BY_NAME, Action, Answer, Call, Scene, Tell
from maild.rules.actions.notify import agents_of
from maild.tickets.events import Event, numbered
from maild.tickets.fields import FieldKind, FieldType
from maild.tickets.fold import fold
from maild.tickets.people import Agent, Directory
from maild.tickets.query import Setting
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import DEFAULT_PRIORITIES, DEFAULT_WORKFLOW, Phase

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALICE = Agent("alice", "alice@acme.test", teams=("first-line",))
BOB = Agent("bob", "bob@acme.test", teams=("network", "first-line"), addresses=("bob@home.test",))
DIRECTORY = Directory((ALICE, BOB), (), ("alice@acme.test", "outside@acme.test"))
SCENE = Scene(Setting(NOW, UTC, DEFAULT_WORKFLOW, DEFAULT_PRIORITIES), DIRECTORY)
TICKET = Ticket(
    number=1001,
    subject="Printer on fire",
    status="open",
    phase=Phase.ACTIVE,
    priority="normal",
    category=None,
    requester=Mailbox("jane@customer.test"),
    inbox="support@acme.test",
    created_at=NOW,
    updated_at=NOW,
    phase_at=NOW,
    assignee="alice",
    teams=("first-line",),
    tags=("vpn",),
    followers=("bob",),
)


def after(name: str, value: object, ticket: Ticket = TICKET, scene: Scene = SCENE) -> Ticket:
    """The ticket after an action; a second time it must change nothing, but for an escalation."""
    action = Action(BY_NAME[name], value)
    done = action.on(ticket, scene)
    changed = fold(1001, ticket, numbered([Event(NOW, "rule:x", change) for change in done.changes], 0))
    assert name == "escalate" or action.on(changed, scene).changes == ()
    return replace(changed, seq=ticket.seq)


@pytest.mark.parametrize(
    ("name", "value", "fields"),
    [
        ("set_priority", "urgent", {"priority": "urgent"}),
        ("set_priority", "normal", {}),
        ("set_category", "billing", {"category": "billing"}),
        ("set_status", "waiting", {"status": "waiting", "phase": Phase.WAITING}),
        ("set_status", "Pending", {"status": "waiting", "phase": Phase.WAITING}),
        ("set_status", "open", {}),
        ("assign", "bob", {"assignee": "bob"}),
        ("assign", "alice", {}),
        ("assign_team", "network", {"teams": ("network",), "assignee": None}),
        ("assign_team", "first-line", {}),
        ("add_tags", ("vpn", "new"), {"tags": ("vpn", "new")}),
        ("add_tags", ("vpn",), {}),
        ("remove_tags", ("vpn", "gone"), {"tags": ()}),
        ("remove_tags", ("gone",), {}),
        ("set_field", (("product", "router"),), {"fields": (("product", "router"),)}),
        ("escalate", True, {"level": 1, "priority": "high"}),
    ],
)
def test_an_action_changes_its_part_of_the_ticket(name: str, value: object, fields: dict[str, object]) -> None:
    assert after(name, value) == replace(TICKET, **fields)  # type: ignore[arg-type]


def test_another_team_keeps_an_assignee_who_is_in_it() -> None:
    assert after("assign_team", "network", replace(TICKET, assignee="bob")).assignee == "bob"


def test_at_the_highest_priority_escalating_raises_the_level_alone() -> None:
    raised = after("escalate", True, replace(TICKET, priority="urgent"))

    assert (raised.level, raised.priority) == (1, "urgent")


@pytest.mark.parametrize(
    ("status", "wanted", "words"),
    [
        ("closed", "waiting", "from closed there is no step to waiting"),
        ("open", "parked", "there is no status parked"),
    ],
)
def test_a_step_that_the_workflow_lacks_is_not_taken(status: str, wanted: str, words: str) -> None:
    done = Action(BY_NAME["set_status"], wanted).on(replace(TICKET, status=status), SCENE)

    assert (done.changes, done.words) == ((), words)


def test_nothing_is_resolved_without_its_required_fields() -> None:
    scene = replace(SCENE, fields=(FieldType("product", FieldKind.TEXT, required=True),))

    done = Action(BY_NAME["set_status"], "resolved").on(TICKET, scene)

    assert (done.changes, done.words) == ((), "product must be known before it is resolved")


def test_spam_is_marked_and_closed() -> None:
    spam = after("mark_spam", True)

    assert (spam.spam, spam.status) == (True, "closed")


def test_what_goes_beyond_the_ticket_is_a_wish() -> None:
    given = [("notify", ("bob",)), ("answer", "hours"), ("webhook", "https://x.test/")]

    wishes = [Action(BY_NAME[name], value).on(TICKET, SCENE).wishes for name, value in given]

    assert wishes == [(Tell(("bob",)),), (Answer("hours"),), (Call("https://x.test/"),)]
    assert [kind.name for kind in ACTIONS if kind.tells] == [name for name, _ in given]


@pytest.mark.parametrize("ticket", [replace(TICKET, answerable=False), replace(TICKET, spam=True)])
def test_who_gets_no_automatic_mail_gets_no_answer(ticket: Ticket) -> None:
    assert Action(BY_NAME["answer"], "hours").on(ticket, SCENE).wishes == ()


@pytest.mark.parametrize(
    ("whom", "names"),
    [
        (("bob",), ["bob"]),
        (("bob@home.test", "bob"), ["bob"]),
        (("network",), ["bob"]),
        (("assignee",), ["alice"]),
        (("team",), ["alice", "bob"]),
        (("followers", "assignee"), ["bob", "alice"]),
        (("admins",), ["alice"]),
        (("nobody",), []),
    ],
)
def test_whom_notify_means(whom: tuple[str, ...], names: list[str]) -> None:
    assert [agent.name for agent in agents_of(whom, TICKET, DIRECTORY)] == names


def test_the_config_knows_every_action_in_the_same_order() -> None:
    assert list(ThenEntry.model_fields) == [kind.name for kind in ACTIONS]
