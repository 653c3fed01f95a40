"""`#note`: what follows is for colleagues only."""

from maild.commands.command import Command, Visibility, Wanted
from maild.tickets.roles import Verb

COMMAND = Command(
    name="note",
    usage="#note [text]",
    summary="The text is an internal note; the customer never sees it.",
    example="#note\n\nHe called twice today.",
    verb=Verb.NOTE,
    read=lambda argument, _agent, _words: Wanted(visibility=Visibility.INTERNAL, text=argument),
    aliases=("internal", "comment"),
    takes_text=True,
)
