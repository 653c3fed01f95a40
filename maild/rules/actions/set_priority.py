"""`set_priority = "high"`."""

from maild.rules.actions.action import NOTHING, ActionKind, Done, Scene
from maild.tickets.events import PriorityChanged
from maild.tickets.ticket import Ticket


def _do(priority: str, ticket: Ticket, _scene: Scene) -> Done:
    return NOTHING if ticket.priority == priority else Done((PriorityChanged(ticket.priority, priority),))


ACTION = ActionKind("set_priority", _do)
