"""What the store knows that an agent's commands may speak of: looked up before anything is decided."""

import re
from datetime import datetime

from maild.commands import Filed, Known, Script
from maild.commands.macros import with_macros
from maild.desk.rulebook import Rulebook
from maild.store import Tx, messages, tickets
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket

DIGITS = re.compile(r"[0-9]{1,12}")
NAMES_TICKETS = frozenset({"merge", "unmerge", "link", "unlink", "delete", "show", "history", "customer"})
SPEAKS_OF_LINKED = frozenset({"unmerge", "reply", "public", "answer", "resolve", "resolved", "solve", "solved"})
MOST = 200


def known_for(
    tx: Tx, script: Script, ticket: Ticket | None, agent: Agent, book: Rulebook, now: datetime, *, lock: bool
) -> Known:
    """Only what the lines need. A ticket that the agent may not see is not there."""
    lines = with_macros(script, book.canned).lines
    words = {line.word for line in lines}
    numbers = [int(digits) for line in lines if line.word in NAMES_TICKETS for digits in DIGITS.findall(line.argument)]
    if ticket is not None and words & SPEAKS_OF_LINKED:
        numbers += [link.number for link in ticket.links]
    own = ticket.number if ticket else 0
    wanted = sorted(set(numbers) - {own})[:MOST]
    found = {number: other for number in wanted if (other := tickets.load(tx, number, lock=lock)) is not None}
    if ticket is not None and numbers:
        found[own] = ticket
    return Known(
        own=own,
        tickets={number: other for number, other in sorted(found.items()) if book.may_see(agent, other, now)},
        history=tuple(tickets.history(tx, own)) if own and "undo" in words else (),
        messages=_messages(tx, own) if own and "split" in words else (),
    )


def _messages(tx: Tx, number: int) -> tuple[Filed, ...]:
    """Those of the customers' side keep the number that `#show` gives them."""
    return tuple(
        Filed(row.id, place, row.from_address or "", row.from_name, _direction(row), row.subject)
        for place, row in enumerate(messages.glimpses(tx, number), 1)
    )


def _direction(row: object) -> str:
    """Only what a person of the customers' side wrote may begin a ticket of its own."""
    public = getattr(row, "visibility", "") == "public"
    return str(getattr(row, "direction", "")) if public else "note"
