"""`#undo` takes back one's own last command, within ten minutes, and never what somebody else did since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.commands import Outcome
from maild.tickets.events import Change, Event, Linked, Merged, MessagesMoved, ParticipantJoined, StatusChanged, Undone
from maild.tickets.fold import fold
from maild.tickets.people import Agent
from maild.tickets.ticket import Standing, Ticket
from maild.tickets.workflow import Phase
from tests.commands.scene import ALICE, BOB, NOW, TICKET, WORDS, after, done, happened, run

INVERTIBLE = [
    "#status waiting", "#hold", "#resolve", "#close", "#priority high", "#escalate", "#assign alice",
    "#assign first-line", "#drop", "#category technical", "#category none", "#tag vpn printer", "#untag old",
    "#due friday", "#followup 5d check again", "#followup none", "#action tomorrow call", "#add joe@x.test",
    "#add carl@customer.test", "#uncc ida@customer.test", "#uncc help@vendor.test", "#watch", "#unwatch bob",
    "#requester joe@x.test", "#requester carl@customer.test", "#subject Another", "#ref order=ORD-2", "#ref -ORD-1",
    "#set serial=SN-2", "#set serial=none", "#set plan=gold", "#todo call", "#done 1", "#time 20m", "#quality 5",
    "#spam", "#cause the vendor", "#supplier new@vendor.test", "#tag a\n#tag b\n#close\n#open\n#watch\n#unwatch bob\n#todo x\n#done 3",
    "#requester carl@customer.test\n#add jane@customer.test", "#time 20m\n#time 1h",
]  # fmt: skip
FOR_GOOD = ["#merge 1002", "#delete 1001"]


def undo(
    history: list[Event], ticket: Ticket, *, text: str = "#undo", minutes: float = 1, by: Agent = ALICE
) -> Outcome:
    words = replace(
        WORDS, now=NOW + timedelta(minutes=minutes), known=replace(WORDS.known, history=(*EARLIER, *history))
    )
    return run(text, by, ticket, words)


EARLIER = (
    Event(
        NOW - timedelta(days=1),
        "customer:carl@customer.test",
        ParticipantJoined("carl@customer.test", "Carl", Standing.UNVERIFIED),
        "",
        "inbound:1",
        2,
    ),
)


def plain(ticket: Ticket) -> Ticket:
    """Without what only tells of time and order."""
    return replace(
        ticket,
        seq=0,
        updated_at=NOW,
        participants=tuple(sorted(ticket.participants, key=lambda each: each.address)),
        fields=tuple(sorted(ticket.fields)),
        plans=tuple(sorted(ticket.plans)),
        todos=tuple(sorted(ticket.todos, key=lambda each: each.number)),
    )


def act(text: str, *, cause: str = "inbound:7", ticket: Ticket = TICKET, by: Agent = ALICE) -> list[Event]:
    return happened(done(text, by, ticket), f"agent:{by.name}", NOW, cause, ticket)


def changes_of(outcome: Outcome) -> list[Change]:
    assert outcome.wrong == ()
    return [each.change for each in outcome.changes]


@pytest.mark.parametrize("text", INVERTIBLE)
def test_undo_leaves_the_ticket_as_it_was(text: str) -> None:
    history = act(text)

    back = changes_of(undo(history, after(history)))

    assert plain(after([*history, *happened(back, "agent:alice", NOW, "inbound:8", after(history))])) == plain(TICKET)
    assert back[-1] == Undone(tuple(event.seq for event in reversed(history)))


@pytest.mark.parametrize("text", INVERTIBLE)
def test_after_ten_minutes_it_is_too_late(text: str) -> None:
    history = act(text)

    assert undo(history, after(history), minutes=10).wrong == ()
    assert undo(history, after(history), minutes=10.1).wrong[0].what == "there is nothing to undo here"


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("#close", "#open"), ("#priority high", "#priority low"), ("#assign alice", "#assign bob"),
        ("#assign first-line", "#assign network"), ("#category technical", "#category none"), ("#tag vpn", "#tag x"),
        ("#due friday", "#due none"), ("#due friday", "#due friday call"), ("#add joe@x.test", "#uncc joe@x.test"),
        ("#watch", "#unwatch alice"), ("#requester joe@x.test", "#requester jim@x.test"), ("#subject A", "#subject B"),
        ("#ref X", "#ref Y"), ("#set serial=2", "#set serial=3"), ("#todo call", "#done 3"), ("#quality 5", "#quality 1"),
        ("#escalate", "#escalate"), ("#supplier new@vendor.test", "#add new@vendor.test"),
    ],
)  # fmt: skip
def test_what_somebody_else_changed_since_is_not_overwritten(text: str, since: str) -> None:
    first = act(text)
    bobs = Agent("bob", "bob@acme.test", role="all")
    second = act(since, cause="inbound:8", ticket=after(first), by=bobs)

    outcome = undo([*first, *second], after([*first, *second]))

    assert [each.written for each in outcome.wrong] == ["#undo"]
    assert outcome.wrong[0].what.startswith("somebody changed it since (")
    assert outcome.wrong[0].hint == "set it as it should be"
    assert outcome.changes == ()


def test_what_somebody_else_did_elsewhere_on_the_ticket_stays() -> None:
    first = act("#priority high\n#todo call")
    second = act("#tag x\n#todo write\n#set plan=gold", cause="inbound:8", ticket=after(first), by=BOB)
    now = after([*first, *second])

    ticket = fold(1001, now, happened(changes_of(undo([*first, *second], now)), "agent:alice", NOW, "inbound:9", now))

    assert (ticket.priority, ticket.tags, ticket.field("plan")) == ("normal", ("old", "x"), "Gold")
    assert [each.text for each in ticket.todos] == ["order a ribbon", "call back", "write"]


def test_a_second_undo_goes_one_command_further_back_and_a_third_finds_nothing() -> None:
    first = act("#tag a")
    second = act("#tag b", cause="inbound:8", ticket=after(first))
    history = [*first, *second]
    for number, tags in ((9, ("old", "a")), (10, ("old",))):
        now = after(history)
        history += happened(changes_of(undo(history, now)), "agent:alice", NOW, f"inbound:{number}", now)
        assert after(history).tags == tags

    assert undo(history, after(history)).wrong[0].what == "there is nothing to undo here"


def test_undo_stands_in_a_mail_only_once() -> None:
    history = act("#time 20m")

    outcome = undo(history, after(history), text="#undo\n#undo")

    assert [each.what for each in outcome.wrong] == ["it cannot stand in one mail with the #undo above"]


def test_nobody_undoes_what_a_colleague_did() -> None:
    history = act("#tag a", by=BOB)

    assert undo(history, after(history)).wrong[0].what == "there is nothing to undo here"


def test_two_commands_on_the_command_line_are_two_acts() -> None:
    first = act("#tag a", cause="cli")
    second = [
        replace(event, at=NOW + timedelta(seconds=30)) for event in act("#tag b", cause="cli", ticket=after(first))
    ]

    back = changes_of(undo([*first, *second], after([*first, *second])))

    assert len(back) == 2
    assert after([*first, *second, *happened(back, "agent:alice", NOW, "cli", TICKET)]).tags == ("old", "a")


@pytest.mark.parametrize("text", FOR_GOOD)
def test_what_moved_or_destroyed_messages_is_not_half_undone(text: str) -> None:
    first = act("#tag a")
    second = act(text, cause="inbound:8", ticket=after(first))

    outcome = undo([*first, *second], after([*first, *second]))

    assert outcome.wrong[0].what == "your last command moved or destroyed messages"
    assert "#unmerge" in outcome.wrong[0].hint


def test_the_ticket_that_took_another_one_does_not_lose_its_people_by_undo() -> None:
    came: list[Change] = [
        Linked("merged from", 1006),
        MessagesMoved(1, 1006),
        ParticipantJoined("zoe@customer.test", "Zoe", Standing.PARTICIPANT),
    ]
    history = happened(came, "agent:alice", NOW, "inbound:7")

    assert undo(history, after(history)).changes == ()


def test_a_link_stays_and_the_rest_of_its_mail_is_undone() -> None:
    history = act("#link 1006\n#tag a")

    back = changes_of(undo(history, after(history)))

    assert [each.kind for each in back] == ["tags", "undone"]


def test_a_status_that_the_desk_does_not_have_any_more_is_not_brought_back() -> None:
    gone: list[Change] = [StatusChanged("parked", "open", Phase.ACTIVE)]
    history = happened(gone, "agent:alice", NOW, "inbound:7")

    assert undo(history, after(history)).wrong[0].what == "there is nothing to undo here"


def test_nothing_is_undone_of_a_merge_that_was_taken_apart() -> None:
    apart: list[Change] = [Merged(1002, None), MessagesMoved(1, 1002), StatusChanged("closed", "open", Phase.ACTIVE)]
    history = happened(apart, "agent:alice", NOW, "inbound:7")

    assert undo(history, after(history)).changes == ()
