"""`#add`: somebody may take part on the customers' side (ID-2)."""

import re

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand
from maild.mail.addresses import lower
from maild.mail.model import Mailbox
from maild.tickets.events import Change, ParticipantJoined
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Standing, Ticket

ADDRESS = re.compile(r"(?:(?P<name>[^<>@]{0,100})<)?(?P<address>[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255})>?\Z")


def _mailbox(argument: str) -> Mailbox | None:
    found = ADDRESS.match(argument.removeprefix("mailto:"))
    return Mailbox(lower(found["address"]), (found["name"] or "").strip(' "')) if found else None


def _read(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    box = _mailbox(argument)
    if box is None:
        wrong = f"'{argument}' is no mail address" if argument else "an address is missing"
        raise WrongCommand(wrong, "write #add jane@customer.test")
    if words.directory.is_ours(box.address) or words.directory.agent_at(box.address):
        raise WrongCommand(f"{box.address} belongs to the desk", "participants are people of the customer's side")

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.belongs(box.address):
            return []
        known = ticket.participant(box.address)
        return [ParticipantJoined(box.address, box.name or (known.name if known else ""), Standing.PARTICIPANT)]

    return Wanted(changes)


COMMAND = Command(
    name="add",
    usage="#add ADDRESS",
    summary="Lets somebody of the customer's side take part: he gets public answers and may write.",
    example="#add jane@customer.test",
    verb=Verb.CHANGE,
    read=_read,
)
