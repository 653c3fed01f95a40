"""`mark_spam = true`: nothing automatic goes to its sender any more, and the ticket is closed (SPEC ID-6)."""

from maild.rules.actions.action import NOTHING, ActionKind, Done, Scene
from maild.tickets.decide import step
from maild.tickets.events import SpamMarked
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase


def _do(_value: bool, ticket: Ticket, scene: Scene) -> Done:
    if ticket.spam:
        return NOTHING
    closed = scene.setting.workflow.in_phase(Phase.CLOSED)
    return Done((SpamMarked(old=False, new=True), *(step(ticket, closed) if closed else ())))


ACTION = ActionKind("mark_spam", _do)
