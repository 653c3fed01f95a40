"""`#assign` and `#take`: who is responsible."""

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nearest, nothing_after
from maild.tickets.events import Assigned, Change, TeamsChanged
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket


def _to_agent(name: str) -> Wanted:
    return Wanted(lambda ticket: [] if ticket.assignee == name else [Assigned(ticket.assignee, name)])


def _to_team(team: str) -> Wanted:
    def changes(ticket: Ticket) -> list[Change]:
        found: list[Change] = []
        if ticket.teams != (team,):
            found.append(TeamsChanged(ticket.teams, (team,)))
        if ticket.assignee is not None:
            found.append(Assigned(ticket.assignee, None))
        return found

    return Wanted(changes)


def _assign(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    name = argument.lstrip("@")
    agent = words.directory.agent_named(name) or words.directory.agent_at(name)
    if agent is not None:
        return _to_agent(agent.name)
    team = next((each for each in words.directory.team_names() if each.casefold() == name.casefold()), None)
    if team is not None:
        return _to_team(team)
    known = tuple(each.name for each in words.directory.agents) + words.directory.team_names()
    wrong = f"nobody is called '{argument}'" if argument else "a name is missing"
    raise WrongCommand(wrong, nearest(name, known))


def _take(argument: str, agent: Agent, _words: Vocabulary) -> Wanted:
    nothing_after(argument, "#take")
    return _to_agent(agent.name)


COMMAND = Command(
    name="assign",
    usage="#assign NAME|TEAM",
    summary="Makes an agent, or a team, responsible.",
    example="#assign bob -- knows the VPN",
    verb=Verb.ASSIGN,
    read=_assign,
)
TAKE = Command(
    name="take",
    usage="#take",
    summary="Makes you responsible.",
    example="#take",
    verb=Verb.ASSIGN,
    read=_take,
    aliases=("claim", "mine"),
)
