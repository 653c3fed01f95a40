"""What the desk answers to `#list`, `#show` and the like: read from the store, within what the agent may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maild.commands import Asked, WrongCommand
from maild.commands.reader import Found, Place, Row, Section, Shown
from maild.desk.card import local_time
from maild.desk.links import ActionLinks
from maild.desk.rulebook import Rulebook
from maild.store import Tx, find, fulltext, messages, tickets
from maild.tickets.events import ClocksChanged, Event
from maild.tickets.links import MERGED_FROM
from maild.tickets.people import Agent
from maild.tickets.query import Setting, both, parse_query, resolve
from maild.tickets.ticket import Ticket

LISTED = 50
PLACES = 20
MESSAGES = 200


@dataclass(frozen=True, slots=True)
class DeskReader:
    """`maild.commands.reader.Reader` over one transaction and one agent's eyes."""

    tx: Tx
    book: Rulebook
    agent: Agent
    now: datetime

    def find(self, query: str) -> Found:
        """A view's name stands for its query."""
        text = self.book.views.get(query.strip().casefold(), query) or "is:open"
        wanted = both(parse_query(text), self.book.eyes(self.agent))
        setting = self._setting()
        found = find.find(self.tx, wanted, setting, LISTED)
        total = find.count(self.tx, wanted, setting) if len(found) >= LISTED else len(found)
        return Found(tuple(found), total)

    def search(self, words: str) -> list[Place]:
        """The newest messages, one line each."""
        places = []
        seen = find.where(resolve(self.book.eyes(self.agent), self._setting()), self.tx.dialect.name)
        for hit in fulltext.newest(self.tx, words, PLACES, among=seen):
            ticket, row = self.ticket(hit.ticket), messages.one(self.tx, hit.message)
            if ticket is not None and row is not None:
                places.append(Place(ticket, hit.at, row.from_name or row.from_address or "", _around(hit.text, words)))
        return places

    def ticket(self, number: int) -> Ticket | None:
        """What he may not see is not there."""
        found = tickets.load(self.tx, number)
        return found if found is not None and self.book.may_see(self.agent, found, self.now) else None

    def messages(self, number: int) -> list[Shown]:
        """The newest of very many."""
        rows = messages.of_ticket(self.tx, number)[-MESSAGES:]
        files = messages.files_of(self.tx, [row.id for row in rows])
        return [_shown(row, files.get(row.id, []), self.book) for row in rows]

    def history(self, number: int) -> list[tuple[int, Event]]:
        """With the history of the tickets that went into it."""
        ticket = tickets.load(self.tx, number)
        merged = [link.number for link in ticket.links if link.kind == MERGED_FROM] if ticket else []
        histories = ((each, event) for each in (number, *merged) for event in tickets.history(self.tx, each))
        # Where the clocks stand follows from what is told beside it.
        events = [(each, event) for each, event in histories if not isinstance(event.change, ClocksChanged)]
        return sorted(events, key=lambda pair: pair[1].at)

    def customer(self, address: str) -> list[Ticket]:
        """Newest first; closed ones, too."""
        wanted = both(parse_query(f"customer:{address} sort:-created"), self.book.eyes(self.agent))
        return find.find(self.tx, wanted, self._setting(), LISTED)

    def local(self, moment: datetime) -> str:
        """In the desk's zone."""
        return local_time(moment, self.book.timezone)

    def label(self, number: int) -> str:
        """`TICK-1001`."""
        return self.book.label(number)

    def _setting(self) -> Setting:
        return self.book.setting(self.now, self.agent)


def _around(text: str, words: str) -> str:
    """The passage with the first of the words, on one line."""
    line = " ".join(text.split())
    places = [line.casefold().find(each.strip('"*').casefold()) for each in words.split()]
    start = max(min((place for place in places if place >= 0), default=0) - 40, 0)
    return ("…" if start else "") + line[start : start + 160]


def _shown(row: Any, files: list[Any], book: Rulebook) -> Shown:
    author = row.from_name or row.from_address or "unknown"
    names = tuple(file.name for file in files if not file.hidden)
    return Shown(row.at, author, row.direction, row.visibility, row.new_text, names)


def answered(asks: Iterable[Asked], reader: DeskReader) -> list[tuple[str, Section]]:
    """(the line, its answer) of every question."""
    return [(each.written, _answer(each, reader)) for each in asks]


def _answer(asked: Asked, reader: DeskReader) -> Section:
    try:
        return asked.answer(reader)
    except WrongCommand as error:
        return Section(f"{error} ({error.hint})" if error.hint else str(error))


def as_context(sections: Iterable[tuple[str, Section]], links: ActionLinks) -> list[dict[str, Any]]:
    """Sections as templates show them, with a link for each action of each row."""
    return [
        {
            "line": line,
            "result": section.result,
            "text": section.text,
            "columns": list(section.columns),
            "rows": [{"cells": list(row.cells), "actions": _actions(row, links)} for row in section.rows],
        }
        for line, section in sections
    ]


def _actions(row: Row, links: ActionLinks) -> list[dict[str, str]]:
    return links.of(row.ticket, row.actions, in_text=1) if row.ticket is not None else []
