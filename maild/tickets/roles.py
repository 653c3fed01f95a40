"""Who may do what: a role is a set of verbs and a query for what it sees (SPEC ID-4).

One question for mail, command line and rules. What one may not see does not exist for him.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from maild.tickets.people import Agent


class Verb(StrEnum):
    """What a permission is about."""

    READ = "read"
    ANSWER = "answer"
    NOTE = "note"
    CHANGE = "change"
    ASSIGN = "assign"
    MERGE = "merge"  # also split and link
    OUTREACH = "outreach"  # open tickets for customers, one or many
    SUPPLIER = "supplier"
    BLOCK = "block"
    JUDGE = "judge"  # the quality of colleagues' work
    RELEASE = "release"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Role:
    """`sees` is a query; empty: every ticket."""

    name: str
    verbs: frozenset[Verb]
    sees: str = ""


EVERYTHING = frozenset(Verb)
ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        Role("super-admin", EVERYTHING),
        Role("admin", EVERYTHING - {Verb.DELETE}),
        Role("agent", EVERYTHING - {Verb.DELETE, Verb.BLOCK, Verb.JUDGE}),
        Role("developer", frozenset({Verb.READ, Verb.NOTE})),
    )
}


def may(agent: Agent, verb: Verb, roles: Mapping[str, Role] = ROLES) -> bool:
    """True when the agent's role has this verb; an unknown role has none."""
    role = roles.get(agent.role)
    return role is not None and verb in role.verbs
