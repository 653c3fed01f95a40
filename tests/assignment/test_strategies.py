"""Each strategy of assignment: whom it names, and why (SPEC AS-1)."""

from dataclasses import replace

import pytest

from maild.assignment import STRATEGIES, AssignmentRule, Candidate, Target
from tests.assignment.people import ALICE, BOB, CAROL, STAFF, given, new_ticket

ROUND, LOAD = AssignmentRule("round-robin"), AssignmentRule("load")
SKILL, STICKY = AssignmentRule("skill"), AssignmentRule("sticky")
BILLING = AssignmentRule("category", to=(Target("Billing", "alice"), Target("vpn", team="network")))
INBOX = AssignmentRule("recipient", to=(Target("vip@acme.test", "bob"),))


def test_the_turn_goes_to_who_waited_longest() -> None:
    found = given(ROUND, replace(ALICE, turn=3), replace(BOB, turn=2), replace(CAROL, turn=4))

    assert found.agent == "bob"
    assert found.reason == "round-robin: it is the turn of bob"


def test_who_never_had_one_comes_first_and_the_order_of_the_config_decides_among_equals() -> None:
    assert given(ROUND, replace(ALICE, turn=1), BOB, CAROL).agent == "bob"
    assert given(ROUND, *STAFF).agent == "alice"
    assert given(LOAD, *STAFF).agent == "alice"
    assert given(ROUND, *reversed(STAFF)).agent == "carol"


def test_who_is_passed_over_is_named_with_the_reason() -> None:
    away = replace(ALICE, away="is away until 2026-03-09 08:00")

    assert given(ROUND, away, BOB).reason == (
        "round-robin: it is the turn of bob (alice is away until 2026-03-09 08:00)"
    )
    assert given(ROUND, ALICE, replace(BOB, away="is away")).reason == "round-robin: it is the turn of alice"


def test_when_nobody_is_there_nobody_gets_it_and_the_reason_names_a_few() -> None:
    away = [Candidate(f"agent{number}", away="is away") for number in range(5)]

    found = given(ROUND, *away)

    assert found.agent is None
    assert found.reason == (
        "round-robin: nobody is available (agent0 is away, agent1 is away, agent2 is away, and 2 more)"
    )
    assert given(ROUND).reason == "round-robin: nobody is available"


def test_who_has_as_many_as_he_may_have_gets_no_more() -> None:
    full, nearly = replace(ALICE, open=20, max_open=20), replace(BOB, open=19, max_open=20, turn=9)

    found = given(ROUND, full, nearly)

    assert found.agent == "bob"
    assert "alice has 20 of at most 20 open tickets" in found.reason
    assert given(ROUND, replace(full, max_open=None)).agent == "alice"


def test_load_goes_by_open_tickets_and_then_by_turn() -> None:
    assert given(LOAD, replace(ALICE, open=2), replace(BOB, open=1)).agent == "bob"
    assert given(LOAD, replace(ALICE, open=1, turn=2), replace(BOB, open=1, turn=1)).agent == "bob"
    assert given(LOAD, replace(ALICE, open=1)).reason == "load: alice has the fewest open tickets: 1"


@pytest.mark.parametrize(
    "about",
    [
        new_ticket(category="VPN"),
        new_ticket(tags=("vpn", "home office")),
        new_ticket(words=("vpn",)),
    ],
    ids=["category", "tag", "word"],
)
def test_a_skill_is_found_in_category_tags_and_words_of_keyword_rules(about: object) -> None:
    found = given(SKILL, ALICE, replace(BOB, skills=("Vpn", "sap")), new=about)  # type: ignore[arg-type]

    assert found.agent == "bob"
    assert found.reason == "skill: bob knows Vpn"


def test_who_knows_more_of_it_goes_before_who_waited_longer() -> None:
    about = new_ticket(category="billing", tags=("sap",))
    one, both = replace(ALICE, skills=("sap",)), replace(BOB, skills=("sap", "billing"), turn=7)

    assert given(SKILL, one, both, new=about).agent == "bob"
    assert given(SKILL, one, replace(both, away="is away"), new=about).agent == "alice"


def test_nobody_is_given_what_he_does_not_know() -> None:
    assert given(SKILL, ALICE, new=new_ticket(category="vpn")).reason == "skill: nobody has a skill for vpn"
    assert given(SKILL, replace(ALICE, skills=("vpn",))).agent is None


def test_a_customer_stays_with_his_last_agent_while_that_one_is_there() -> None:
    last = replace(BOB, last=True, turn=9)

    assert given(STICKY, ALICE, last).agent == "bob"
    assert given((STICKY, ROUND), ALICE, replace(last, away="is away")).agent == "alice"
    assert given(STICKY, ALICE, BOB).reason == "sticky: nobody here had a ticket of this customer"


def test_a_category_goes_to_its_agent_in_any_case_of_letters() -> None:
    found = given(BILLING, *STAFF, new=new_ticket(category="billing"))

    assert (found.agent, found.reason) == ("alice", "category: category billing goes to alice")
    assert given(BILLING, *STAFF, new=new_ticket(category="other")).agent is None
    assert given(BILLING, *STAFF).agent is None


def test_a_category_of_a_team_narrows_the_choice_of_the_next_entry() -> None:
    found = given((BILLING, ROUND), *STAFF, new=new_ticket(category="vpn", teams=("first-line",)))

    assert (found.agent, found.teams) == ("bob", ("network",))
    assert found.said == (
        "category: category vpn goes to network",
        "round-robin: it is the turn of bob",
    )


def test_an_address_of_ours_goes_to_its_agent_whatever_team_the_ticket_has() -> None:
    about = new_ticket(inbox="vip@acme.test", teams=("first-line",))

    assert given(INBOX, *STAFF, new=about).agent == "bob"
    assert given(INBOX, ALICE, replace(BOB, away="is away"), new=about).agent is None


def test_every_strategy_of_the_configuration_is_in_the_registry() -> None:
    from maild.config.schema_assignment import AssignmentEntry

    allowed = AssignmentEntry.model_json_schema()["properties"]["strategy"]["enum"]

    assert sorted(allowed) == sorted(name for name, _ in STRATEGIES)
