"""`assign = "alice"`: this agent is responsible."""

from maild.rules.actions.action import NOTHING, ActionKind, Done, Scene
from maild.tickets.events import Assigned
from maild.tickets.ticket import Ticket


def _do(name: str, ticket: Ticket, scene: Scene) -> Done:
    agent = scene.directory.agent_named(name)
    if agent is None:
        return Done(words=f"nobody is called {name}")
    return NOTHING if ticket.assignee == agent.name else Done((Assigned(ticket.assignee, agent.name),))


ACTION = ActionKind("assign", _do)
