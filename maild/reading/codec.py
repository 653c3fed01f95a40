"""`InboundMail` ↔ frames: a length-prefixed JSON document and the raw bytes of the files behind it. No pickle."""

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from maild.mail.model import (
    Attachment,
    AuthenticationResult,
    Bounced,
    Forwarded,
    Hints,
    InboundMail,
    Kind,
    Limits,
    Mailbox,
)

PREFIX = struct.Struct(">IQ")

_AS_THEY_ARE = (
    "message_id", "subject", "text", "new_text", "html", "kind_because", "auto_submitted", "bulk", "language",
    "digest", "hops",
)  # fmt: skip
_STRINGS = ("in_reply_to", "references", "delivered_to", "bounced_ids", "tokens", "defects", "lists")
_MAILBOXES = ("reply_to", "to", "cc")


def frame(document: dict[str, Any], blobs: Sequence[bytes] = ()) -> list[bytes]:
    """The pieces of one frame, in order; the blobs are not copied."""
    head = json.dumps({**document, "blobs": [len(blob) for blob in blobs]}).encode("ascii")
    return [PREFIX.pack(len(head), sum(map(len, blobs))) + head, *blobs]


def unframe(head: bytes, tail: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The document and the blobs of a frame whose two halves have been read."""
    document: dict[str, Any] = json.loads(head)
    blobs: list[bytes] = []
    at = 0
    for size in document.pop("blobs"):
        blobs.append(tail[at : at + size])
        at += size
    return document, blobs


def mail_frame(mail: InboundMail) -> list[bytes]:
    """A mail as one frame."""
    document: dict[str, Any] = {name: getattr(mail, name) for name in (*_AS_THEY_ARE, *_STRINGS)}
    document |= {name: _pairs(getattr(mail, name)) for name in _MAILBOXES}
    document |= {
        "author": _pairs([mail.author])[0] if mail.author else None,
        "claimed": _pairs([mail.claimed])[0] if mail.claimed else None,
        "date": mail.date.isoformat() if mail.date else None,
        "kind": mail.kind.value,
        "files": [[file.name, file.content_type, file.inline, file.content_id] for file in mail.attachments],
        "bounced": [[item.address, item.hard, item.status] for item in mail.bounced],
        "authentication": [
            [item.authserv_id, item.method, item.result, item.properties] for item in mail.authentication
        ],
        "forwarded": _forwarded_values(mail.forwarded) if mail.forwarded else None,
    }
    return frame({"mail": document}, [file.content for file in mail.attachments])


def mail_of(document: dict[str, Any], blobs: Sequence[bytes]) -> InboundMail:
    """The mail that `mail_frame` wrote."""
    plain: dict[str, Any] = {name: document[name] for name in _AS_THEY_ARE}
    plain |= {name: tuple(document[name]) for name in _STRINGS}
    plain |= {name: _boxes(document[name]) for name in _MAILBOXES}
    return InboundMail(
        **plain,
        author=Mailbox(*document["author"]) if document["author"] else None,
        claimed=Mailbox(*document["claimed"]) if document["claimed"] else None,
        date=datetime.fromisoformat(document["date"]) if document["date"] else None,
        kind=Kind(document["kind"]),
        attachments=tuple(
            Attachment(name, content_type, blob, inline, content_id)
            for (name, content_type, inline, content_id), blob in zip(document["files"], blobs, strict=True)
        ),
        bounced=tuple(Bounced(*item) for item in document["bounced"]),
        authentication=tuple(
            AuthenticationResult(server, method, result, tuple((name, value) for name, value in properties))
            for server, method, result, properties in document["authentication"]
        ),
        forwarded=_forwarded(document["forwarded"]) if document["forwarded"] else None,
    )


def _forwarded_values(original: Forwarded) -> dict[str, Any]:
    date = original.date.isoformat() if original.date else None
    return {**asdict(original), "author": _pairs([original.author])[0], "date": date}


def _forwarded(values: dict[str, Any]) -> Forwarded:
    date = datetime.fromisoformat(values["date"]) if values["date"] else None
    return Forwarded(**{**values, "author": Mailbox(*values["author"]), "date": date})


def _pairs(boxes: Iterable[Mailbox]) -> list[list[str]]:
    return [[box.address, box.name] for box in boxes]


def _boxes(pairs: Iterable[Sequence[str]]) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(address, name) for address, name in pairs)


def settings_frame(hints: Hints, limits: Limits, cpu_seconds: int, memory_bytes: int) -> list[bytes]:
    """The first frame that a child gets: what it needs to know for all mails."""
    known = {**asdict(hints), "addresses": sorted(hints.addresses)}
    return frame({"hints": known, "limits": asdict(limits), "cpu_seconds": cpu_seconds, "memory_bytes": memory_bytes})


def hints_of(known: dict[str, Any]) -> Hints:
    """The hints of a settings frame."""
    return Hints(**{**known, "addresses": frozenset(known["addresses"]), "names": tuple(known["names"])})
