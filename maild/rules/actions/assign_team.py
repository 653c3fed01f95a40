"""`assign_team = "network"`: this team alone sees it as theirs; who is not in it is responsible no more."""

from maild.rules.actions.action import ActionKind, Done, Scene
from maild.tickets.events import Assigned, Change, TeamsChanged
from maild.tickets.ticket import Ticket


def _do(team: str, ticket: Ticket, scene: Scene) -> Done:
    members = {agent.name for agent in scene.directory.team(team)}
    changes: list[Change] = []
    if ticket.teams != (team,):
        changes.append(TeamsChanged(ticket.teams, (team,)))
        if ticket.assignee is not None and ticket.assignee not in members:
            changes.append(Assigned(ticket.assignee, None))
    return Done(tuple(changes))


ACTION = ActionKind("assign_team", _do)
