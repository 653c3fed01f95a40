"""Nobody is given more than his turn, whoever comes and goes (SPEC AS-1)."""

from collections import Counter
from dataclasses import replace

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as some

from maild.assignment import AssignmentRule, Candidate, after_taking
from tests.assignment.people import given

ROUND, LOAD = AssignmentRule("round-robin"), AssignmentRule("load")
NAMES = ("alice", "bob", "carol", "dora", "emil")
PRESENCE = some.lists(some.sets(some.sampled_from(NAMES)), min_size=1, max_size=60)


def played(days: list[set[str]], rule: AssignmentRule = ROUND) -> list[str | None]:
    """One ticket after the other; each time these people are there."""
    staff = tuple(Candidate(name) for name in NAMES)
    taken: list[str | None] = []
    for there in days:
        now = (replace(each, away="" if each.name in there else "is away") for each in staff)
        name = given(rule, *now).agent
        taken.append(name)
        staff = after_taking(staff, name) if name is not None else staff
    return taken


@settings(max_examples=150, deadline=None, derandomize=True)
@drawn(PRESENCE)
def test_of_two_who_are_there_all_the_while_neither_gets_two_more_than_the_other(days: list[set[str]]) -> None:
    taken = played(days)

    for one in NAMES:
        for other in NAMES:
            ahead = most = 0
            for name, there in zip(taken, days, strict=True):
                if one not in there or other not in there:
                    ahead = most = 0
                    continue
                # The largest lead within any stretch of time in which both were there.
                ahead = max(0, ahead + (name == one) - (name == other))
                most = max(most, ahead)
                assert most <= 1


@settings(max_examples=100, deadline=None, derandomize=True)
@drawn(PRESENCE)
def test_a_ticket_is_left_over_only_when_nobody_is_there(days: list[set[str]]) -> None:
    for name, there in zip(played(days), days, strict=True):
        assert (name is None) == (not there)
        assert name is None or name in there


def test_who_comes_back_takes_part_again_and_is_not_flooded() -> None:
    everybody = set(NAMES)

    taken = played([everybody - {"bob"}] * 100 + [everybody] * 10)

    assert Counter(taken[100:]) == dict.fromkeys(NAMES, 2)


def test_load_evens_out_what_people_have() -> None:
    assert Counter(played([set(NAMES)] * 50, LOAD)) == dict.fromkeys(NAMES, 10)
