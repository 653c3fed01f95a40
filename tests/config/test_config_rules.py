"""Rules in the file: what they become, and what is said of slips, with the line and the nearest right word."""

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from maild.config import Config, load
from maild.config.schema_rules import ThenEntry
from maild.rules.schedule import Daily, Interval
from maild.rules.triggers import Trigger
from maild.tickets.query import parse_query

Build = Callable[..., Config]
Problems = Callable[..., list[str]]
EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
PEOPLE = """\
[[agents]]
name = "alice"
email = "alice@acme.test"
teams = ["network"]
[[fields]]
name = "product"
type = "choice"
values = ["router", "switch"]
"""
START = PEOPLE.count("\n") + 1


def rule(*lines: str) -> str:
    return PEOPLE + "\n".join(["[[rules]]", 'name = "x"', *lines])


def test_a_rule_is_read_whole(config: Build) -> None:
    found = config(
        rule(
            'on = ["created", "replied"]',
            'when = "printer"',
            "stop = true",
            'then = { assign = "alice", set_field = { Product = "Router" }, set_priority = "high", add_tags = "VPN" }',
        )
    ).rules[0]

    assert (found.name, found.on, found.stop) == ("x", {Trigger.CREATED, Trigger.REPLIED}, True)
    assert (found.when, found.written) == (parse_query("printer"), "printer")
    assert list(map(str, found.then)) == [
        "set_priority high", "set_field product=router", "add_tags vpn", "assign alice",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("1h", Interval(timedelta(hours=1))),
        ("1d 12h", Interval(timedelta(hours=36))),
        ("daily 09:00", Daily(time(9))),
        ("Daily 9:30", Daily(time(9, 30))),
    ],
)
def test_how_often_is_a_span_or_a_time_of_the_day(config: Build, text: str, every: object) -> None:
    assert config(rule(f'every = "{text}"', "then = { escalate = true }")).rules[0].every == every


ON = 'on = "created"'


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((ON,), "0: rules[1].then: is missing"),
        ((ON, "then = {}"), "3: rules[1].then: does nothing; give it an action such as set_priority or add_tags"),
        (("then = { escalate = true }",), "0: rules[1]: never runs; give it on = [\"created\"], or every = \"1h\""),
        (('on = "craeted"', "then = { escalate = true }"), "(did you mean 'created'?)"),
        ((ON, "then = { escalate = true }", "stpo = true"), "4: rules[1].stpo: unknown key (did you mean 'stop'?)"),
        ((ON, "then = { set_pririty = 'high' }"), "3: rules[1].then.set_pririty: unknown key (did you mean 'set_priority'?)"),
        ((ON, "then = { set_priority = 'hihg' }"), "3: rules[1].then.set_priority: there is no priority 'hihg' (did you mean 'high'?)"),
        ((ON, "then = { set_status = 'wating' }"), "3: rules[1].then.set_status: there is no status 'wating' (did you mean 'waiting'?)"),
        ((ON, "then = { assign = 'alcie' }"), "3: rules[1].then.assign: there is no agent 'alcie' (did you mean 'alice'?)"),
        ((ON, "then = { assign_team = 'netwrok' }"), "3: rules[1].then.assign_team: there is no team 'netwrok' (did you mean 'network'?)"),
        ((ON, "then = { set_field = { prodcut = 'router' } }"), "3: rules[1].then.set_field.prodcut: there is no field 'prodcut' (did you mean 'product'?)"),
        ((ON, "then = { set_field = { product = 'ruoter' } }"), "3: rules[1].then.set_field.product: 'ruoter' is no product of this desk; did you mean router"),
        ((ON, "then = { notify = ['alice', 'asignee'] }"), "3: rules[1].then.notify[2]: 'asignee' is no agent, team or agent's address (did you mean 'assignee'?)"),
        ((ON, "then = { answer = 'hours' }"), "3: rules[1].then.answer: there is no canned response 'hours'; there are none yet"),
        ((ON, "then = { webhook = 'ftp://x.test' }"), "3: rules[1].then.webhook: must be an address such as https://alarms.acme.test/maild"),
        ((ON, "then = { escalate = false }"), "3: rules[1].then.escalate: must be true; leave it out when it shall not happen"),
        ((ON, "then = { add_tags = ['two words'] }"), "3: rules[1].then.add_tags[1]: must be one word of at most 40 letters"),
        ((ON, "when = 'stauts:open'", "then = { escalate = true }"), "3: rules[1].when: 'stauts:open' (column 1): there is no field 'stauts'; did you mean status?"),
        ((ON, "when = 'status:parked'", "then = { escalate = true }"), "3: rules[1].when: 'status:parked' (column 1): there is no status 'parked'"),
        ((ON, "when = 'assignee:me'", "then = { escalate = true }"), "3: rules[1].when: 'assignee:me' (column 1): nobody in particular asks here; write assignee:NAME"),
        (("every = 'hourly'", "then = { escalate = true }"), '2: rules[1].every: must be a span of time such as "1h", or "daily 09:00"'),
        (("every = 'daily 25:00'", "then = { escalate = true }"), '2: rules[1].every: must be a span of time such as "1h", or "daily 09:00"'),
        (("every = '30s'", "then = { escalate = true }"), "2: rules[1].every: must be at least 1m"),
        (("every = '1h'", "then = { notify = 'alice' }"), '2: rules[1].every: would tell the same again each time; change the ticket too (add_tags), or use "daily 09:00"'),
        ((ON, "then = { escalate = true }", "[[rules]]", "name = 'X'", ON, "then = { escalate = true }"), "5: rules[2].name: 'X' is another rule already"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_its_line_and_the_right_word(
    problems: Problems, lines: tuple[str, ...], found: str
) -> None:
    told = [f"{int(line) - START}:{rest}" for line, rest in (each.split(":", 1) for each in problems(rule(*lines)))]

    assert len(told) == 1
    assert found in told[0]


def test_a_desk_without_a_list_of_categories_has_any(config: Build) -> None:
    assert config(rule(ON, "then = { set_category = 'whatever' }")).rules


def test_a_category_must_be_on_the_list_where_there_is_one(problems: Problems) -> None:
    told = problems("[tickets]\ncategories = ['billing']\n" + rule(ON, "then = { set_category = 'biling' }"))

    assert "there is no category 'biling' (did you mean 'billing'?)" in told[0]


def test_the_example_shows_every_action() -> None:
    shown = EXAMPLE.read_text().partition("[rules.then]")[2].partition("[[rules]]")[0]

    assert [line.lstrip("#").split(" = ")[0] for line in shown.splitlines()[1:] if line] == [*ThenEntry.model_fields]
    assert [rule.name for rule in load(EXAMPLE, {}).rules] == ["outage", "forgotten"]
