"""`webhook = "https://hooks.acme.test/maild"`: another system is told."""

from maild.rules.actions.action import ActionKind, Call, Done, Scene
from maild.tickets.ticket import Ticket


def _do(url: str, _ticket: Ticket, _scene: Scene) -> Done:
    return Done(wishes=(Call(url),))


ACTION = ActionKind("webhook", _do, tells=True)
