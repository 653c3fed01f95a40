"""What an admin looks at and moves by hand: tickets, outbox, quarantine, numbers."""

from datetime import timedelta
from typing import Any

from maild.desk.room import Room
from maild.reports import Achievement, Volume, achievement
from maild.store import find, inbound, messages, outbox, reports, tickets
from maild.tickets.events import Event
from maild.tickets.query import parse_query
from maild.tickets.ticket import Ticket


def find_tickets(room: Room, query: str, limit: int | None) -> list[Ticket]:
    """Tickets that match, in the query's order or last changed first; raises QueryError that names the word."""
    asked = parse_query(query)
    with room.store.read() as tx:
        return find.find(tx, asked, room.book.setting(room.clock()), limit)


def whole_ticket(room: Room, number: int) -> tuple[Ticket, list[Any], dict[int, list[Any]], list[Event]] | None:
    """(ticket, message rows, file rows by message, history); None when there is no such ticket."""
    with room.store.read() as tx:
        ticket = tickets.load(tx, number)
        if ticket is None:
            return None
        rows = messages.of_ticket(tx, number)
        return ticket, rows, messages.files_of(tx, [row.id for row in rows]), tickets.history(tx, number)


def waiting_mails(room: Room, limit: int | None, *, everything: bool) -> list[Any]:
    """Rows of the outbox that still matter, or all."""
    with room.store.read() as tx:
        return outbox.listed(tx, everything=everything, limit=limit)


def count_waiting_mails(room: Room) -> int:
    """How many mails still have to leave."""
    with room.store.read() as tx:
        return outbox.count(tx)


def retry_mail(room: Room, row: int) -> bool:
    """Tries a waiting, failed or unknown mail now; False when there is none such."""
    with room.store.begin() as tx:
        return outbox.retry(tx, row, room.clock())


def drop_mail(room: Room, row: int) -> bool:
    """A mail that has not left will not leave; False when there is none such."""
    with room.store.begin() as tx:
        return outbox.drop(tx, row)


def quarantined(room: Room, limit: int | None) -> list[Any]:
    """Held and failed mails, newest first."""
    with room.store.read() as tx:
        return inbound.quarantined(tx, limit)


def count_quarantined(room: Room) -> int:
    """How many mails lie in quarantine."""
    with room.store.read() as tx:
        return inbound.count_set_aside(tx)


def spooled(room: Room, number: int) -> Any | None:
    """One row of the spool, whatever became of it."""
    with room.store.read() as tx:
        return inbound.one(tx, number)


def still_waiting(room: Room, ids: list[int]) -> bool:
    """True while one of these mails (or one that came between them) is not handled yet."""
    if not ids:
        return False
    with room.store.read() as tx:
        return inbound.still_waiting(tx, min(ids), max(ids)) > 0


def raw_bytes(room: Room, sha256: str) -> bytes:
    """A mail as it came; raises Damaged when its bytes are gone."""
    with room.store.read() as tx:
        return room.blobs.get(tx, sha256)


def release(room: Room, number: int) -> bool:
    """Lets a held mail through, or handles a failed one again; False when it is not in quarantine."""
    with room.store.begin() as tx:
        return inbound.retry(tx, number, released_by="admin")


def forget(room: Room, number: int) -> bool:
    """Takes a mail out of quarantine for good; False when it is not there."""
    with room.store.begin() as tx:
        return inbound.forget(tx, number, room.clock())


def volume(room: Room, length: timedelta) -> Volume:
    """The report on the period that ends now."""
    until = room.clock() + timedelta(seconds=1)
    with room.store.read() as tx:
        return reports.volume(tx, until - length, until)


def kept_promises(room: Room, length: timedelta) -> Achievement:
    """How many promises of the tickets opened in that time were kept."""
    until = room.clock()
    with room.store.read() as tx:
        return achievement(until - length, until, reports.promises(tx, until - length, until))
