"""What desk commands may ask: the desk answers from its store, within what the agent may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maild.tickets.events import Event
from maild.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. `ticket` and `actions` (command lines) make one-click links."""

    cells: tuple[str, ...]
    ticket: int | None = None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The answer to one line: what came of it, words, and a table."""

    result: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A list of tickets; `total` may be more than are here."""

    tickets: tuple[Ticket, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search found something."""

    ticket: Ticket
    at: datetime
    author: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as an agent reads it."""

    at: datetime
    author: str
    direction: str
    visibility: str
    text: str
    files: tuple[str, ...]


class Reader(Protocol):
    """All answers are within what the asking agent may see; QueryError for a query that cannot be understood."""

    def find(self, query: str) -> Found:
        """Tickets of a query or of a view's name."""
        ...

    def search(self, words: str) -> Sequence[Place]:
        """The newest messages with these words."""
        ...

    def ticket(self, number: int) -> Ticket | None:
        """One ticket."""
        ...

    def messages(self, number: int) -> Sequence[Shown]:
        """All messages of a ticket, oldest first."""
        ...

    def history(self, number: int) -> Sequence[tuple[int, Event]]:
        """Everything that happened to a ticket and to those merged into it (on which), oldest first."""
        ...

    def customer(self, address: str) -> Sequence[Ticket]:
        """A customer's tickets, newest first."""
        ...

    def local(self, moment: datetime) -> str:
        """A time as people of this desk read it."""
        ...

    def label(self, number: int) -> str:
        """`TICK-1001`."""
        ...
