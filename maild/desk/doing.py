"""What effects of commands share: who asked for them, and how one more ticket changes by the same mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.commands.reader import Section
from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.room import Room
from maild.errors import PermanentError
from maild.store import Tx, tickets
from maild.store.messages import NewMessage
from maild.tickets.events import Change
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket

Told = tuple[str, Section]


@dataclass(frozen=True, slots=True)
class Doing:
    """Who asked, on which ticket, by what; `message` are his words, for linked tickets."""

    ticket: Ticket | None
    agent: Agent
    cause: str
    now: datetime
    message: NewMessage | None = None


def act_of(
    doing: Doing,
    number: int,
    ticket: Ticket | None,
    changes: Sequence[Change],
    *,
    reason: str = "",
    cause: str = "",
    quiet: bool = False,
) -> Act:
    """Changes of one more ticket, or of a new one, by the same agent and mail; `quiet`: nobody is told of it."""
    told = tuple(Reasoned(change, reason) for change in changes)
    actor = f"agent:{doing.agent.name}"
    return Act(number, ticket, told, actor, cause or doing.cause, doing.now, agent=doing.agent, quiet=quiet)


def change_also(tx: Tx, room: Room, doing: Doing, ticket: Ticket, changes: Sequence[Change]) -> None:
    """One more ticket changes because of the same mail, and nobody is told of it."""
    carry_out(tx, room, act_of(doing, ticket.number, ticket, changes, quiet=True))


def locked(tx: Tx, room: Room, number: int) -> Ticket:
    """The ticket, locked; a PermanentError when it is not there any more."""
    found = tickets.load(tx, number, lock=True)
    if found is None:
        raise PermanentError(f"there is no ticket {room.book.label(number)}")
    return found
