"""The desk writes first: `#for` one customer, or `#bulk` to many by a CSV file (SPEC TI-8)."""

import csv
import io

from maild.assignment import place
from maild.commands import Outcome, Script, Vocabulary, WrongCommand, WrongLine
from maild.commands.add import person
from maild.commands.canned import fill, named
from maild.commands.effects import OpenForMany
from maild.commands.lines import split_reason
from maild.commands.macros import with_macros
from maild.desk.answering import canned_values
from maild.desk.decide_customer import NO_SUBJECT, standing
from maild.desk.decision import Letter
from maild.desk.facts import Facts
from maild.desk.rulebook import Rulebook
from maild.errors import PermanentError
from maild.mail.charset import decode
from maild.mail.model import Attachment, InboundMail, Mailbox
from maild.records import replace
from maild.tickets.events import Event, Opened
from maild.tickets.fold import fold
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket

MOST_LETTERS = 500
ADDRESS_COLUMNS = ("email", "e-mail", "mail", "address", "adresse")
NAME_COLUMNS = ("name", "full name", "customer")


def opened_for(script: Script, mail: InboundMail, facts: Facts, book: Rulebook, words: Vocabulary) -> Opened | None:
    """The opening of a ticket by `#for`; None without that line, or when it is wrong (then running it says so)."""
    lines = with_macros(script, words.canned).lines
    line = next((each for each in lines if each.word == "for"), None)
    if line is None:
        return None
    try:
        requester = person(split_reason(line.argument)[0], words, "")
    except WrongCommand:
        return None
    subject = facts.match.ticket.subject if facts.match else mail.subject
    return opening(requester, subject, facts, book)


def opening(requester: Mailbox, subject: str, facts: Facts, book: Rulebook) -> Opened:
    """A ticket that the desk begins: it waits for the customer."""
    start = book.workflow.first
    return Opened(
        subject=subject or NO_SUBJECT,
        requester=requester,
        status=start.name,
        phase=start.phase,
        priority=facts.inbox.priority or book.default_priority,
        inbox=facts.inbox_address,
        category=facts.inbox.category,
        language=facts.inbox.language,
        teams=place(facts.inbox, book.directory).teams,
        **standing(requester.address, book),
    )


def letters_of(
    outcome: Outcome, script: Script, mail: InboundMail, book: Rulebook, words: Vocabulary, agent: Agent
) -> tuple[tuple[Letter, ...], tuple[WrongLine, ...]]:
    """What `#bulk` writes: every line of the file is right, or nothing leaves and the wrong lines are named."""
    wanted = next((each for each in outcome.effects if isinstance(each, OpenForMany)), None)
    if wanted is None:
        return (), ()
    lines = with_macros(script, words.canned).lines
    line = next(each.written for each in lines if each.word == "bulk")
    try:
        return _letters(wanted.canned, mail, book, words, agent), ()
    except PermanentError as error:
        return (), (WrongLine(line, str(error), "nothing was sent"),)


def _letters(name: str, mail: InboundMail, book: Rulebook, words: Vocabulary, agent: Agent) -> tuple[Letter, ...]:
    canned = named(name, book.canned)
    assert canned is not None, "the command has looked it up"
    files = [file for file in mail.attachments if file.name.lower().endswith(".csv") or "csv" in file.content_type]
    if len(files) != 1:
        raise PermanentError(f"one CSV file is wanted, {len(files) or 'none'} came with the mail")
    subject = mail.subject or canned.title
    base = opening_sample(subject, book, words)
    found: dict[str, Letter] = {}
    for place_, row in _rows(files[0]):
        requester = _requester(row, place_, words)
        sample = replace(base, requester=requester)
        values = {**{f"row.{key}": value for key, value in row.items()}, **canned_values(sample, agent, book)}
        found.setdefault(requester.address, Letter(requester, subject, fill(canned, values)))
        if len(found) > MOST_LETTERS:
            raise PermanentError(f"the file has more than {MOST_LETTERS} addresses: split it")
    if not found:
        raise PermanentError("the file names nobody")
    return tuple(found.values())


def opening_sample(subject: str, book: Rulebook, words: Vocabulary) -> Ticket:
    """A ticket that is not yet: what canned responses are filled from."""
    opened = Opened(
        subject, Mailbox("unknown@invalid"), book.workflow.first.name, book.workflow.first.phase, "", book.address
    )
    return fold(0, None, [Event(words.now, "system:bulk", opened)])


def _rows(file: Attachment) -> list[tuple[int, dict[str, str]]]:
    """(line, column → value); the separator is found from the first line, as spreadsheets of all countries write it."""
    text, _ = decode(file.content, None)
    lines = text.lstrip("\ufeff").splitlines()
    first = lines[0] if lines else ""
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator))
    except csv.Error as error:
        raise PermanentError(f"the file is no CSV: {error}") from error
    if not rows:
        raise PermanentError("the file is empty")
    head = [cell.strip().casefold() for cell in rows[0]]
    if not set(ADDRESS_COLUMNS) & set(head):
        raise PermanentError("line 1 of the file must name its columns, one of them email")
    return [
        (number, dict(zip(head, map(str.strip, row), strict=False)))
        for number, row in enumerate(rows[1:], 2)
        if any(row)
    ]


def _requester(row: dict[str, str], line: int, words: Vocabulary) -> Mailbox:
    address = next((row[name] for name in ADDRESS_COLUMNS if row.get(name)), "")
    name = next((row[each] for each in NAME_COLUMNS if row.get(each)), "")
    try:
        box = person(address, words, "")
    except WrongCommand as error:
        raise PermanentError(f"line {line} of the file: {error}") from error
    return replace(box, name=box.name or name[:100])
