"""`#subject`, `#category`, `#requester`: what it is about, and whose it is."""

from maild.commands.add import person
from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nearest
from maild.tickets.events import CategoryChanged, Change, ParticipantLeft, RequesterChanged, SubjectChanged
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

LONGEST = 300


def _subject(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    new = " ".join(argument.split())[:LONGEST]
    if not new:
        raise WrongCommand("the new subject is missing", "write #subject Printer in hall 2 prints nothing")
    return Wanted(lambda ticket: [] if ticket.subject == new else [SubjectChanged(ticket.subject, new)])


def _category(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    if argument.casefold() in ("none", "-"):
        return Wanted(lambda ticket: [CategoryChanged(ticket.category, None)] if ticket.category else [])
    new = next((each for each in words.categories if each.casefold() == argument.casefold()), None)
    if new is None:
        wrong = f"there is no category '{argument}'" if argument else "a category is missing"
        known = "this desk has no categories: add [tickets] categories to its config"
        raise WrongCommand(wrong, nearest(argument, words.categories) if words.categories else known)
    return Wanted(lambda ticket: [] if ticket.category == new else [CategoryChanged(ticket.category, new)])


def _requester(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    box = person(argument, words, "write #requester jane@customer.test")

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.requester.address == box.address:
            return []
        known = ticket.participant(box.address)
        if known is None:
            return [RequesterChanged(ticket.requester, box)]
        # Leaving first is said, so that #undo can put him back as what he was.
        left = ParticipantLeft(known.address, known.name, known.standing)
        return [left, RequesterChanged(ticket.requester, box if box.name else known.mailbox)]

    return Wanted(changes)


SUBJECT = Command(
    name="subject",
    usage="#subject TEXT",
    summary="Gives the ticket another subject.",
    example="#subject Printer in hall 2 prints nothing",
    verb=Verb.CHANGE,
    read=_subject,
    aliases=("title",),
    takes_text=True,
)
CATEGORY = Command(
    name="category",
    usage="#category NAME",
    summary="Says what kind of request it is.",
    example="#category billing",
    verb=Verb.CHANGE,
    read=_category,
    aliases=("type",),
)
REQUESTER = Command(
    name="requester",
    usage="#requester ADDRESS",
    summary="Makes it another customer's ticket; the one before is not copied any more.",
    example="#requester jane@customer.test",
    verb=Verb.CHANGE,
    read=_requester,
)
