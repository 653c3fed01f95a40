"""Kept raw mails read again with today's readers: what would differ, and taking over the texts (never decisions)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maild.desk.room import Room
from maild.desk.work import Readers
from maild.errors import PermanentError
from maild.mail.model import InboundMail
from maild.store import messages

BATCH = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a message that would be read differently: text, new_text, kind, files, or unreadable."""

    ticket: int
    message: int
    field: str
    old: str
    new: str


def count(room: Room, since: datetime | None) -> int:
    """How many messages came by mail since then."""
    with room.store.read() as tx:
        return messages.count_received(tx, since)


def differences(room: Room, readers: Readers, since: datetime | None) -> Iterator[tuple[int, list[Difference]]]:
    """(message, its differences) for each received message, oldest first; memory is that of one batch."""
    last = 0
    while True:
        with room.store.read() as tx:
            rows = messages.received_after(tx, last, since, BATCH)
            files = messages.files_of(tx, [row.id for row in rows])
        if not rows:
            return
        for row, future in [(row, _read(room, readers, row)) for row in rows]:
            yield row.id, _compared(row, files.get(row.id, []), future)
        last = rows[-1].id


def _read(room: Room, readers: Readers, row: Any) -> InboundMail | str:
    try:
        with room.store.read() as tx:
            source = room.blobs.get(tx, row.source)
        return readers.submit(source).result()
    except PermanentError as error:
        return str(error)


def _compared(row: Any, files: list[Any], mail: InboundMail | str) -> list[Difference]:
    if isinstance(mail, str):
        return [Difference(row.ticket, row.id, "unreadable", "", mail)]
    names = ", ".join(file.name for file in files)
    pairs = (
        ("kind", row.kind, mail.kind.value),
        ("text", row.text, mail.text),
        ("new_text", row.new_text, mail.new_text),
        ("files", names, ", ".join(file.name for file in mail.attachments)),
    )
    return [Difference(row.ticket, row.id, field, old, new) for field, old, new in pairs if old != new]


def take_over(room: Room, found: list[Difference]) -> int:
    """Writes new texts of one message; kinds, files and everything decided stay. Gives how many fields changed."""
    texts = {each.field: each.new for each in found if each.field in ("text", "new_text")}
    if texts:
        with room.store.begin() as tx:
            messages.set_texts(tx, found[0].message, texts)
    return len(texts)
