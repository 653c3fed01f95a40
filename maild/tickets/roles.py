"""Who may do what: a role is a set of verbs (SPEC ID-4); one question for mail, command line and rules."""

from enum import StrEnum

from maild.tickets.people import Agent


class Verb(StrEnum):
    """What a permission is about."""

    READ = "read"
    ANSWER = "answer"
    NOTE = "note"
    CHANGE = "change"
    ASSIGN = "assign"
    RELEASE = "release"


EVERYTHING = frozenset(Verb)
ROLES: dict[str, frozenset[Verb]] = {
    "super-admin": EVERYTHING,
    "admin": EVERYTHING,
    "agent": EVERYTHING,
    "developer": frozenset({Verb.READ, Verb.NOTE}),
}


def may(agent: Agent, verb: Verb) -> bool:
    """True when the agent's role has this verb; an unknown role has none."""
    return verb in ROLES.get(agent.role, frozenset())
