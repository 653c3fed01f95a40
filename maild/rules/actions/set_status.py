"""`set_status = "waiting"`: only by a step that the workflow allows an agent, too (SPEC TI-2)."""

from maild.rules.actions.action import ActionKind, Done, Scene
from maild.tickets.decide import step
from maild.tickets.fields import missing
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase


def _do(name: str, ticket: Ticket, scene: Scene) -> Done:
    workflow = scene.setting.workflow
    status = workflow.find(name)
    if status is None:
        return Done(words=f"there is no status {name}")
    if ticket.status != status.name and not workflow.allows(ticket.status, status.name):
        return Done(words=f"from {ticket.status} there is no step to {status.name}")
    empty = missing(ticket.fields, scene.fields) if status.phase is Phase.RESOLVED else ()
    if empty:
        return Done(words=f"{', '.join(empty)} must be known before it is {status.name}")
    return Done(tuple(step(ticket, status)))


ACTION = ActionKind("set_status", _do)
