"""`#for`, `#bulk`, `#supplier`: the desk writes first (SPEC TI-7, TI-8)."""

from maild.commands.add import person
from maild.commands.canned import named
from maild.commands.command import Command, Scope, Visibility, Vocabulary, Wanted, WrongCommand, nearest
from maild.commands.effects import OpenFor, OpenForMany
from maild.tickets.events import Change, ParticipantJoined
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Standing, Ticket


def _for(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    return Wanted(effects=(OpenFor(person(argument, words, "write #for jane@customer.test")),), once="opening")


def _bulk(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    known = tuple(each.name for each in words.canned)
    if named(argument.lstrip("/"), words.canned) is None:
        wrong = f"there is no canned response '{argument}'" if argument else "the name of a canned response is missing"
        raise WrongCommand(wrong, nearest(argument, known) if known else "an admin puts them into canned_dir")
    return Wanted(effects=(OpenForMany(argument.lstrip("/")),), once="opening")


def _supplier(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    box = person(argument, words, "write #supplier help@vendor.test") if argument else None

    def changes(ticket: Ticket) -> list[Change]:
        if box is None:
            if not ticket.suppliers():
                raise WrongCommand("no supplier is on this ticket yet", "write #supplier help@vendor.test")
            return []
        known = ticket.participant(box.address)
        if known is not None and known.standing is Standing.SUPPLIER:
            return []
        if ticket.belongs(box.address):
            raise WrongCommand(f"{box.address} is on the customer's side here", "a supplier is somebody else")
        return [ParticipantJoined(box.address, box.name, Standing.SUPPLIER)]

    return Wanted(changes, visibility=Visibility.SUPPLIER)


FOR = Command(
    name="for",
    usage="#for ADDRESS",
    summary="Opens a ticket for a customer; he gets your text, and his answers come here.",
    example="#for Jane Doe <jane@customer.test>",
    verb=Verb.OUTREACH,
    read=_for,
    scope=Scope.DESK,
)
BULK = Command(
    name="bulk",
    usage="#bulk NAME",
    summary="Opens a ticket for each line of the attached CSV file (email, name, …), in a canned response's words.",
    example="#bulk recall-notice",
    verb=Verb.OUTREACH,
    read=_bulk,
    scope=Scope.DESK,
)
SUPPLIER = Command(
    name="supplier",
    usage="#supplier [ADDRESS]",
    summary="The text goes to an outside company, in a thread that the customer never sees.",
    example="#supplier help@vendor.test",
    verb=Verb.SUPPLIER,
    read=_supplier,
    aliases=("vendor",),
)
