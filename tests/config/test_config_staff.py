"""Agents' wishes, roles, views and what the desk tells: what the file's words become, and what is said of slips."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from maild.config import Config
from maild.config.build_staff import VIEWS
from maild.notices.choices import AGENT_EVENTS, PROMPT, STRONG, SWITCHABLE, Choice, Quiet, choice, sent_at
from maild.notices.notice import Audience
from maild.outbox.audiences import EVENTS
from maild.tickets.calendars import is_open
from maild.tickets.query import Setting, parse_query, resolve
from maild.tickets.roles import ROLES, Verb
from maild.tickets.workflow import DEFAULT_WORKFLOW

Build = Callable[..., Config]
Problems = Callable[..., list[str]]
ALICE = "[[agents]]\nname = 'alice'\nemail = 'alice@acme.test'\n"


def test_an_agent_chooses_how_and_when_she_is_told(config: Build) -> None:
    given = config(
        ALICE
        + """\
timezone = "Europe/Berlin"
notify = { change = "digest", note = "off", rated = true, assignment = "mail", "*" = "on" }
quiet_hours = "20:00-07:00"
digest_at = ["16:00", "09:00"]
skills = ["vpn"]
max_open = 20
"""
    )

    wishes = given.preferences["alice"]
    assert [choice(wishes, event) for event in ("change", "note", "rated", "new_ticket")] == [
        Choice.DIGEST, Choice.OFF, Choice.MAIL, Choice.MAIL,
    ]  # fmt: skip
    assert wishes.quiet == Quiet(time(20), time(7))
    assert wishes.digest_at == (time(9), time(16))
    assert wishes.timezone == ZoneInfo("Europe/Berlin")
    assert (given.skills["alice"], given.max_open["alice"]) == (("vpn",), 20)


def test_an_agent_without_wishes_gets_every_mail_at_once(config: Build) -> None:
    wishes = config(ALICE).preferences["alice"]
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)

    assert {sent_at(wishes, event, now) for event in AGENT_EVENTS} == {now}
    assert config(ALICE).working_hours == {}


def test_working_hours_are_a_calendar_in_the_agents_zone(config: Build) -> None:
    hours = config(ALICE + "timezone = 'America/New_York'\nworking_hours = { sat = '09:00-12:00' }").working_hours

    assert is_open(hours["alice"], datetime(2026, 11, 21, 14, tzinfo=UTC))
    assert not is_open(hours["alice"], datetime(2026, 11, 21, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("notify = { chnage = 'off' }", "4: agents[1].notify.chnage: there is no event 'chnage' (did you mean 'change'?)"),
        ("notify = { change = 'never' }", "4: agents[1].notify.change: must be one of mail, digest, off"),
        ("notify = { undelivered = 'off' }", "4: agents[1].notify.undelivered: is always told"),
        ("notify = { held = 'mail' }", "4: agents[1].notify.held: is always told"),
        ("notify = 'off'", "4: agents[1].notify: must be a table, as in { name = value }"),
        ("quiet_hours = '20-7'", '4: agents[1].quiet_hours: must be a span of the day such as "09:00-17:00"'),
        ("quiet_hours = '08:00-08:00'", "4: agents[1].quiet_hours: begins and ends at the same time"),
        ("digest_at = ['9:00', '24:30']", '4: agents[1].digest_at[2]: must be a time of the day such as "09:00"'),
        ("digest_at = []", "4: agents[1].digest_at: must have at least one entry"),
        ("timezone = 'Berlin'", "4: agents[1].timezone: is not a known time zone"),
        ("max_open = 0", "4: agents[1].max_open: must be at least 1"),
        ("working_hours = { mon = '9-5' }", "4: agents[1].working_hours.mon: must be a span of the day"),
        ("working_hours = { mo = '09:00-17:00' }", "4: agents[1].working_hours.mo: unknown key (did you mean 'mon'?)"),
        ("working_hours = {}", "4: agents[1].working_hours: needs hours on some day"),
        ("role = 'second'\n[[roles]]\nname = 'second-line'\nmay = 'read'",
         "4: agents[1].role: there is no role 'second'"),
    ],
)  # fmt: skip
def test_a_slip_in_an_agents_wishes_is_named(problems: Problems, more: str, found: str) -> None:
    assert [problem.startswith(found) for problem in problems(ALICE + more)] == [True], problems(ALICE + more)


def test_a_desk_has_roles_of_its_own_and_may_change_the_usual_ones(config: Build) -> None:
    given = config(
        ALICE
        + """\
role = "second-line"
[[roles]]
name = "second-line"
may = ["read", "answer"]
sees = "category:technical or assignee:me"
[[roles]]
name = "developer"
may = "note"
"""
    )

    assert given.roles["second-line"].verbs == {Verb.READ, Verb.ANSWER}
    assert given.roles["second-line"].sees == "category:technical or assignee:me"
    assert given.roles["developer"].verbs == {Verb.NOTE}
    assert given.roles["agent"] == ROLES["agent"]


def test_the_usual_views_mean_something_at_every_desk(config: Build) -> None:
    setting = Setting(datetime(2026, 1, 1, tzinfo=UTC), UTC, DEFAULT_WORKFLOW, ("p2", "p1"), me="alice")

    for query in VIEWS.values():
        resolve(parse_query(query), setting)
    assert list(config("").views) == ["mine", "unassigned", "urgent", "needs-response", "open"]


def test_views_of_the_file_come_beside_the_usual_ones(config: Build) -> None:
    views = config("[[views]]\nname = 'mine'\nquery = 'assignee:me'\n[[views]]\nname = 'vpn'\nquery = 'tag:vpn'").views

    assert views == dict(VIEWS) | {"mine": "assignee:me", "vpn": "tag:vpn"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("[[views]]\nname = 'x'\nquery = 'stauts:open'", "3: views[1].query: 'stauts:open' (column 1): "),
        ("[[views]]\nname = 'x'\nquery = 'status:opne'", "3: views[1].query: 'status:opne' (column 1): "),
        ("[[views]]\nname = 'x'\nquery = 'field.size:3'", "3: views[1].query: 'field.size:3' (column 1): "),
        ("[[views]]\nname = 'x'\nquery = '('", "3: views[1].query: "),
        ("[[views]]\nname = 'x'\nquery = ''", "3: views[1].query: must not be empty"),
        ("[[views]]\nname = 'x y'\nquery = 'a'", "2: views[1].name: must be one short word"),
        ("[[views]]\nname = 'x'\nquery = 'a'\n[[views]]\nname = 'X'\nquery = 'a'",
         "5: views[2].name: 'X' is another view already"),
        ("[[roles]]\nname = 'x'\nmay = ['raed']", "3: roles[1].may[1]: must be one of read, answer, note"),
        ("[[roles]]\nname = 'x'\nmay = []", "3: roles[1].may: must have at least one entry"),
        ("[[roles]]\nname = 'x'\nmay = 'read'\nsees = 'priority:>=hihg'", "4: roles[1].sees: 'priority:>=hihg'"),
        ("[notify]\ncustomer = { acknowlegement = false }",
         "2: notify.customer.acknowlegement: there is no event 'acknowlegement' to switch for customers (did you mean 'acknowledgement'?)"),
        ("[notify.customer]\nanswer = false", "2: notify.customer.answer: there is no event 'answer'"),
        ("[notify.agent]\nassignment = false", "2: notify.agent.assignment: is always told"),
        ("[notify.agent]\nchange = 'perhaps'", "2: notify.agent.change: must be true or false"),
        ("[notify.admin]\nx = true", "1: notify.admin: unknown key (known here: customer, agent)"),
    ],
)  # fmt: skip
def test_a_slip_in_roles_views_and_switches_is_named(problems: Problems, more: str, found: str) -> None:
    assert [problem.startswith(found) for problem in problems(more)] == [True], problems(more)


def test_the_desk_tells_all_but_what_it_switches_off(config: Build) -> None:
    choices = config("[notify]\ncustomer = { status = false, closed = 'off', resolved = true }").choices

    assert not choices.told(Audience.CUSTOMER, "status")
    assert not choices.told(Audience.CUSTOMER, "closed")
    assert choices.told(Audience.CUSTOMER, "resolved")
    assert choices.told(Audience.AGENT, "status")
    assert choices.told(Audience.CUSTOMER, "answer")


def test_every_event_that_can_be_chosen_has_its_mail() -> None:
    assert {*AGENT_EVENTS, *PROMPT, *STRONG} <= {event for event, who in EVENTS.items() if who == "agent"}
    for audience, events in SWITCHABLE.items():
        assert {EVENTS[event] for event in events} == {audience.value}
