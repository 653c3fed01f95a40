"""`notify = ["assignee", "network", "bob"]`: agents hear of it who otherwise would not."""

from collections.abc import Iterable

from maild.rules.actions.action import ActionKind, Done, Scene, Tell
from maild.tickets.people import Agent, Directory
from maild.tickets.ticket import Ticket

WORDS = ("assignee", "team", "followers", "admins")


def _do(whom: tuple[str, ...], _ticket: Ticket, _scene: Scene) -> Done:
    return Done(wishes=(Tell(whom),))


def agents_of(whom: Iterable[str], ticket: Ticket, directory: Directory) -> tuple[Agent, ...]:
    """Who is meant, each once; names of nobody mean nobody."""
    return tuple(dict.fromkeys(agent for word in whom for agent in _meant(word, ticket, directory)))


def _meant(word: str, ticket: Ticket, directory: Directory) -> tuple[Agent, ...]:
    match word:
        case "assignee":
            return _named((ticket.assignee or "",), directory)
        case "team":
            return tuple(agent for team in ticket.teams for agent in directory.team(team))
        case "followers":
            return _named(ticket.followers, directory)
        case "admins":
            found = (directory.agent_at(address) for address in directory.admins)
            return tuple(agent for agent in found if agent is not None)
        case _:
            one = directory.agent_named(word) or directory.agent_at(word)
            return (one,) if one is not None else directory.team(word)


def _named(names: Iterable[str], directory: Directory) -> tuple[Agent, ...]:
    found = (directory.agent_named(name) for name in names)
    return tuple(agent for agent in found if agent is not None)


ACTION = ActionKind("notify", _do, tells=True)
