"""`#priority`: how soon it matters."""

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nearest
from maild.tickets.events import PriorityChanged
from maild.tickets.people import Agent
from maild.tickets.roles import Verb


def _read(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    new = next((each for each in words.priorities if each.casefold() == argument.casefold()), None)
    if new is None:
        wrong = f"there is no priority '{argument}'" if argument else "a priority is missing"
        raise WrongCommand(wrong, nearest(argument, words.priorities))
    return Wanted(lambda ticket: [] if ticket.priority == new else [PriorityChanged(ticket.priority, new)])


COMMAND = Command(
    name="priority",
    usage="#priority NAME",
    summary="Sets the priority.",
    example="#priority high -- the whole office is down",
    verb=Verb.CHANGE,
    read=_read,
    aliases=("prio",),
)
