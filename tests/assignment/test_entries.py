"""The admin's entries: which is asked, in which order, of whom (SPEC AS-1)."""

from dataclasses import replace
from datetime import UTC, datetime, time

from maild.assignment import AssignmentRule
from maild.tickets.calendars import Calendar, Frame
from maild.tickets.query import parse_query
from tests.assignment.people import ALICE, BOB, CAROL, MONDAY, STAFF, given, new_ticket

OFFICE = Calendar("office", UTC, ((Frame(time(9), time(17)),),) * 5 + ((),) * 2)
ROUND = AssignmentRule("round-robin")


def test_without_an_entry_nobody_is_named() -> None:
    found = given((), *STAFF, new=new_ticket(teams=("network",)))

    assert (found.agent, found.teams, found.said, found.reason) == (None, ("network",), (), "")


def test_the_first_entry_that_names_somebody_decides() -> None:
    found = given((AssignmentRule("sticky"), AssignmentRule("load"), ROUND), replace(ALICE, open=1), BOB)

    assert found.agent == "bob"
    assert [each.partition(":")[0] for each in found.said] == ["sticky", "load"]


def test_an_entry_is_for_the_tickets_that_its_query_finds() -> None:
    urgent = AssignmentRule("round-robin", when=parse_query("is:urgent"), team="network")

    assert given((urgent, ROUND), *STAFF, new=new_ticket(priority="urgent")).agent == "bob"
    assert given((urgent, ROUND), *STAFF).agent == "alice"
    assert given(urgent, *STAFF).said == ()


def test_a_query_may_ask_for_words_of_the_mail() -> None:
    words = AssignmentRule("round-robin", when=parse_query('"printer burns"'))
    others = AssignmentRule("round-robin", when=parse_query("keyboard"))

    assert given(words, ALICE).agent == "alice"
    assert given(others, ALICE).agent is None


def test_only_members_of_the_entrys_team_may_get_it_else_those_of_the_tickets_teams() -> None:
    network = AssignmentRule("round-robin", team="Network")
    about = new_ticket(teams=("first-line",))

    assert given(network, ALICE, CAROL, new=about).agent == "carol"
    assert given(ROUND, BOB, CAROL, new=about).agent == "carol"
    assert given(ROUND, BOB, new=about).agent is None
    assert given(ROUND, BOB).agent == "bob"


def test_an_entry_of_business_hours_waits_for_no_one_outside_of_them() -> None:
    rule = AssignmentRule("round-robin", hours=OFFICE)

    assert given(rule, ALICE, now=MONDAY).agent == "alice"
    late = given((rule, AssignmentRule("load")), ALICE, now=datetime(2026, 3, 2, 17, 0, tzinfo=UTC))
    assert late.agent == "alice"
    assert late.said[0] == "round-robin: only in the hours of office"
