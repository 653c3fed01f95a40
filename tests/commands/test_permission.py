"""Who may give which command: a role without one verb, and proof that is only a signed address (SPEC ID-3, ID-4)."""

from dataclasses import replace
from operator import attrgetter

import pytest

from maild.commands import COMMANDS, Command
from maild.tickets.people import Agent
from maild.tickets.roles import ROLES, Verb, may
from tests.commands.scene import ALICE, TICKET, WORDS, run

NAME = attrgetter("name")


@pytest.mark.parametrize("command", COMMANDS, ids=NAME)
def test_a_role_that_lacks_the_one_verb_may_not(command: Command) -> None:
    agent = Agent("zoe", "zoe@acme.test", role=f"not-{command.verb.value}")

    for word in (command.name, *command.aliases):
        outcome = run(f"#{word} whatever\n\nHello", agent)
        assert [(each.written, each.what) for each in outcome.wrong] == [
            (f"#{word} whatever", f"your role (not-{command.verb.value}) may not #{command.name}")
        ]
        assert outcome.wrong[0].hint == "ask an admin of this desk"
        assert (outcome.changes, outcome.effects, outcome.asks, outcome.text) == ((), (), (), "")


@pytest.mark.parametrize("command", COMMANDS, ids=NAME)
def test_every_other_role_may_unless_something_else_is_wrong(command: Command) -> None:
    for verb in set(Verb) - {command.verb}:
        agent = Agent("zoe", "zoe@acme.test", role=f"not-{verb.value}")
        assert not any("your role" in each.what for each in run(f"#{command.name} x", agent).wrong)


def test_a_role_that_nobody_knows_may_nothing() -> None:
    ghost = Agent("zoe", "zoe@acme.test", role="ghost")

    assert all("your role (ghost)" in run(f"#{each.name}", ghost).wrong[0].what for each in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=NAME)
def test_strong_commands_need_more_than_a_signed_address(command: Command) -> None:
    lines = {"block": "#block evil.test", "delete": "#delete TICK-1001"}
    words = replace(WORDS, strong=False)

    wrong = [each.what for each in run(lines.get(command.name, f"#{command.name}"), words=words).wrong]

    assert command.strong == (wrong == [f"#{command.name} needs more proof than a signed address"])
    assert command.strong == (command.name in lines)


def test_the_hint_says_how_to_give_more_proof() -> None:
    wrong = run("#block evil.test", words=replace(WORDS, strong=False)).wrong

    assert "logged in to the desk's own server" in wrong[0].hint


# What the roles that maild brings may do: a new command lands here on purpose.
REFUSED = {
    "super-admin": set(),
    "admin": {"delete"},
    "agent": {"delete", "block", "quality"},
}
DEVELOPER = {
    "note", "watch", "unwatch", "undo", "list", "search", "show", "history", "customer", "canned", "away", "back",
    "notify", "help",
}  # fmt: skip


@pytest.mark.parametrize("role", REFUSED)
def test_the_roles_of_the_house_may_all_but_these(role: str) -> None:
    agent = Agent("zoe", "zoe@acme.test", role=role)

    assert {each.name for each in COMMANDS if not may(agent, each.verb, ROLES)} == REFUSED[role]


def test_a_developer_reads_and_notes() -> None:
    agent = Agent("zoe", "zoe@acme.test", role="developer")

    assert {each.name for each in COMMANDS if may(agent, each.verb, ROLES)} >= DEVELOPER
    changing = {Verb.CHANGE, Verb.ASSIGN, Verb.MERGE, Verb.ANSWER, Verb.DELETE, Verb.BLOCK, Verb.OUTREACH, Verb.JUDGE}
    assert not any(may(agent, verb, ROLES) for verb in changing)


def test_help_lists_what_one_may_and_nothing_else() -> None:
    agent = Agent("zoe", "zoe@acme.test", role="not-merge")

    answer = run("#help", agent).asks[0].answer(None)  # type: ignore[arg-type]

    listed = {row.cells[0].split()[0] for row in answer.rows}
    assert listed == {f"#{each.name}" for each in COMMANDS if each.verb is not Verb.MERGE}
    assert run("#help merge", agent).wrong[0].what == "there is no command #merge"


def test_a_macro_lends_nobody_a_permission() -> None:
    agent = Agent("zoe", "zoe@acme.test", role="not-change")

    outcome = run("#macro turn\n\nHello", agent)

    assert {each.written for each in outcome.wrong} == {"#macro turn"}
    assert (outcome.changes, outcome.text) == ((), "")


def test_the_role_that_may_all_may_all() -> None:
    assert not any("role" in wrong.what for each in COMMANDS for wrong in run(f"#{each.name}", ALICE, TICKET).wrong)
