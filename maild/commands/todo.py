"""`#todo`, `#done` and `#time`: the work on a ticket as a list, and how long it took."""

import re

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand
from maild.tickets.events import Change, TimeSpent, TodoAdded, TodoDone
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

MOST = 50
HOURS = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)\s?(?:h|hours?|hrs?)(?:\s?([0-9]{1,3})\s?(?:m|min|minutes?)?)?\Z")
MINUTES = re.compile(r"([0-9]{1,4})\s?(?:m|min|minutes?)?\Z")


def _todo(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    if not argument:
        raise WrongCommand("what is to be done is missing", "write #todo order a new ribbon")

    def changes(ticket: Ticket) -> list[Change]:
        if len(ticket.todos) >= MOST:
            raise WrongCommand(f"there are {MOST} things to do already", "finish some with #done N")
        return [TodoAdded(max((each.number for each in ticket.todos), default=0) + 1, argument[:500])]

    return Wanted(changes)


def _done(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    numbers = argument.replace(",", " ").split()
    if not numbers or not all(each.isascii() and each.isdigit() and len(each) < 4 for each in numbers):
        raise WrongCommand(f"'{argument}' is no number of the list" if argument else "a number is missing", "#done 1")

    def changes(ticket: Ticket) -> list[Change]:
        known = {each.number: each for each in ticket.todos}
        for number in map(int, numbers):
            if number not in known:
                there = ", ".join(f"{each.number} {each.text}" for each in ticket.todos) or "nothing"
                raise WrongCommand(f"there is no thing number {number} to do", f"the list: {there}")
        wanted = dict.fromkeys(map(int, numbers))
        return [TodoDone(number, done=True) for number in wanted if not known[number].done]

    return Wanted(changes)


def minutes_of(argument: str) -> int | None:
    """`20m`, `1h30`, `1.5h`, `90` as minutes."""
    text = argument.lower()
    if found := HOURS.match(text):
        return round(float(found[1].replace(",", ".")) * 60) + int(found[2] or 0)
    found = MINUTES.match(text)
    return int(found[1]) if found else None


def _time(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    minutes = minutes_of(argument)
    if not minutes:
        raise WrongCommand(f"'{argument}' is no length of time" if argument else "a length is missing", "#time 20m")
    return Wanted(lambda _ticket: [TimeSpent(minutes)])


TODO = Command(
    name="todo",
    usage="#todo TEXT",
    summary="Puts a thing to do on the ticket's list.",
    example="#todo order a new ribbon",
    verb=Verb.CHANGE,
    read=_todo,
    takes_text=True,
)
DONE = Command(
    name="done",
    usage="#done N…",
    summary="Ticks things off the list.",
    example="#done 1",
    verb=Verb.CHANGE,
    read=_done,
)
TIME = Command(
    name="time",
    usage="#time LENGTH",
    summary="Adds time spent.",
    example="#time 20m",
    verb=Verb.CHANGE,
    read=_time,
    aliases=("spent",),
)
