"""What customers may say by a line, and what stays their own words (SPEC CU-3, CU-4)."""

from dataclasses import replace

import pytest

from maild.commands import read_script
from maild.commands.customers import COMMENT, Meant, Said, read_customer
from maild.tickets.events import CategoryChanged, ParticipantLeft, Rated, StatusChanged
from maild.tickets.ticket import Standing, Ticket
from maild.tickets.workflow import DEFAULT_WORKFLOW, Phase, Workflow
from tests.commands.scene import TICKET, other

JANE, IDA, CARL, VENDOR = "jane@customer.test", "ida@customer.test", "carl@customer.test", "help@vendor.test"
RESOLVED = other(1001, status="resolved", phase=Phase.RESOLVED)
CLOSED = other(1001, status="closed", phase=Phase.CLOSED)
WAITING = other(1001, status="waiting", phase=Phase.WAITING)
UNKNOWN = other(1001, category=None)


def said(text: str, author: str = JANE, ticket: Ticket = TICKET, workflow: Workflow = DEFAULT_WORKFLOW) -> Meant | None:
    script = read_script(text)
    return read_customer(script, Said(ticket, author, workflow, ("billing", "technical"), script.text))


@pytest.mark.parametrize(
    ("text", "ticket", "meant"),
    [
        ("#solved", TICKET, Meant((StatusChanged("open", "closed", Phase.CLOSED),))),
        ("#Close", RESOLVED, Meant((StatusChanged("resolved", "closed", Phase.CLOSED),))),
        ("＃closed", RESOLVED, Meant((StatusChanged("resolved", "closed", Phase.CLOSED),))),
        ("#solved", CLOSED, Meant()),
        ("#broken", RESOLVED, Meant((StatusChanged("resolved", "open", Phase.ACTIVE),), wakes=True)),
        ("#reopen", CLOSED, Meant((StatusChanged("closed", "open", Phase.ACTIVE),), wakes=True)),
        ("#broken", WAITING, Meant((StatusChanged("waiting", "open", Phase.ACTIVE),), wakes=True)),
        ("#broken", TICKET, Meant(wakes=True)),
        ("#broken\n\nIt burns again.", RESOLVED, Meant((StatusChanged("resolved", "open", Phase.ACTIVE),), wakes=True)),
        ("#rate 4", RESOLVED, Meant((Rated(4, "", "bob"),))),
        ("#rate 4 Quick and kind", RESOLVED, Meant((Rated(4, "Quick and kind", "bob"),))),
        ("#Rating 5 – thanks!", RESOLVED, Meant((Rated(5, "thanks!", "bob"),))),
        ("#rate 2\n\nIt took\na week.", RESOLVED, Meant((Rated(2, "It took\na week.", "bob"),))),
        ("#rate 5/5", RESOLVED, Meant((Rated(5, "", "bob"),))),
        ("#rate 3.", RESOLVED, Meant((Rated(3, "", "bob"),))),
        ("#rate: 1", RESOLVED, Meant((Rated(1, "", "bob"),))),
        ("#rate 1\u00a0slow", CLOSED, Meant((Rated(1, "slow", "bob"),))),
        ("#category Billing", UNKNOWN, Meant((CategoryChanged(None, "billing"),))),
        ("#status", TICKET, Meant(wants_status=True)),
        (
            "#solved\n#rate 5",
            RESOLVED,
            Meant((StatusChanged("resolved", "closed", Phase.CLOSED), Rated(5, "", "bob"))),
        ),
    ],
)
def test_a_line_does_what_a_customer_may(text: str, ticket: Ticket, meant: Meant) -> None:
    assert said(text, ticket=ticket) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Hello", "", "#frobnicate", "#rate", "#rate good", "#rate 0", "#rate 6", "#rate 10", "#rate 45", "#category",
        "#category frob", "#category technical", "#status please", "#take", "#priority urgent", "#assign alice",
        "#note he", "#merge 1002", "#delete 1001", "#spam", "#list", "#undo", "#solved\n#take", "#rate 4\n#frob",
        "Thank you\n#solved", "#1 is broken",
    ],
)  # fmt: skip
def test_what_is_no_customers_command_is_his_own_text_as_a_whole(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize("text", ["#rate 5", "#category billing"])
def test_only_the_requester_rates_and_chooses(text: str) -> None:
    assert said(text, IDA, UNKNOWN) is None
    assert said(text, JANE, UNKNOWN) is not None


@pytest.mark.parametrize("text", ["#solved", "#close"])
def test_what_somebody_on_copy_thinks_of_it_neither_closes_nor_wakes_it(text: str) -> None:
    assert said(text, IDA, UNKNOWN) == Meant()
    assert said(text, JANE, RESOLVED) != Meant()


def test_a_participant_says_that_it_is_broken_asks_and_leaves() -> None:
    assert said("#broken", IDA, RESOLVED) == Meant((StatusChanged("resolved", "open", Phase.ACTIVE),), wakes=True)
    assert said("#status", IDA) == Meant(wants_status=True)
    gone = ParticipantLeft(IDA, "Ida", Standing.PARTICIPANT)
    assert said("#unsubscribe", IDA) == Meant((gone,), left=True)


def test_neither_the_requester_nor_a_supplier_leaves_by_a_line() -> None:
    assert said("#unsubscribe", JANE) == Meant(), "the link stands in a mail to all: his request stays his"
    assert said("#unsubscribe", VENDOR) is None
    assert said("#unsubscribe", "stranger@x.test") is None


def test_later_lines_see_what_earlier_ones_did() -> None:
    both = said("#solved\n#broken", ticket=RESOLVED)

    assert both is not None
    assert both.changes == (
        StatusChanged("resolved", "closed", Phase.CLOSED),
        StatusChanged("closed", "open", Phase.ACTIVE),
    )
    twice = said("#solved\n#solved", ticket=RESOLVED)
    assert twice is not None
    assert len(twice.changes) == 1


def test_a_category_is_chosen_once() -> None:
    assert said("#category billing\n#category technical", ticket=UNKNOWN) is None


def test_a_comment_is_kept_to_its_first_letters() -> None:
    rated = said("#rate 1 " + "x" * 5000)

    assert rated is not None
    assert isinstance(rated.changes[0], Rated)
    assert len(rated.changes[0].comment) == COMMENT


def test_a_desk_without_an_end_takes_solved_as_words() -> None:
    assert said("#solved", workflow=replace(DEFAULT_WORKFLOW, statuses=DEFAULT_WORKFLOW.statuses[:2])) is None
