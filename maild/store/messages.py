"""Messages of tickets and their files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from maild.ids import sha256_hex
from maild.mail.model import Attachment, Mailbox
from maild.store import fulltext, schema
from maild.store.blobs import Blobs
from maild.store.dialect import among
from maild.store.engine import Tx
from maild.store.prepared import Prepared

LOGO_BYTES = 64 * 1024
LOGO_SEEN = 2
M = schema.messages
A = schema.attachments


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A mail or note that is about to be filed."""

    at: datetime
    direction: str
    visibility: str
    kind: str
    author: Mailbox | None
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    text: str
    new_text: str
    message_id: str | None
    via: str
    attachments: tuple[Attachment, ...] = ()


def insert(
    tx: Tx, blobs: Blobs, number: int, new: NewMessage, source: tuple[str, int] | None, inbound: int | None
) -> int:
    """Files a message with its attachments; gives its id. `source` is the raw mail's hash and size."""
    row = {
        "ticket": number,
        "at": new.at,
        "direction": new.direction,
        "visibility": new.visibility,
        "kind": new.kind,
        "from_address": new.author.address if new.author else None,
        "from_name": new.author.name if new.author else "",
        "to": pairs(new.to),
        "cc": pairs(new.cc),
        "subject": new.subject,
        "text": new.text,
        "new_text": new.new_text,
        "message_id": new.message_id,
        "via": new.via,
        "source": source[0] if source else None,
        "source_size": source[1] if source else None,
        "inbound": inbound,
        "home": number,
    }
    message: int = tx.execute(_INSERT, row).scalar_one()
    author = (new.author.name, new.author.address) if new.author else ()
    fulltext.index_message(tx, message, new.subject, new.new_text, *author)
    logos = _known_logos(tx, new)
    files = [_file_row(tx, blobs, message, place, file, logos) for place, file in enumerate(new.attachments)]
    if files:
        tx.execute(_INSERT_FILES, files)
    return message


_INSERT = Prepared(sa.insert(M).returning(M.c.id))
_INSERT_FILES = Prepared(sa.insert(A))


def _known_logos(tx: Tx, new: NewMessage) -> frozenset[str]:
    """Hashes of small images that this sender's mails brought before: his signature's logo (UN-4d)."""
    small = [file for file in new.attachments if file.size <= LOGO_BYTES and file.content_type.startswith("image/")]
    if not small or new.author is None:
        return frozenset()
    hashes = [sha256_hex(file.content) for file in small]
    seen = (
        sa.select(A.c.sha256)
        .join(M, M.c.id == A.c.message)
        .where(A.c.sha256.in_(hashes), M.c.from_address == new.author.address)
        .group_by(A.c.sha256)
        .having(sa.func.count(sa.distinct(A.c.message)) >= LOGO_SEEN)
    )
    return frozenset(tx.execute(seen).scalars())


def _file_row(
    tx: Tx, blobs: Blobs, message: int, place: int, file: Attachment, logos: frozenset[str]
) -> dict[str, Any]:
    sha256 = blobs.put(tx, file.content)
    return {
        "message": message,
        "place": place,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": sha256,
        "inline": file.inline,
        "hidden": sha256 in logos,
        "content_id": file.content_id,
    }


def of_ticket(tx: Tx, number: int) -> list[Any]:
    """Every message of a ticket in order."""
    return list(tx.execute(sa.select(M).where(M.c.ticket == number).order_by(M.c.id)))


def one(tx: Tx, message: int) -> Any | None:
    """One message."""
    return tx.execute(sa.select(M).where(M.c.id == message)).one_or_none()


def files_of(tx: Tx, message_ids: list[int]) -> dict[int, list[Any]]:
    """The attachment rows of messages, in order."""
    found: dict[int, list[Any]] = {}
    if message_ids:
        for row in tx.execute(_FILES_OF, {"ids": message_ids}):
            found.setdefault(row.message, []).append(row)
    return found


_FILES_OF = Prepared(sa.select(A).where(among(A.c.message, "ids")).order_by(A.c.message, A.c.place))


def with_contents(tx: Tx, blobs: Blobs, message: int) -> tuple[Attachment, ...]:
    """The files of a message with their bytes."""
    return tuple(
        Attachment(row.name, row.content_type, blobs.get(tx, row.sha256), row.inline, row.content_id)
        for row in shown_files(tx, message)
    )


def shown_files(tx: Tx, message: int) -> tuple[Any, ...]:
    """Rows of the files that are shown: without their bytes, without logos."""
    return tuple(row for row in files_of(tx, [message]).get(message, ()) if not row.hidden)


def last_ids(tx: Tx, number: int, visibility: str = "public", limit: int = 10) -> tuple[str, ...]:
    """The newest Message-IDs of a thread, oldest first: what References are made of."""
    wanted = {"number": number, "visibility": visibility, "most": limit}
    return tuple(reversed([row.message_id for row in tx.execute(_LAST_IDS, wanted)]))


_LAST_IDS = Prepared(
    sa.select(M.c.message_id)
    .where(
        M.c.ticket == sa.bindparam("number"),
        M.c.visibility == sa.bindparam("visibility"),
        M.c.message_id.is_not(None),
    )
    .order_by(M.c.id.desc())
    .limit(sa.bindparam("most"))
)


def internal_texts(tx: Tx, number: int, limit: int = 50) -> list[str]:
    """The newest notes: what must never stand in a customer's mail."""
    return tx.execute(_INTERNAL, {"number": number, "most": limit}).scalars()


_INTERNAL = Prepared(
    sa.select(M.c.new_text)
    .where(M.c.ticket == sa.bindparam("number"), M.c.visibility == "internal")
    .order_by(M.c.id.desc())
    .limit(sa.bindparam("most"))
)


def pairs(boxes: tuple[Mailbox, ...]) -> list[list[str]]:
    """Mailboxes as JSON: [address, name]."""
    return [[box.address, box.name] for box in boxes]


def boxes(rows: list[list[str]]) -> tuple[Mailbox, ...]:
    """The inverse of `pairs`."""
    return tuple(Mailbox(address, name) for address, name in rows)


def set_message_id(tx: Tx, message: int, message_id: str) -> None:
    """The id under which a message left."""
    tx.execute(_SET_ID, {"message": message, "message_id": message_id})


_SET_ID = Prepared(sa.update(M).where(M.c.id == sa.bindparam("message")).values(message_id=sa.bindparam("message_id")))


def _received(since: datetime | None) -> sa.ColumnElement[bool]:
    """Messages that came by mail from outside and whose bytes are kept."""
    came = sa.and_(M.c.direction == "in", M.c.source.is_not(None))
    return came if since is None else sa.and_(came, M.c.at >= since)


def count_received(tx: Tx, since: datetime | None) -> int:
    """How many messages came by mail since then."""
    return tx.execute(sa.select(sa.func.count()).select_from(M).where(_received(since))).scalar_one()


def received_after(tx: Tx, last: int, since: datetime | None, limit: int) -> list[Any]:
    """The next messages that came by mail, in order of their ids."""
    query = sa.select(M).where(_received(since), M.c.id > last).order_by(M.c.id).limit(limit)
    return list(tx.execute(query))


def set_texts(tx: Tx, message: int, texts: dict[str, str]) -> None:
    """Better readings of a message's `text` and `new_text`."""
    tx.execute(sa.update(M).where(M.c.id == message).values(texts))
    row = tx.execute(sa.select(M).where(M.c.id == message)).one()
    fulltext.index_message(tx, message, row.subject, row.new_text, row.from_name, row.from_address or "")


def glimpses(tx: Tx, number: int) -> list[Any]:
    """Who wrote the messages of a ticket, in order, without their texts."""
    columns = (M.c.id, M.c.from_address, M.c.from_name, M.c.direction, M.c.visibility, M.c.kind, M.c.subject)
    return list(tx.execute(sa.select(*columns).where(M.c.ticket == number).order_by(M.c.id)))


def move_all(tx: Tx, old: int, new: int) -> int:
    """A merge: all messages of one ticket stand on another now; gives how many."""
    return tx.execute(sa.update(M).where(M.c.ticket == old).values(ticket=new)).rowcount


def move_home(tx: Tx, here: int, homes: list[int], back: int) -> int:
    """A merge taken back: the messages that were filed on these tickets stand on `back` again."""
    came = sa.and_(M.c.ticket == here, M.c.home.in_(homes))
    return tx.execute(sa.update(M).where(came).values(ticket=back)).rowcount


def split_off(tx: Tx, message: int, old: int, new: int) -> bool:
    """One message begins another ticket; False when it is not on the old one any more."""
    same = sa.and_(M.c.id == message, M.c.ticket == old)
    return bool(tx.execute(sa.update(M).where(same).values(ticket=new, home=new)).rowcount)


def authors(tx: Tx, number: int) -> frozenset[str]:
    """Everybody who wrote on a ticket."""
    return frozenset(filter(None, tx.execute(sa.select(M.c.from_address).where(M.c.ticket == number)).scalars()))


def contents_of(tx: Tx, number: int) -> frozenset[str]:
    """The hashes of all raw mails and files of a ticket."""
    raw = tx.execute(sa.select(M.c.source).where(M.c.ticket == number, M.c.source.is_not(None))).scalars()
    files = tx.execute(sa.select(A.c.sha256).join(M, M.c.id == A.c.message).where(M.c.ticket == number)).scalars()
    return frozenset((*raw, *files))


GONE = "(deleted)"


def destroy(tx: Tx, number: int) -> None:
    """The words and files of a ticket's messages are no more; that there was a message stays."""
    fulltext.forget(tx, number)
    own = sa.select(M.c.id).where(M.c.ticket == number)
    tx.execute(sa.delete(A).where(A.c.message.in_(own)))
    empty: dict[str, Any] = {
        "subject": GONE,
        "text": GONE,
        "new_text": GONE,
        "source": None,
        "source_size": None,
        "to": [],
        "cc": [],
    }
    tx.execute(sa.update(M).where(M.c.ticket == number).values(empty))
