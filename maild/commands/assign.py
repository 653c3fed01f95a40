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


def _assign(argument: str, agent: Agent, words: Vocabulary) -> Wanted:
    name = argument.lstrip("@")
    if name.casefold() in ("none", "nobody"):
        return _drop("", agent, words)
    if name.casefold() == "me":
        return _to_agent(agent.name)
    found = words.directory.agent_named(name) or words.directory.agent_at(name)
    if found is not None:
        return _to_agent(found.name)
    team = next((each for each in words.directory.team_names() if each.casefold() == name.casefold()), None)
    if team is not None:
        return _to_team(team)
    known = tuple(each.name for each in words.directory.agents) + words.directory.team_names()
    wrong = f"nobody is called '{argument}'" if argument else "a name is missing"
    raise WrongCommand(wrong, nearest(name, known))


def _take(argument: str, agent: Agent, _words: Vocabulary) -> Wanted:
    nothing_after(argument, "#take")
    return _to_agent(agent.name)


def _drop(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    nothing_after(argument, "#drop")
    return Wanted(lambda ticket: [Assigned(ticket.assignee, None)] if ticket.assignee else [])


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
DROP = Command(
    name="drop",
    usage="#drop",
    summary="Nobody is responsible any more; the team sees it as unassigned.",
    example="#drop -- I am ill",
    verb=Verb.ASSIGN,
    read=_drop,
    aliases=("release", "unassign"),
)
