"""`set_field = { machine = "X200" }`: fields of the desk's own."""

from maild.rules.actions.action import ActionKind, Done, Scene
from maild.tickets.events import FieldSet
from maild.tickets.ticket import Ticket


def _do(values: tuple[tuple[str, str], ...], ticket: Ticket, _scene: Scene) -> Done:
    fresh = ((name, value) for name, value in values if ticket.field(name) != value)
    return Done(tuple(FieldSet(name, ticket.field(name), value) for name, value in fresh))


ACTION = ActionKind("set_field", _do)
