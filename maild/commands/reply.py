"""`#reply`: what follows goes to the customer, also as an answer to a note's notification.

`#reply linked` and `#resolve linked` are for incidents: the customer of each linked ticket gets his own mail.
"""

from maild.commands.command import Command, Visibility, Vocabulary, Wanted, WrongCommand
from maild.commands.effects import TellLinked
from maild.tickets.events import Change
from maild.tickets.links import SAME_TROUBLE
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket, label
from maild.tickets.workflow import Phase


def tell_linked(words: Vocabulary, *, resolve: bool) -> Wanted:
    """The words go to the customers of all tickets about the same trouble, each in a mail of his own (TI-8)."""

    def changes(ticket: Ticket) -> list[Change]:
        there = {link.number for link in ticket.links if link.kind in SAME_TROUBLE}
        if not any(
            words.known.tickets[number].phase is not Phase.CLOSED for number in there & set(words.known.tickets)
        ):
            raise WrongCommand(
                "no open ticket is linked to this one", f"link them first: #link {label(words.prefix, 1002)}"
            )
        return []

    return Wanted(changes, visibility=Visibility.PUBLIC, effects=(TellLinked(resolve),), once="linked")


def _reply(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    if argument.casefold() == "linked":
        return tell_linked(words, resolve=False)
    return Wanted(visibility=Visibility.PUBLIC, text=argument)


COMMAND = Command(
    name="reply",
    usage="#reply [text] | #reply linked",
    summary="The text goes to the customer; linked: also to those of all linked tickets, each in a mail of his own.",
    example="#reply\n\nYour parcel leaves today.",
    verb=Verb.ANSWER,
    read=_reply,
    aliases=("public", "answer"),
    takes_text=True,
)
