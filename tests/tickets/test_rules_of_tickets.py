"""Workflow, timers, follow-ups and queries: pure rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.mail.model import Mailbox
from maild.tickets.decide import Habits, needs_follow_up, on_customer_reply, on_public_answer
from maild.tickets.events import Assigned, StatusChanged
from maild.tickets.people import Agent, Directory, Inbox
from maild.tickets.roles import Verb, may
from maild.tickets.ticket import Participant, Standing, Ticket
from maild.tickets.timers import Timer, TimerKind, expire, running
from maild.tickets.workflow import DEFAULT_WORKFLOW, Phase, Status, Workflow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HABITS = Habits(reopen_within=30 * DAY, close_resolved_after=7 * DAY, answer_takes=True)
TICKET = Ticket(
    number=1001,
    subject="Printer on fire",
    status="new",
    phase=Phase.NEW,
    priority="normal",
    category=None,
    requester=Mailbox("jane@customer.test", "Jane"),
    inbox="support@acme.test",
    created_at=NOW,
    updated_at=NOW,
)
FROZEN = replace(DEFAULT_WORKFLOW, frozen_closed=True)


def _in(phase: Phase, **values: object) -> Ticket:
    status = DEFAULT_WORKFLOW.in_phase(phase)
    assert status is not None
    return replace(TICKET, status=status.name, phase=phase, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(
            ("Waiting", "waiting"),
            ("PENDING", "waiting"),
            ("on-hold", "hold"),
            ("On Hold", "hold"),
            ("done", "resolved"),
        ),
        *(("in_progress", "open"), ("closed", "closed"), ("burning", None), ("", None)),
    ],
)
def test_a_status_is_found_however_people_write_it(written: str, meant: str | None) -> None:
    found = DEFAULT_WORKFLOW.find(written)

    assert (found.name if found else None) == meant


def test_every_allowed_step_leads_to_a_status_that_is_there() -> None:
    for status in DEFAULT_WORKFLOW.statuses:
        for name in status.next:
            assert DEFAULT_WORKFLOW.allows(status.name, name)
            assert name in DEFAULT_WORKFLOW.names()
    assert not DEFAULT_WORKFLOW.allows("closed", "waiting")


def test_from_a_status_that_the_config_dropped_every_step_is_allowed() -> None:
    assert DEFAULT_WORKFLOW.allows("a status of last year", "closed")


def test_the_first_status_of_a_phase_stands_for_it() -> None:
    workflow = Workflow((Status("a", Phase.ACTIVE, ()), Status("b", Phase.ACTIVE, ())))

    assert workflow.in_phase(Phase.ACTIVE) == workflow.first == workflow.statuses[0]
    assert workflow.in_phase(Phase.CLOSED) is None


@pytest.mark.parametrize(
    ("ticket", "workflow", "after", "needed"),
    [
        (_in(Phase.CLOSED, closed_at=NOW), DEFAULT_WORKFLOW, 30 * DAY, False),
        (_in(Phase.CLOSED, closed_at=NOW), DEFAULT_WORKFLOW, 30 * DAY + timedelta(seconds=1), True),
        (_in(Phase.CLOSED), DEFAULT_WORKFLOW, 31 * DAY, True),
        (_in(Phase.CLOSED, closed_at=NOW), FROZEN, timedelta(0), True),
        (_in(Phase.RESOLVED, resolved_at=NOW), FROZEN, 900 * DAY, False),
        (TICKET, DEFAULT_WORKFLOW, 900 * DAY, False),
    ],
)
def test_only_long_closed_or_frozen_tickets_need_a_follow_up(
    ticket: Ticket, workflow: Workflow, after: timedelta, needed: bool
) -> None:
    assert needs_follow_up(ticket, workflow, HABITS, NOW + after) is needed


def test_a_customers_reply_wakes_what_waits_and_leaves_the_rest() -> None:
    woken = [phase for phase in Phase if on_customer_reply(_in(phase), DEFAULT_WORKFLOW)]

    assert woken == [Phase.WAITING, Phase.RESOLVED, Phase.CLOSED]
    assert on_customer_reply(_in(Phase.CLOSED), DEFAULT_WORKFLOW) == [StatusChanged("closed", "open", Phase.ACTIVE)]


def test_the_first_answer_opens_the_ticket_and_takes_it() -> None:
    opened = StatusChanged("new", "open", Phase.ACTIVE)

    assert on_public_answer(TICKET, DEFAULT_WORKFLOW, HABITS, "alice") == [opened, Assigned(None, "alice")]
    assert on_public_answer(replace(TICKET, assignee="bob"), DEFAULT_WORKFLOW, HABITS, "alice") == [opened]
    assert on_public_answer(TICKET, DEFAULT_WORKFLOW, replace(HABITS, answer_takes=False), "alice") == [opened]
    assert on_public_answer(_in(Phase.HOLD, assignee="bob"), DEFAULT_WORKFLOW, HABITS, "alice") == []


def test_only_a_resolved_ticket_closes_by_itself() -> None:
    resolved = _in(Phase.RESOLVED, resolved_at=NOW)
    timer = Timer(TimerKind.AUTO_CLOSE, NOW + 7 * DAY)

    assert running(resolved, HABITS) == (timer,)
    assert running(resolved, replace(HABITS, close_resolved_after=None)) == ()
    assert [running(_in(phase, resolved_at=NOW), HABITS) for phase in Phase if phase is not Phase.RESOLVED] == [()] * 5
    assert expire(resolved, timer, DEFAULT_WORKFLOW, HABITS, NOW).changes == (
        StatusChanged("resolved", "closed", Phase.CLOSED),
    )
    assert expire(_in(Phase.CLOSED), timer, DEFAULT_WORKFLOW, HABITS, NOW).changes == ()
    assert expire(resolved, timer, Workflow(DEFAULT_WORKFLOW.statuses[:5]), HABITS, NOW).changes == ()


def test_an_unverified_person_stands_on_the_ticket_and_belongs_not_to_it() -> None:
    carl = Participant("carl@customer.test", "Carl")
    ida = Participant("ida@other.test", "Ida", Standing.UNVERIFIED)
    ticket = replace(TICKET, participants=(carl, ida))

    assert [ticket.belongs(each) for each in ("JANE@customer.test", "Carl@Customer.test", "ida@other.test", "")] == [
        *(True, True),
        *(False, False),
    ]
    assert ticket.copied() == (carl.mailbox,)
    assert ticket.participant("IDA@other.test") == ida


def test_an_unknown_role_may_nothing_and_a_developer_may_read_and_note() -> None:
    assert [may(Agent("x", "x@acme.test", role="boss"), verb) for verb in Verb] == [False] * len(Verb)
    developer = Agent("x", "x@acme.test", role="developer")
    assert {verb for verb in Verb if may(developer, verb)} == {Verb.READ, Verb.NOTE}


def test_the_desk_knows_itself_by_whole_addresses_only() -> None:
    alice = Agent("alice", "Alice@acme.test", addresses=("a@private.test",))
    desk = Directory((alice,), (Inbox(("support@acme.test", "help@acme.test")),))

    assert desk.agent_at("ALICE@ACME.test") is alice
    assert desk.agent_at("a@private.test") is alice
    assert desk.agent_at("lice@acme.test") is None
    assert desk.agent_at(None) is None
    assert desk.is_ours("Help+anything@acme.test")
    assert not desk.is_ours("unsupport@acme.test")
    assert not desk.is_ours("support@acme.test.evil.test")
    given_ones = [Mailbox(each) for each in ("alice@acme.test", "support+x@acme.test", "jane@customer.test")]
    assert desk.outsiders(given_ones) == (Mailbox("jane@customer.test"),)
