"""The engine: what sets rules off, in which order, and that nothing ever loops."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.model import Mailbox
from maild.rules.actions import ACTIONS, BY_NAME, Action, ActionKind, Done, Scene, Tell
from maild.rules.asking import asked
from maild.rules.engine import MOST_ROUNDS, Reaction, Rule, react
from maild.rules.schedule import Daily, Interval, is_due
from maild.rules.triggers import Trigger, triggers_of
from maild.tickets.events import (
    Change,
    Event,
    MessageFiled,
    Opened,
    PriorityChanged,
    SlaReached,
    StatusChanged,
    TagsChanged,
    numbered,
)
from maild.tickets.fold import fold
from maild.tickets.people import Agent, Directory
from maild.tickets.query import Setting, parse_query
from maild.tickets.ticket import Ticket
from maild.tickets.words import contains
from maild.tickets.workflow import DEFAULT_PRIORITIES, DEFAULT_WORKFLOW, Phase

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALICE = Agent("alice", "alice@acme.test", teams=("first-line",))
BOB = Agent("bob", "bob@acme.test", teams=("network",))
SETTING = Setting(NOW, UTC, DEFAULT_WORKFLOW, DEFAULT_PRIORITIES, prefix="TICK")
SCENE = Scene(SETTING, Directory((ALICE, BOB), ()))
OPENED = Opened("Printer on fire", Mailbox("jane@customer.test"), "new", Phase.NEW, "normal", "support@acme.test")
FIRST = MessageFiled(1, "in", "public", "normal", "customer", "jane@customer.test")


def events(*changes: Change, actor: str = "agent:alice", start: int = 0) -> tuple[Event, ...]:
    return tuple(numbered([Event(NOW, actor, change, "", "mail") for change in changes], start))


def rule(name: str, on: str, when: str = "", *, stop: bool = False, **then: object) -> Rule:
    actions = tuple(Action(BY_NAME[action], value) for action, value in then.items())
    return Rule(name, actions, frozenset(map(Trigger, on.split())), when=parse_query(when), stop=stop, written=when)


def reaction(*rules: Rule, changes: tuple[Change, ...] = (OPENED, FIRST), words: str = "") -> Reaction:
    done = events(*changes)
    ticket = fold(1001, None, done)
    return react(rules, done, ticket, SCENE, lambda word: contains((ticket.subject, words), word))


def test_a_rule_fires_on_its_event_when_its_query_holds() -> None:
    fired = reaction(rule("hot", "created", "fire", set_priority="urgent"))

    assert fired.ticket.priority == "urgent"
    assert [(event.actor, event.change, event.seq) for event in fired.events] == [
        ("rule:hot", PriorityChanged("normal", "urgent"), 3)
    ]
    assert fired.log == ("hot: set_priority urgent",)
    assert fired.events[0].cause == "mail"


@pytest.mark.parametrize(("on", "when"), [("replied", "fire"), ("created", "water"), ("created", "-fire")])
def test_neither_another_event_nor_another_word_is_enough(on: str, when: str) -> None:
    assert reaction(rule("cold", on, when, set_priority="urgent")).events == ()


def test_rules_see_the_ticket_as_those_before_left_it() -> None:
    fired = reaction(
        rule("first", "created", set_priority="urgent"), rule("second", "created", "is:urgent", assign="bob")
    )

    assert (fired.ticket.assignee, fired.fired) == ("bob", ("first", "second"))


def test_a_rule_that_came_too_early_is_asked_once_more() -> None:
    fired = reaction(
        rule("waits", "created", "is:urgent", assign="bob"), rule("makes", "created", set_priority="urgent")
    )

    assert (fired.ticket.assignee, fired.fired, fired.rounds) == ("bob", ("makes", "waits"), 2)


def test_what_rules_do_sets_no_rule_off() -> None:
    fired = reaction(
        rule("tags", "created", add_tags=("vpn",)), rule("hears", "tagged", "tag:vpn", set_priority="urgent")
    )

    assert (fired.ticket.tags, fired.ticket.priority) == (("vpn",), "normal")


def test_a_rule_hears_nothing_of_events_by_rules() -> None:
    done = events(TagsChanged((), ("vpn",)), actor="rule:other", start=2)
    ticket = fold(1001, fold(1001, None, events(OPENED, FIRST)), done)

    assert react((rule("hears", "tagged", set_priority="urgent"),), done, ticket, SCENE, lambda _: False).events == ()


def test_after_a_rule_that_stops_no_other_fires() -> None:
    fired = reaction(
        rule("not", "created", "water", stop=True, add_tags=("a",)),
        rule("stops", "created", stop=True, add_tags=("b",)),
        rule("after", "created", add_tags=("c",)),
    )

    assert fired.ticket.tags == ("b",)


def test_a_rule_fires_once_in_an_act_however_many_of_its_events_there_are() -> None:
    fired = reaction(rule("up", "created status priority", escalate=True))

    assert fired.ticket.level == 1


def test_wishes_are_given_with_the_rules_name() -> None:
    fired = reaction(rule("tell", "created", notify=("bob",)))

    assert [(wanted.rule, wanted.wish) for wanted in fired.wishes] == [("tell", Tell(("bob",)))]
    assert fired.events == ()


def _bug(_value: object, _ticket: Ticket, _scene: Scene) -> Done:
    raise ZeroDivisionError("of the rule's own making")


def test_a_rule_that_raises_does_nothing_is_recorded_once_and_the_others_go_on() -> None:
    broken = Rule("broken", (Action(BY_NAME["set_priority"], "urgent"), Action(ActionKind("bug", _bug), "")))

    fired = reaction(
        Rule(broken.name, broken.then, frozenset({Trigger.CREATED})),
        rule("waits", "created", "tag:seen", add_tags=("twice",)),
        rule("after", "created", add_tags=("seen",)),
    )

    assert fired.ticket.priority == "normal", "half of a rule is not done"
    assert fired.ticket.tags == ("seen", "twice")
    assert [(each.rule, each.what) for each in fired.failed] == [
        ("broken", "ZeroDivisionError: of the rule's own making")
    ]
    assert [event.change.kind for event in fired.events if event.actor == "rule:broken"] == ["refused"]


def test_a_query_that_means_nothing_any_more_breaks_its_rule_only() -> None:
    fired = reaction(rule("lost", "created", "status:parked", add_tags=("a",)), rule("ok", "created", add_tags=("b",)))

    assert fired.ticket.tags == ("b",)
    assert "parked" in fired.failed[0].what


@pytest.mark.parametrize(
    ("change", "triggers"),
    [
        (FIRST, {Trigger.REPLIED}),
        (MessageFiled(1, "in", "public", "normal", "unverified", "x@y.test"), {Trigger.REPLIED}),
        (MessageFiled(1, "in", "internal", "vacation", "robot", "x@y.test"), set()),
        (MessageFiled(1, "out", "public", "normal", "agent", "alice"), {Trigger.ANSWERED}),
        (MessageFiled(1, "note", "internal", "normal", "agent", "alice"), {Trigger.NOTED}),
        (MessageFiled(1, "in", "supplier", "normal", "supplier", "x@y.test"), {Trigger.SUPPLIER_REPLIED}),
        (StatusChanged("open", "resolved", Phase.RESOLVED), {Trigger.STATUS}),
        (StatusChanged("resolved", "open", Phase.ACTIVE), {Trigger.STATUS, Trigger.REOPENED}),
        (SlaReached("first_response", 75, 0, NOW), {Trigger.SLA_WARNING}),
        (SlaReached("first_response", 100, 0, NOW), {Trigger.SLA_BREACH}),
        (SlaReached("first_response", 100, 30, NOW), set()),
    ],
)
def test_each_change_sets_off_its_words(change: Change, triggers: set[Trigger]) -> None:
    assert triggers_of(events(change), DEFAULT_WORKFLOW) == triggers


def test_the_first_mail_of_a_ticket_is_no_reply() -> None:
    assert triggers_of(events(OPENED, FIRST), DEFAULT_WORKFLOW) == {Trigger.CREATED}


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("every", "last", "now", "due"),
    [
        (Interval(timedelta(hours=1)), None, NOW, True),
        (Interval(timedelta(hours=1)), NOW, NOW + timedelta(minutes=59), False),
        (Interval(timedelta(hours=1)), NOW, NOW + timedelta(minutes=60), True),
        (Daily(time(9)), None, NOW, False),
        (Daily(time(9)), NOW, NOW + timedelta(hours=22, minutes=59), False),
        (Daily(time(9)), NOW, NOW + timedelta(hours=23), True),
        (Daily(time(9)), NOW, NOW + timedelta(days=9), True),
        (Daily(time(2, 30)), datetime(2026, 3, 28, 5, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC), True),
    ],
)
def test_a_rule_is_due_after_its_span_or_at_its_hour_by_the_local_clock(
    every: Interval | Daily, last: datetime | None, now: datetime, due: bool
) -> None:
    assert is_due(every, last, now, BERLIN) is due


def test_each_part_of_a_query_is_answered_with_the_words_that_decide() -> None:
    ticket = fold(1001, None, events(OPENED, FIRST))
    wanted = rule("x", "created", '(water or "on fire") -(tag:x priority:normal) -is:open category:none')

    answer = asked(wanted, ticket, SCENE, lambda word: contains((ticket.subject,), word))

    assert not answer.holds
    assert [(part.written, part.holds, part.failed) for part in answer.parts] == [
        ('water or "on fire"', True, ()),
        ("-(tag:x priority:normal)", True, ()),
        ("-is:open", False, ("-is:open",)),
        ("category:none", True, ()),
    ]


QUERIES = st.sampled_from(
    ["", "is:urgent", "priority:low", "tag:a", "-tag:a", "tag:b or fire", "is:open", "assignee:none", "is:closed"]
)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "set_category": st.sampled_from(["billing", "technical"]),
    "set_priority": st.sampled_from(DEFAULT_PRIORITIES),
    "escalate": st.just(True),
    "set_field": st.just((("product", "router"),)),
    "add_tags": st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True).map(tuple),
    "remove_tags": st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True).map(tuple),
    "assign_team": st.sampled_from(["first-line", "network"]),
    "assign": st.sampled_from(["alice", "bob"]),
    "set_status": st.sampled_from(DEFAULT_WORKFLOW.names()),
    "mark_spam": st.just(True),
    "notify": st.just(("bob",)),
    "answer": st.just("hours"),
    "webhook": st.just("https://x.test/"),
}


def test_every_action_takes_part_in_the_campaign() -> None:
    assert list(VALUES) == [kind.name for kind in ACTIONS]


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    found = []
    for place in range(draw(st.integers(1, 6))):
        names = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True))
        then = tuple(Action(kind, draw(VALUES[kind.name])) for kind in ACTIONS if kind.name in names)
        on = frozenset(draw(st.lists(st.sampled_from(Trigger), min_size=1, max_size=4)))
        found.append(Rule(f"r{place}", then, on, when=parse_query(draw(QUERIES)), stop=draw(st.booleans())))
    return tuple(found)


@given(rules())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_set_of_rules_loops_and_the_ticket_is_the_fold_of_what_they_did(some: tuple[Rule, ...]) -> None:
    done = events(OPENED, FIRST, StatusChanged("new", "open", Phase.ACTIVE), TagsChanged((), ("a",)))
    ticket = fold(1001, None, done)

    found = react(some, done, ticket, SCENE, lambda word: contains((ticket.subject,), word))

    assert found.rounds <= MOST_ROUNDS
    assert len(found.fired) == len(set(found.fired))
    assert found.failed == ()
    assert found.ticket == fold(1001, None, (*done, *found.events))
    assert {event.actor.removeprefix("rule:") for event in found.events} <= set(found.fired)
    again = react(some, found.events, found.ticket, SCENE, lambda _: False)
    assert (again.events, again.wishes) == ((), ()), "what rules did sets nothing off"
