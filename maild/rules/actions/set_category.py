"""`set_category = "billing"`."""

from maild.rules.actions.action import NOTHING, ActionKind, Done, Scene
from maild.tickets.events import CategoryChanged
from maild.tickets.ticket import Ticket


def _do(category: str, ticket: Ticket, _scene: Scene) -> Done:
    return NOTHING if ticket.category == category else Done((CategoryChanged(ticket.category, category),))


ACTION = ActionKind("set_category", _do)
