"""Escalation: who is told when nothing happens, step by step, and that it stops when somebody acts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.mail.model import Mailbox
from maild.tickets.clocks import Clocks
from maild.tickets.events import Event, MessageFiled, Opened, PriorityChanged, StatusChanged
from maild.tickets.ladder import Step, after_breach, after_percent, due_between, marks, reached
from maild.tickets.promises import DEFAULT_POLICY, Target
from maild.tickets.sla import after, lapsed, opened, passing
from maild.tickets.workflow import Phase

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LADDER = (
    after_percent("tell the assignee", Target.RESOLUTION, 90),
    after_breach("second level", Target.RESOLUTION),
    after_breach("raise priority", Target.RESOLUTION),
    after_breach("lead", Target.RESOLUTION, 2 * HOUR),
    after_breach("management", Target.RESOLUTION, 8 * HOUR),
    after_breach("somebody answer", Target.FIRST_RESPONSE, 30 * MINUTE),
)
POLICY = replace(DEFAULT_POLICY, steps=marks(LADDER))
OPENED = Opened("Printer on fire", Mailbox("jane@x.test"), "new", Phase.NEW, "urgent", "support@acme.test")  # 15 m, 4 h
ANSWER = MessageFiled(1, "out", "public", "normal", "agent", "alice")
ANSWERED = after(opened(OPENED, START, POLICY), Event(START, "agent:alice", ANSWER), POLICY)


def steps_of(clocks: Clocks, since: timedelta, until: timedelta) -> list[tuple[str, timedelta]]:
    due = due_between(LADDER, clocks, POLICY, START + since, START + until)
    return [(each.step.name, each.at - START) for each in due]


def test_the_steps_follow_each_other_while_nothing_happens() -> None:
    assert steps_of(ANSWERED, timedelta(0), 30 * DAY) == [
        ("tell the assignee", 216 * MINUTE),
        ("second level", 4 * HOUR),
        ("raise priority", 4 * HOUR),
        ("lead", 6 * HOUR),
        ("management", 12 * HOUR),
    ]


@pytest.mark.parametrize(
    ("since", "until", "names"),
    [
        (timedelta(0), HOUR, []),
        (HOUR, 216 * MINUTE, ["tell the assignee"]),
        (216 * MINUTE, 239 * MINUTE, []),
        (239 * MINUTE, 6 * HOUR, ["second level", "raise priority", "lead"]),
        (6 * HOUR, 12 * HOUR, ["management"]),
        (12 * HOUR, 90 * DAY, []),
    ],
)
def test_a_step_belongs_to_one_stretch_of_time_its_end_included(
    since: timedelta, until: timedelta, names: list[str]
) -> None:
    assert [name for name, _ in steps_of(ANSWERED, since, until)] == names


def test_each_clock_has_steps_of_its_own() -> None:
    unanswered = opened(OPENED, START, POLICY)

    assert steps_of(unanswered, timedelta(0), HOUR) == [("somebody answer", 45 * MINUTE)]


def test_steps_wait_with_a_clock_that_stands_still_and_end_with_one_that_is_met() -> None:
    waiting = after(
        ANSWERED, Event(START + HOUR, "agent:alice", StatusChanged("open", "waiting", Phase.WAITING)), POLICY
    )
    woken = after(waiting, Event(START + DAY, "customer:jane", StatusChanged("waiting", "open", Phase.ACTIVE)), POLICY)
    solved = after(woken, Event(START + DAY, "agent:alice", StatusChanged("open", "resolved", Phase.RESOLVED)), POLICY)

    assert steps_of(waiting, timedelta(0), 30 * DAY) == []
    assert steps_of(woken, timedelta(0), 30 * DAY)[:2] == [
        ("tell the assignee", DAY + 156 * MINUTE),
        ("second level", DAY + 3 * HOUR),
    ]
    assert steps_of(solved, timedelta(0), 30 * DAY) == []


def test_another_priority_moves_the_steps_ahead_and_repeats_none() -> None:
    clocks = ANSWERED
    for lapse in lapsed(clocks, POLICY, START + 230 * MINUTE):
        clocks = passing(clocks, lapse, POLICY)

    lower = after(clocks, Event(START + 230 * MINUTE, "agent:alice", PriorityChanged("urgent", "high")), POLICY)

    assert steps_of(lower, timedelta(0), 30 * DAY)[:2] == [("second level", DAY), ("raise priority", DAY)]


def test_a_step_that_raises_the_priority_at_the_breach_does_not_hasten_the_next_ones() -> None:
    clocks = opened(replace(OPENED, priority="high"), START, POLICY)
    for lapse in lapsed(clocks, POLICY, START + DAY):
        clocks = passing(clocks, lapse, POLICY)

    raised = after(clocks, Event(START + DAY, "system:clock", PriorityChanged("high", "urgent")), POLICY)

    assert steps_of(raised, timedelta(0), 30 * DAY) == [("lead", DAY + 2 * HOUR), ("management", DAY + 8 * HOUR)]


def test_marks_without_a_step_are_no_steps() -> None:
    warnings = lapsed(ANSWERED, DEFAULT_POLICY, START + 200 * MINUTE)

    assert [lapse.mark.percent for lapse in warnings] == [75]
    assert reached(LADDER, warnings) == ()


def test_a_ladder_without_steps_leads_nowhere() -> None:
    nothing: tuple[Step, ...] = ()

    assert marks(nothing) == () and due_between(nothing, ANSWERED, POLICY, START, START + DAY) == ()
