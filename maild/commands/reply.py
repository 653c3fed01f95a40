"""`#reply`: what follows goes to the customer, also as an answer to a note's notification."""

from maild.commands.command import Command, Visibility, Wanted
from maild.tickets.roles import Verb

COMMAND = Command(
    name="reply",
    usage="#reply [text]",
    summary="The text goes to the customer.",
    example="#reply\n\nYour parcel leaves today.",
    verb=Verb.ANSWER,
    read=lambda argument, _agent, _words: Wanted(visibility=Visibility.PUBLIC, text=argument),
    aliases=("public", "answer"),
    takes_text=True,
)
