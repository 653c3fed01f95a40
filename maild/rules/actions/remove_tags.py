"""`remove_tags = ["vpn"]`."""

from maild.rules.actions.action import NOTHING, ActionKind, Done, Scene
from maild.tickets.events import TagsChanged
from maild.tickets.ticket import Ticket


def _do(tags: tuple[str, ...], ticket: Ticket, _scene: Scene) -> Done:
    kept = tuple(tag for tag in ticket.tags if tag not in tags)
    return NOTHING if kept == ticket.tags else Done((TagsChanged(ticket.tags, kept),))


ACTION = ActionKind("remove_tags", _do)
