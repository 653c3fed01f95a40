"""`#add`, `#cc`, `#uncc`: who takes part on the customers' side (ID-2)."""

import re

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand
from maild.mail.addresses import lower
from maild.mail.model import Mailbox
from maild.tickets.events import Change, ParticipantJoined, ParticipantLeft
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Standing, Ticket

ADDRESS = re.compile(r"(?:(?P<name>[^<>@]{0,100})<)?(?P<address>[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255})>?\Z")


def mailbox(argument: str) -> Mailbox | None:
    """An address as people write it: bare, in angle brackets with a name, or as a link."""
    found = ADDRESS.match(argument.removeprefix("mailto:"))
    return Mailbox(lower(found["address"]), (found["name"] or "").strip(' "')) if found else None


def person(argument: str, words: Vocabulary, hint: str) -> Mailbox:
    """Somebody outside the desk; WrongCommand for anything else (ID-5b)."""
    box = mailbox(argument)
    if box is None:
        raise WrongCommand(f"'{argument}' is no mail address" if argument else "an address is missing", hint)
    if words.directory.is_ours(box.address) or words.directory.agent_at(box.address):
        raise WrongCommand(f"{box.address} belongs to the desk", "write somebody of the customer's side, or a supplier")
    return box


def _add(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    box = person(argument, words, "write #add jane@customer.test")

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.belongs(box.address):
            return []
        known = ticket.participant(box.address)
        return [ParticipantJoined(box.address, box.name or (known.name if known else ""), Standing.PARTICIPANT)]

    return Wanted(changes)


def _remove(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    box = mailbox(argument)
    if box is None:
        wrong = f"'{argument}' is no mail address" if argument else "an address is missing"
        raise WrongCommand(wrong, "write #uncc jane@customer.test")

    def changes(ticket: Ticket) -> list[Change]:
        known = ticket.participant(box.address)
        if known is not None:
            return [ParticipantLeft(known.address, known.name, known.standing)]
        if ticket.requester.address == box.address:
            raise WrongCommand(f"{box.address} is the requester", "another one is set by #requester ADDRESS")
        there = ", ".join(each.address for each in ticket.participants) or "nobody"
        raise WrongCommand(f"{box.address} is not on this ticket", f"beside the requester: {there}")

    return Wanted(changes)


COMMAND = Command(
    name="add",
    usage="#add ADDRESS",
    summary="Lets somebody of the customer's side take part: he gets public answers and may write.",
    example="#add jane@customer.test",
    verb=Verb.CHANGE,
    read=_add,
    aliases=("cc",),
)
UNCC = Command(
    name="uncc",
    usage="#uncc ADDRESS",
    summary="Takes somebody off the ticket: he gets no more mails of it.",
    example="#uncc jane@customer.test",
    verb=Verb.CHANGE,
    read=_remove,
    aliases=("remove",),
)
