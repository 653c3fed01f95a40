"""`answer = "opening-hours"`: the customer gets this canned response, marked as automatic (SPEC RU-1, RFC 3834)."""

from maild.rules.actions.action import ActionKind, Answer, Done, Scene
from maild.tickets.ticket import Ticket


def _do(canned: str, ticket: Ticket, _scene: Scene) -> Done:
    if not ticket.answerable or ticket.spam:
        return Done(words="this sender gets no automatic mail")
    return Done(wishes=(Answer(canned),))


ACTION = ActionKind("answer", _do, tells=True)
