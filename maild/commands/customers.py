"""What customers may say by a line: solved, still broken, a rating, a category, a question (SPEC CU-3, CU-4).

Lenient: a line that is none of these is a customer's own text, never an error.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from maild.commands.lines import CommandLine, Script
from maild.records import replace
from maild.tickets.decide import on_customer_reply, step
from maild.tickets.events import CategoryChanged, Change, Event, ParticipantLeft, Rated
from maild.tickets.fold import fold
from maild.tickets.ticket import Standing, Ticket
from maild.tickets.workflow import Phase, Workflow

COMMENT = 1000
SCORE = re.compile(r"([1-5])(?![0-9])(?:\s?/\s?5)?")


@dataclass(frozen=True, slots=True)
class Said:
    """One mail of the customers' side: its ticket, who wrote, and what the desk allows him to choose."""

    ticket: Ticket
    author: str
    workflow: Workflow
    categories: tuple[str, ...]
    text: str

    @property
    def is_requester(self) -> bool:
        """Only he closes, rates and chooses."""
        return self.author == self.ticket.requester.address


@dataclass(frozen=True, slots=True)
class Meant:
    """What a customer's lines do; `wants_status`: he asked where his request stands; `left`: he is off the ticket."""

    changes: tuple[Change, ...] = ()
    wants_status: bool = False
    left: bool = False
    wakes: bool = False  # still broken: work goes on


Reading = Callable[[str, Said], Meant | None]


def _solved(_argument: str, said: Said) -> Meant | None:
    closed = said.workflow.in_phase(Phase.CLOSED) or said.workflow.in_phase(Phase.RESOLVED)
    if closed is None:
        return None
    if not said.is_requester:
        return Meant()  # what somebody on copy thinks of it neither closes nor wakes it
    return Meant(tuple(step(said.ticket, closed)) if said.ticket.phase is not Phase.CLOSED else ())


def _broken(_argument: str, said: Said) -> Meant | None:
    return Meant(tuple(on_customer_reply(said.ticket, said.workflow)), wakes=True)


def _rate(argument: str, said: Said) -> Meant | None:
    score = SCORE.match(argument)
    if not said.is_requester or score is None:
        return None
    comment = " ".join(filter(None, (argument[score.end() :].strip(" :-–—.,"), said.text)))[:COMMENT]
    return Meant((Rated(int(score[1]), comment, said.ticket.assignee),))


def _category(argument: str, said: Said) -> Meant | None:
    new = next((each for each in said.categories if each.casefold() == argument.strip().casefold()), None)
    if not said.is_requester or new is None or said.ticket.category is not None:
        return None
    return Meant((CategoryChanged(None, new),))


def _status(argument: str, _said: Said) -> Meant | None:
    return Meant(wants_status=True) if not argument else None


def _unsubscribe(_argument: str, said: Said) -> Meant | None:
    known = said.ticket.participant(said.author)
    if said.is_requester:
        return Meant()  # the link stands in a mail to all: his request stays his
    if known is None or known.standing is Standing.SUPPLIER:
        return None
    return Meant((ParticipantLeft(known.address, known.name, known.standing),), left=True)


CUSTOMER_COMMANDS: tuple[tuple[tuple[str, ...], Reading], ...] = (
    (("solved", "close", "closed"), _solved),
    (("broken", "reopen"), _broken),
    (("rate", "rating"), _rate),
    (("category",), _category),
    (("status",), _status),
    (("unsubscribe",), _unsubscribe),
)


def read_customer(script: Script, said: Said) -> Meant | None:
    """What the lines mean together, or None when one of them is no command: then all of it is plain text."""
    together = Meant()
    for line in script.lines:
        meant = _one(line, said)
        if meant is None:
            return None
        said = replace(said, ticket=_after(said.ticket, meant.changes))
        together = Meant(
            (*together.changes, *meant.changes),
            wants_status=together.wants_status or meant.wants_status,
            left=together.left or meant.left,
            wakes=together.wakes or meant.wakes,
        )
    return together if script.lines else None


def _one(line: CommandLine, said: Said) -> Meant | None:
    reading = next((reading for words, reading in CUSTOMER_COMMANDS if line.word in words), None)
    return reading(line.argument, said) if reading else None


def _after(ticket: Ticket, changes: tuple[Change, ...]) -> Ticket:
    """A later line sees what the earlier ones did."""
    return fold(ticket.number, ticket, [Event(ticket.updated_at, "", each, seq=ticket.seq) for each in changes])
