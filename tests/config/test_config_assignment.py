"""Who gets new tickets: the entries of assignment in the file."""

from collections.abc import Callable

import pytest

from maild.assignment import AssignmentRule, Target
from maild.config import Config, load_text
from maild.errors import ConfigError
from maild.tickets.query import parse_query

AGENTS = """
[[agents]]
name = "Alice"
email = "alice@acme.test"
teams = ["network"]
"""
OFFICE = """
[[calendars]]
name = "office"
hours = { mon = "09:00-17:00" }
[[calendars]]
name = "night"
hours = { mon = "22:00-06:00" }
"""


def entry(*lines: str) -> str:
    return "\n".join(["[[assignment]]", *lines, ""])


def test_entries_keep_the_order_of_the_file_and_name_agents_as_they_are_written(config: Callable[..., Config]) -> None:
    table = entry('strategy = "category"', 'to = { billing = "alice", vpn = "network" }')
    turns = entry('strategy = "round-robin"', 'when = "is:urgent"', 'team = "network"')

    found = config(AGENTS + table + turns).assignment

    assert found == (
        AssignmentRule("category", to=(Target("billing", "Alice"), Target("vpn", team="network"))),
        AssignmentRule("round-robin", when=parse_query("is:urgent"), team="network"),
    )


def test_without_an_entry_nobody_is_assigned(config: Callable[..., Config]) -> None:
    assert config().assignment == ()


def test_business_hours_are_those_of_the_first_calendar_unless_one_is_named(config: Callable[..., Config]) -> None:
    plain = entry('strategy = "load"', "only_business_hours = true")
    named = entry('strategy = "load"', "only_business_hours = true", 'calendar = "night"')

    found = config(OFFICE + plain + named).assignment

    assert [rule.hours and rule.hours.name for rule in found] == ["office", "night"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (('strategy = "robin"',), "2: assignment[1].strategy: "),
        ((), "1: assignment[1].strategy: is missing"),
        (('strategy = "load"', 'team = "netwrk"'), "no agent is in team 'netwrk'"),
        (('strategy = "load"', 'when = "status:nowhere"'), "nowhere"),
        (('strategy = "load"', 'when = "is:("'), "assignment[1].when"),
        (('strategy = "load"', 'to = { billing = "alice" }'), "belongs together with strategy"),
        (('strategy = "category"',), "belongs together with strategy"),
        (('strategy = "category"', 'to = { vpn = "bob" }'), "there is no agent or team 'bob'"),
        (('strategy = "recipient"', 'to = { "x@y.test" = "alice" }'), "'x@y.test' is no address of ours"),
        (('strategy = "load"', "only_business_hours = true"), "needs one of [[calendars]]"),
        (('strategy = "load"', 'calendar = "office"'), "belongs together with only_business_hours = true"),
    ],
)
def test_what_cannot_be_meant_is_said(problems: Callable[..., list[str]], lines: tuple[str, ...], problem: str) -> None:
    found = problems(entry(*lines) + AGENTS)

    assert len(found) == 1
    assert problem in found[0]


def test_categories_of_the_table_are_those_of_the_desk(problems: Callable[..., list[str]]) -> None:
    table = entry('strategy = "category"', 'to = { vnp = "alice" }')

    assert "'vnp' is no category of [tickets]" in problems('[tickets]\ncategories = ["vpn"]\n' + AGENTS + table)[0]


def test_an_unknown_calendar_is_named(problems: Callable[..., list[str]]) -> None:
    lines = entry('strategy = "load"', "only_business_hours = true", 'calendar = "ofice"')

    assert "there is no calendar 'ofice'" in problems(OFFICE + lines)[0]


def test_urgent_tickets_are_handed_on_only_when_it_is_said_to_whom() -> None:
    text = '[desk]\nname = "A"\naddress = "a@a.test"\nhand_on_urgent = true\n[delivery]\nurl = "null:"\n'

    with pytest.raises(ConfigError, match="hand_on_urgent: needs"):
        load_text(text)
    assert load_text(text + entry('strategy = "load"')).desk.hand_on_urgent
