"""The exact bytes of a mail of the outbox: made of the same values each time, and kept once they may have arrived."""

from dataclasses import dataclass
from typing import Any

from maild.desk.letter import CARRIES_FILES, ShownFile, Words, write_letter
from maild.desk.room import Room
from maild.outbox.compose import compose
from maild.store import messages, outbox
from maild.store.outbox import NewMail, Pending


@dataclass(frozen=True, slots=True)
class Shown:
    """What the mails of a batch show, read at once: messages by id, and their files without the bytes."""

    messages: dict[int, Any]
    files: dict[int, list[Any]]


def shown_by(room: Room, claimed: list[Pending]) -> Shown:
    """What these mails show."""
    if not claimed:
        return Shown({}, {})
    with room.store.read() as tx:
        found = outbox.shown_messages(tx, claimed)
        return Shown(found, messages.files_of(tx, list(found)))


def content_of(room: Room, words: Words, pending: Pending, shown: Shown) -> bytes:
    """The mail. PermanentError when it cannot be written."""
    mail = pending.mail
    if pending.content is not None:
        with room.store.read() as tx:
            return room.blobs.get(tx, pending.content)
    row = shown.messages.get(mail.message) if mail.message is not None else None
    files = _files(room, mail, shown)
    return compose(write_letter(mail, row, files, room.book, words, pending.created_at))


def _files(room: Room, mail: NewMail, shown: Shown) -> tuple[ShownFile, ...]:
    """Bytes only where they leave; elsewhere names and sizes are shown."""
    rows = shown.files.get(mail.message, []) if mail.message is not None else []
    if rows and mail.message is not None and mail.event in CARRIES_FILES:
        with room.store.read() as tx:
            return messages.with_contents(tx, room.blobs, mail.message)
    return tuple(row for row in rows if not row.hidden)
