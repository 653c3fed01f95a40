"""`#cause`: why a promise was not kept, for the report (SPEC SL-3)."""

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand
from maild.tickets.events import BreachExplained, Change
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

LONGEST = 200


def _read(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    new = " ".join(argument.split())[:LONGEST]
    if not new:
        raise WrongCommand("the cause is missing", "write #cause waited for the vendor")

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.clocks is None or not ticket.clocks.breached:
            raise WrongCommand("no promise of this ticket was broken", "there is nothing to explain")
        return [] if ticket.breach_cause == new else [BreachExplained(ticket.breach_cause, new)]

    return Wanted(changes)


COMMAND = Command(
    name="cause",
    usage="#cause TEXT",
    summary="Says why a promised time was not kept; the report counts it.",
    example="#cause waited for the vendor",
    verb=Verb.CHANGE,
    read=_read,
    takes_text=True,
)
