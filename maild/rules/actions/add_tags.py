"""`add_tags = ["vpn"]`."""

from maild.rules.actions.action import NOTHING, ActionKind, Done, Scene
from maild.tickets.events import TagsChanged
from maild.tickets.ticket import Ticket


def _do(tags: tuple[str, ...], ticket: Ticket, _scene: Scene) -> Done:
    new = tuple(dict.fromkeys((*ticket.tags, *tags)))
    return NOTHING if new == ticket.tags else Done((TagsChanged(ticket.tags, new),))


ACTION = ActionKind("add_tags", _do)
