"""The service levels of examples/: acknowledged, warned, broken, kept, one story for each priority of each table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from maild.tickets.clocks import State
from maild.tickets.promises import Target
from maild.tickets.ticket import Ticket
from tests.desk_driver import DeskDriver, written
from tests.stories.seed_desks import ADMINS, JANE, mails_to, opened, seed_desk

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TABLES: dict[str, dict[str, tuple[timedelta, timedelta | None]]] = {
    "open-waiting-hold": {
        "urgent": (15 * M, 4 * H),
        "high": (2 * H, D),
        "normal": (24 * H, 3 * D),
        "low": (3 * D, 7 * D),
    },
    "any-to-open": {"Critical": (H, None), "High": (4 * H, None), "Normal": (24 * H, None), "Low": (5 * D, None)},
    "closed-is-final": {
        "Urgent": (15 * M, 4 * H),
        "High": (2 * H, D),
        "Medium": (24 * H, 3 * D),
        "Low": (3 * D, 7 * D),
    },
}
# when somebody is warned, in percent of the time; 75 where the table says nothing else
WARNED = {("any-to-open", "Low"): 60}
STORIES = [(seed, priority, *times) for seed, table in TABLES.items() for priority, times in table.items()]
Open = Callable[[str], DeskDriver]

stories = pytest.mark.parametrize(
    ("seed", "priority", "response", "resolution"), STORIES, ids=[f"{each[0]}-{each[1]}" for each in STORIES]
)


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


def _of_priority(desk: DeskDriver, seed: str, priority: str) -> Ticket:
    """A new ticket of this priority, in the hands of the admin, who hears of everything about it."""
    number = opened(desk).number
    ticket = desk.do(number, "#take", ADMINS[seed])
    if ticket.priority != priority:
        ticket = desk.do(number, f"#priority {priority}", ADMINS[seed])
    desk.relay.take()
    return ticket


def _email(desk: DeskDriver, seed: str) -> str:
    agent = desk.room.book.directory.agent_named(ADMINS[seed])
    assert agent is not None
    return agent.email


@pytest.mark.parametrize("seed", TABLES)
def test_the_table_in_the_file_is_the_table_of_the_seed(seed: str, open_seed: Open) -> None:
    desk = open_seed(seed)

    promised = {
        priority: (promise.first_response, promise.resolution)
        for _, policy in desk.room.book.policies
        for priority, promise in policy.promises
    }

    assert promised == TABLES[seed]
    assert set(desk.room.book.priorities) == set(promised)


@pytest.mark.parametrize("seed", TABLES)
def test_the_acknowledgement_says_until_when_the_customer_may_expect_an_answer(seed: str, open_seed: Open) -> None:
    desk = open_seed(seed)

    desk.receive(written(author=JANE, to="support@example.test"))

    sent = desk.relay.to("jane@customer.test")
    assert [each.event for each in sent] == ["acknowledgement"]
    assert "2026-03-03 09:00" in sent[0].text  # 24 hours, as all three promise to what is neither high nor low


@stories
def test_who_owns_it_is_warned_before_the_time_is_over_and_told_when_it_is(
    open_seed: Open, seed: str, priority: str, response: timedelta, resolution: timedelta | None
) -> None:
    desk = open_seed(seed)
    number, reader, start = _of_priority(desk, seed, priority).number, _email(desk, seed), desk.clock()
    percent = WARNED.get((seed, priority), 75)
    told = []
    for moment in (response * percent / 100, response):
        for early in (M, 0 * M):
            desk.clock.now = start + moment - early
            desk.tick()
            told.append([each for each in mails_to(desk.relay.take(), reader) if each.startswith("sla")])

    assert told == [[], ["sla_warning"], [], ["sla_breach"]]
    ticket = desk.ticket(number)
    assert ticket.clocks is not None
    assert ticket.clocks.breached == (Target.FIRST_RESPONSE,)
    assert ticket.clocks.first_response.due_at == start + response


@stories
def test_an_answer_and_a_solution_in_time_keep_the_promise(
    open_seed: Open, seed: str, priority: str, response: timedelta, resolution: timedelta | None
) -> None:
    desk = open_seed(seed)
    number, start = _of_priority(desk, seed, priority).number, desk.clock()
    statuses = desk.room.book.workflow.statuses
    solved = next(each.name for each in statuses if each.phase.value in ("resolved", "closed"))

    desk.clock.now = start + response - M
    desk.do(number, "We found it.", ADMINS[seed])
    desk.clock.now = start + (resolution or 2 * response) - M
    desk.tick()
    desk.do(number, f"#status {solved}", ADMINS[seed])
    desk.clock.advance(days=1)
    desk.tick()

    clocks = desk.ticket(number).clocks
    assert clocks is not None
    assert (clocks.first_response.state, clocks.breached) == (State.MET, ())
    assert clocks.first_response.met_at == start + response - M
    if resolution is not None:
        assert (clocks.resolution.state, clocks.resolution.allowed) == (State.MET, resolution)
    assert "sla_breach" not in [each.event for each in desk.relay.take()]


@stories
def test_a_solution_that_comes_too_late_breaks_the_promise_once(
    open_seed: Open, seed: str, priority: str, response: timedelta, resolution: timedelta | None
) -> None:
    if resolution is None:
        response, resolution = response, 10 * response
    desk = open_seed(seed)
    number, start = _of_priority(desk, seed, priority).number, desk.clock()
    desk.do(number, "We look into it.", ADMINS[seed])
    desk.relay.take()

    desk.clock.now = start + resolution
    desk.tick()
    desk.tick()

    broken = mails_to(desk.relay.take(), _email(desk, seed)).count("sla_breach")
    assert broken == (1 if TABLES[seed][priority][1] else 0)


def test_while_the_user_is_awaited_the_timer_stands_still(open_seed: Open) -> None:
    desk = open_seed("closed-is-final")
    number = _of_priority(desk, "closed-is-final", "High").number
    desk.clock.advance(hours=1)
    desk.do(number, "#status Awaiting User -- which one?", "maria")
    desk.clock.advance(hours=30)
    desk.tick()
    waiting = desk.ticket(number).clocks

    desk.do(number, "#status In Progress", "maria")

    going_on = desk.ticket(number).clocks
    assert waiting is not None
    assert going_on is not None
    assert (waiting.first_response.state, waiting.breached) == (State.PAUSED, ())
    assert going_on.first_response.due_at == desk.clock() + timedelta(hours=1)


def test_what_is_late_goes_up_the_levels_and_each_level_is_told(open_seed: Open) -> None:
    desk = open_seed("closed-is-final")
    desk.receive(written(author=JANE, to="support@example.test"))
    desk.relay.take()
    levels = []
    for hours in (24, 1, 1):
        desk.clock.advance(hours=hours)
        desk.tick()
        sent = desk.relay.take()
        levels.append((desk.ticket().teams, {(each.rcpt_to, each.event) for each in sent}))

    assert levels == [
        (("senior-support",), {("maria@example.test", "sla_breach"), ("sven@example.test", "sla_breach")}),
        (("senior-support",), set()),
        (("tech",), {("maria@example.test", "change"), ("tess@example.test", "change")}),
    ]
    assert desk.ticket().level == 2


def test_what_is_urgent_and_late_goes_to_the_management(open_seed: Open) -> None:
    desk = open_seed("closed-is-final")
    desk.receive(written(author=JANE, to="support@example.test"))
    desk.do(1001, "#priority Urgent", "maria")
    desk.clock.advance(minutes=15)
    desk.tick()

    assert desk.ticket().teams == ("management",)


def test_a_desk_whose_seed_names_no_hours_promises_none_and_nobody_hears_of_any(open_seed: Open) -> None:
    desk = open_seed("four-statuses")
    desk.receive(written(author=JANE, to="support@example.test"))
    desk.clock.advance(days=30)
    desk.tick()

    assert {each.event for each in desk.relay.take()} == {"acknowledgement", "new_ticket"}


def test_what_is_high_and_critical_to_the_system_has_two_hours_and_its_own_people(open_seed: Open) -> None:
    desk = open_seed("routing-by-rule")

    desk.receive(written(author=JANE, to="support@example.test", subject="System down"))

    ticket, told = desk.ticket(), {(each.rcpt_to, each.event) for each in desk.relay.take()}
    assert (ticket.teams, ticket.priority, ticket.category) == (("urgent-response",), "high", "system-critical")
    assert ticket.clocks is not None
    assert ticket.clocks.first_response.due_at == desk.clock() + timedelta(hours=2)
    assert {
        ("ursula@example.test", "new_ticket"),
        ("lead@example.test", "change"),
        ("sysadmin@example.test", "change"),
    } < told
    assert "alice@example.test" not in {address for address, _ in told}


@pytest.mark.parametrize(("priority", "category"), [("normal", "system-critical"), ("high", "general")])
def test_only_one_of_the_two_conditions_is_not_enough(open_seed: Open, priority: str, category: str) -> None:
    desk = open_seed("routing-by-rule")
    desk.receive(written(author=JANE, to="support@example.test"))

    desk.do(1001, f"#priority {priority}\n#category {category}", "team-lead")
    before = desk.ticket()
    desk.do(1001, "#priority high\n#category system-critical", "team-lead")

    assert (before.teams, desk.ticket().teams) == (("support",), ("urgent-response",))
