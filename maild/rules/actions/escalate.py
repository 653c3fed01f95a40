"""`escalate = true`: level and priority rise by one, and those who answer for the desk are told."""

from maild.rules.actions.action import ActionKind, Done, Scene
from maild.tickets.events import Change, Escalated, PriorityChanged
from maild.tickets.ticket import Ticket


def _do(_value: bool, ticket: Ticket, scene: Scene) -> Done:
    changes: list[Change] = [Escalated(ticket.level, ticket.level + 1)]
    ranks = scene.setting.priorities
    higher = ranks[ranks.index(ticket.priority) + 1 :] if ticket.priority in ranks else ()
    if higher:
        changes.append(PriorityChanged(ticket.priority, higher[0]))
    return Done(tuple(changes))


ACTION = ActionKind("escalate", _do)
