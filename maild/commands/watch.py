"""`#watch`, `#unwatch`: agents who are told what happens on a ticket."""

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nearest
from maild.tickets.events import FollowersChanged
from maild.tickets.people import Agent
from maild.tickets.roles import Verb


def _named(argument: str, agent: Agent, words: Vocabulary) -> Agent:
    if not argument:
        return agent
    found = words.directory.agent_named(argument.lstrip("@")) or words.directory.agent_at(argument)
    if found is None:
        known = tuple(each.name for each in words.directory.agents)
        raise WrongCommand(f"no agent is called '{argument}'", nearest(argument.lstrip("@"), known))
    return found


def _watch(argument: str, agent: Agent, words: Vocabulary) -> Wanted:
    name = _named(argument, agent, words).name
    return Wanted(
        lambda ticket: (
            [] if name in ticket.followers else [FollowersChanged(ticket.followers, (*ticket.followers, name))]
        )
    )


def _unwatch(argument: str, agent: Agent, words: Vocabulary) -> Wanted:
    name = _named(argument, agent, words).name

    def kept(old: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each for each in old if each != name)

    return Wanted(
        lambda ticket: [FollowersChanged(ticket.followers, kept(ticket.followers))] if name in ticket.followers else []
    )


COMMAND = Command(
    name="watch",
    usage="#watch [AGENT]",
    summary="You, or a colleague, get mails about this ticket.",
    example="#watch",
    verb=Verb.NOTE,
    read=_watch,
    aliases=("follow",),
)
UNWATCH = Command(
    name="unwatch",
    usage="#unwatch [AGENT]",
    summary="No more mails about this ticket, until you take part again.",
    example="#unwatch",
    verb=Verb.NOTE,
    read=_unwatch,
    aliases=("unfollow",),
)
