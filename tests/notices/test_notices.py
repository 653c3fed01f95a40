"""Who is told what: nobody of his own act, nobody twice, and no customer ever reads an agent's address."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.model import Mailbox
from maild.mail.tokens import TokenKind
from maild.notices import NOTICES, Audience, Marking, Moment, Notice, notices_for
from maild.tickets.events import (
    Assigned,
    Change,
    DeliveryDelayed,
    DeliveryFailed,
    Escalated,
    Event,
    Merged,
    MessageFiled,
    Opened,
    PriorityChanged,
    Rated,
    Reminded,
    SlaReached,
    StatusChanged,
    TagsChanged,
    TeamsChanged,
)
from maild.tickets.people import Agent, Directory, Inbox
from maild.tickets.ticket import Participant, Standing, Ticket
from maild.tickets.workflow import DEFAULT_WORKFLOW, Phase

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JANE, JOE, EVE = "jane@customer.test", "joe@customer.test", "eve@evil.test"
ALICE = Agent("alice", "alice@acme.test", teams=("first-line",), addresses=("al@home.test",))
BOB = Agent("bob", "bob@acme.test", teams=("network",), language="de")
DORA = Agent("dora", "dora@acme.test", role="developer")
AGENTS = (ALICE, BOB, DORA)
DIRECTORY = Directory(AGENTS, (Inbox(("support@acme.test",)),), ("bob@acme.test",))
TICKET = Ticket(
    number=1001,
    subject="Printer on fire",
    status="open",
    phase=Phase.ACTIVE,
    priority="normal",
    category=None,
    requester=Mailbox(JANE, "Jane"),
    inbox="support@acme.test",
    created_at=NOW,
    updated_at=NOW,
    participants=(Participant(JOE), Participant(EVE, "", Standing.UNVERIFIED)),
)
OPENED = Opened("Printer on fire", Mailbox(JANE), "new", Phase.NEW, "normal", "support@acme.test")
MAIL_IN = MessageFiled(1, "in", "public", "normal", "customer", JANE)
UNVERIFIED_IN = MessageFiled(1, "in", "public", "normal", "unverified", EVE)
ROBOT_IN = MessageFiled(1, "in", "public", "auto_reply", "robot", JANE)
ANSWER = MessageFiled(2, "out", "public", "normal", "agent", "alice")
SUPPLIER_OUT = MessageFiled(4, "out", "supplier", "normal", "agent", "alice")
SUPPLIER_IN = MessageFiled(5, "in", "supplier", "normal", "supplier", "help@vendor.test")
NOTE = MessageFiled(3, "note", "internal", "normal", "agent", "alice")
RESOLVED = StatusChanged("open", "resolved", Phase.RESOLVED)
CLOSED = StatusChanged("resolved", "closed", Phase.CLOSED)
WAITING = StatusChanged("open", "waiting", Phase.WAITING)
CHANGES: tuple[Change, ...] = (
    OPENED,
    MAIL_IN,
    UNVERIFIED_IN,
    ROBOT_IN,
    ANSWER,
    NOTE,
    RESOLVED,
    CLOSED,
    WAITING,
    PriorityChanged("normal", "high"),
    Assigned(None, "alice"),
    Assigned("alice", "bob"),
    Assigned("bob", None),
    Assigned(None, "gone"),
    TeamsChanged((), ("network",)),
    TagsChanged((), ("vpn",)),
    DeliveryFailed(JANE, True, "5.1.1"),
    DeliveryFailed(JANE, False, "4.2.2"),
    DeliveryDelayed(JANE),
    SUPPLIER_OUT,
    SUPPLIER_IN,
    Rated(2, "slow", "alice"),
    Escalated(0, 1),
    Merged(None, 1002),
    SlaReached("resolution", 100, 0, NOW),
    Reminded("silent"),
    Reminded("category"),
)


def moment(*changes: Change, **given: Any) -> Moment:
    ticket = replace(TICKET, **given.pop("ticket", {}))
    events = tuple(Event(NOW, "somebody", change) for change in changes)
    before = None if any(isinstance(change, Opened) for change in changes) else TICKET
    return Moment(before, ticket, events, DIRECTORY, DEFAULT_WORKFLOW, **given)


def told(*changes: Change, **given: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for notice in notices_for(moment(*changes, **given)):
        found.setdefault(notice.event, set()).update(box.address for box in notice.recipients())
    return found


STAFF = {"alice@acme.test", "bob@acme.test", "dora@acme.test"}


def test_a_new_ticket_is_acknowledged_to_its_requester_alone_and_shown_to_all_agents() -> None:
    assert told(OPENED, MAIL_IN, may_answer=True, author=JANE) == {"acknowledgement": {JANE}, "new_ticket": STAFF}


def test_what_the_gate_forbids_is_not_acknowledged() -> None:
    assert told(OPENED, MAIL_IN, may_answer=False, author=JANE) == {"new_ticket": STAFF}


def test_a_quiet_import_tells_nobody() -> None:
    assert told(OPENED, MAIL_IN, RESOLVED, may_answer=True, quiet=True, author=JANE) == {}


def test_a_new_ticket_of_a_team_is_shown_to_the_team() -> None:
    assert told(OPENED, MAIL_IN, ticket={"teams": ("Network",)})["new_ticket"] == {"bob@acme.test"}
    assert told(OPENED, MAIL_IN, ticket={"teams": ("nobody-is-here",)})["new_ticket"] == STAFF


def test_a_reply_goes_to_the_assignee_and_to_all_while_there_is_none() -> None:
    assert told(MAIL_IN, author=JANE, ticket={"assignee": "bob"}) == {"customer_reply": {"bob@acme.test"}}
    assert told(MAIL_IN, author=JANE) == {"customer_reply": STAFF}
    assert told(MAIL_IN, author=JANE, ticket={"assignee": "gone"}) == {"customer_reply": STAFF}


def test_a_robots_mail_tells_nobody() -> None:
    assert told(ROBOT_IN, author=JANE) == {}


def test_an_answer_goes_to_requester_and_verified_participants_never_to_an_unverified_one() -> None:
    found = notices_for(moment(ANSWER, actor=ALICE, author="alice@acme.test"))

    assert [(notice.event, notice.marking) for notice in found] == [("answer", Marking.WORDS)]
    assert found[0].to == (Mailbox(JANE, "Jane"),)
    assert found[0].cc == (Mailbox(JOE),)


def test_a_note_goes_to_those_who_take_part_and_its_answer_is_a_note() -> None:
    found = notices_for(moment(NOTE, actor=ALICE, ticket={"assignee": "bob", "followers": ("alice", "dora")}))

    assert {box.address for notice in found for box in notice.recipients()} == {"bob@acme.test", "dora@acme.test"}
    assert {notice.answers for notice in found} == {TokenKind.INTERNAL}
    assert {notice.audience for notice in found} == {Audience.AGENT}


def test_who_takes_a_ticket_himself_is_not_told() -> None:
    assert told(Assigned(None, "alice"), actor=ALICE, ticket={"assignee": "alice"}) == {}
    assert told(Assigned(None, "bob"), actor=ALICE, ticket={"assignee": "bob"}) == {"assignment": {"bob@acme.test"}}


def test_an_assignee_of_a_new_ticket_gets_one_mail_not_two() -> None:
    assert told(OPENED, MAIL_IN, Assigned(None, "bob"), ticket={"assignee": "bob"}) == {"assignment": {"bob@acme.test"}}


def test_an_answer_that_also_resolves_is_one_mail_to_the_customer() -> None:
    assert told(ANSWER, RESOLVED, actor=ALICE) == {"answer": {JANE, JOE}}


def test_a_resolution_by_an_agent_or_by_time_is_told() -> None:
    assert told(RESOLVED, actor=ALICE) == {"resolved": {JANE, JOE}}
    assert told(CLOSED) == {"closed": {JANE, JOE}}
    assert told(WAITING, actor=ALICE) == {}


def test_a_customer_who_resolves_his_own_ticket_is_not_told_of_it() -> None:
    assert JANE not in {each for group in told(RESOLVED, author=JANE).values() for each in group}


def test_a_machines_ticket_sends_no_status_back() -> None:
    assert told(RESOLVED, actor=ALICE, ticket={"answerable": False}) == {}


def test_an_answer_that_went_by_itself_already_is_not_sent_again_but_colleagues_read_it() -> None:
    assert told(ANSWER, actor=ALICE, already_sent=True, ticket={"assignee": "bob"}) == {
        "answer_copy": {"bob@acme.test"}
    }


def test_only_a_hard_failure_of_delivery_is_told_to_the_owners() -> None:
    assert told(DeliveryFailed(JANE, False, "4.2.2")) == {}
    found = notices_for(moment(DeliveryFailed(JANE, True, None), ticket={"assignee": "bob"}))
    assert [notice.event for notice in found] == ["undelivered"]
    assert found[0].extra["problem"] == f"{JANE} cannot be reached: refused"


def test_a_mail_that_waits_for_hours_is_told_to_the_owners_with_what_the_relay_said() -> None:
    event = Event(NOW, "system:deliver", DeliveryDelayed(JANE), reason="452 4.2.2 mailbox full")
    found = notices_for(replace(moment(), events=(event,), after=replace(TICKET, assignee="bob")))

    assert [(notice.event, notice.to[0].address) for notice in found] == [("delayed", "bob@acme.test")]
    assert found[0].extra["problem"] == f"{JANE}: 452 4.2.2 mailbox full"


def test_each_agent_is_written_in_his_language_by_a_mail_of_his_own() -> None:
    found = notices_for(moment(OPENED, MAIL_IN))

    assert [(len(notice.recipients()), notice.language) for notice in found] == [(1, None), (1, "de"), (1, None)]


def test_a_participant_who_is_the_requester_too_stands_once() -> None:
    found = notices_for(moment(ANSWER, actor=ALICE, ticket={"participants": (Participant(JANE), Participant(JOE))}))

    assert [box.address for box in found[0].recipients()] == [JANE, JOE]


names = st.sampled_from(("alice", "bob", "dora", "gone"))
moments = st.builds(
    moment,
    *[st.sampled_from(CHANGES)] * 3,
    actor=st.sampled_from((None, *AGENTS)),
    author=st.sampled_from((None, JANE, JOE, EVE, "alice@acme.test")),
    may_answer=st.booleans(),
    quiet=st.booleans(),
    already_sent=st.booleans(),
    ticket=st.fixed_dictionaries(
        {
            "assignee": st.none() | names,
            "followers": st.lists(names, max_size=3).map(tuple),
            "teams": st.lists(st.sampled_from(("network", "first-line", "ghosts")), max_size=2).map(tuple),
            "answerable": st.booleans(),
            "participants": st.lists(
                st.builds(Participant, st.sampled_from((JANE, JOE, EVE)), st.just(""), st.sampled_from(Standing)),
                max_size=3,
                unique_by=lambda each: each.address,
            ).map(tuple),
        }
    ),
)


def addresses(found: tuple[Notice, ...]) -> list[str]:
    return [box.address for notice in found for box in notice.recipients()]


@settings(max_examples=400)
@given(moments)
def test_nobody_gets_two_mails_for_one_act(at: Moment) -> None:
    found = addresses(notices_for(at))

    assert len(found) == len(set(found))


@settings(max_examples=400)
@given(moments)
def test_no_agent_is_told_of_his_own_act(at: Moment) -> None:
    ours = (MAIL_IN, UNVERIFIED_IN, SUPPLIER_IN)
    unbidden = DeliveryFailed | DeliveryDelayed | Rated | SlaReached | Reminded
    failures = any(isinstance(event.change, unbidden) or event.change in ours for event in at.events)

    assert failures or at.actor is None or at.actor.email not in addresses(notices_for(at))


@settings(max_examples=400)
@given(moments)
def test_customers_never_share_a_mail_with_agents_nor_read_internal_things(at: Moment) -> None:
    staff = DIRECTORY.staff_addresses()
    for notice in notices_for(at):
        here = {box.address for box in notice.recipients()}
        if notice.audience is Audience.CUSTOMER:
            assert not here & staff
            assert notice.answers is TokenKind.PUBLIC
            assert here <= {
                at.after.requester.address,
                *(box.address for box in (*at.after.copied(), *at.after.apart())),
            }
        elif notice.audience is Audience.SUPPLIER:
            assert here <= {box.address for box in at.after.suppliers()}
            assert notice.answers is TokenKind.SUPPLIER
        else:
            assert here <= staff
            assert len(here) == 1
            assert notice.answers is not TokenKind.PUBLIC


@settings(max_examples=400)
@given(moments)
def test_only_an_agents_own_words_carry_no_mark_of_automatic_mail(at: Moment) -> None:
    for notice in notices_for(at):
        assert (notice.marking is Marking.WORDS) == (notice.event in ("answer", "outreach", "supplier_message"))


@settings(max_examples=200)
@given(moments)
def test_an_internal_note_alone_never_sends_the_customers_side_a_message(at: Moment) -> None:
    public = any(isinstance(each.change, MessageFiled) and each.change.visibility == "public" for each in at.events)
    shown = [n for n in notices_for(at) if n.audience is Audience.CUSTOMER and n.shows_message]

    assert public or not shown


def test_every_rule_of_the_registry_speaks_at_some_moment() -> None:
    cases = (
        moment(OPENED, MAIL_IN, may_answer=True),
        moment(ANSWER, actor=ALICE, ticket={"assignee": "bob"}),
        moment(RESOLVED, actor=ALICE, ticket={"assignee": "bob"}),
        moment(NOTE, actor=ALICE, ticket={"assignee": "bob"}),
        moment(MAIL_IN),
        moment(Assigned(None, "bob"), actor=ALICE),
        moment(DeliveryFailed(JANE, True, None)),
        moment(DeliveryDelayed(JANE)),
        moment(
            SUPPLIER_OUT, actor=ALICE, ticket={"participants": (Participant("v@vendor.test", "", Standing.SUPPLIER),)}
        ),
        moment(SUPPLIER_IN, author="help@vendor.test"),
        moment(Rated(2, "slow", "alice")),
        moment(Escalated(0, 1), actor=ALICE),
        moment(Merged(None, 1002), actor=ALICE),
        moment(SlaReached("first_response", 100, 0, NOW)),
        moment(SlaReached("first_response", 75, 0, NOW)),
        moment(Reminded("due"), Reminded("waiting")),
        moment(Escalated(0, 1), to_tell=("bob",)),
    )
    assert [rule.__name__ for rule in NOTICES if not any(list(rule(case)) for case in cases)] == []


def test_an_agent_who_writes_as_a_customer_is_not_told_as_an_agent_of_what_he_wrote() -> None:
    for change in (OPENED, MAIL_IN):
        told_to = told(change, MAIL_IN, author="al@home.test")

        assert "alice@acme.test" not in told_to.get("new_ticket", set()) | told_to.get("customer_reply", set())
        assert "bob@acme.test" in told_to.get("new_ticket", set()) | told_to.get("customer_reply", set())


def test_a_participant_whose_mail_moved_the_status_is_not_told_of_it() -> None:
    found = told(MAIL_IN, RESOLVED, author=JOE)

    assert found["resolved"] == {JANE}
