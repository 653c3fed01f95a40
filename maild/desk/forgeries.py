"""Counts references with a wrong signature: twenty an hour from one source are guessing, and admins are told (A12).

What is counted lives in this process only; the mails themselves become strangers' new tickets as ever.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.desk.troubles import tell_admins
from maild.mail.alignment import domain_of
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail
from maild.mail.tokens import SHAPE, plus_part

MOST_IN_AN_HOUR = 20
MOST_SOURCES = 10_000
HOUR = timedelta(hours=1)


def forged_references(mail: InboundMail, envelope: Envelope, book: Rulebook) -> int:
    """How many different references have the form of ours, name us, and are signed by nobody."""
    return len({text for text in _named(mail, envelope, book) if SHAPE.match(text) and not book.signer.verify(text)})


def _named(mail: InboundMail, envelope: Envelope, book: Rulebook) -> Iterator[str]:
    written = (box.address for box in (*mail.to, *mail.cc))
    for address in (*envelope.rcpt_to, *mail.delivered_to, *written):
        if book.directory.is_ours(address):
            yield plus_part(address)[1]
    for message_id in (*mail.in_reply_to, *mail.references):
        local, _, domain = message_id.strip("<> \t").lower().rpartition("@")
        if domain == domain_of(book.address):
            yield local.partition(".")[0]


def source_of(mail: InboundMail, envelope: Envelope) -> str:
    """Who is counted: the sender's domain where a mail server of ours hands everything on, else the connected peer."""
    if envelope.peer and not envelope.trusted:
        return envelope.peer
    sender = mail.author or mail.claimed
    return domain_of(sender.address) if sender else "nobody"


@dataclass(slots=True)
class _Seen:
    times: deque[datetime] = field(default_factory=lambda: deque(maxlen=MOST_IN_AN_HOUR))
    told: datetime | None = None


@dataclass(slots=True)
class Forgeries:
    """The sources of the last hour and their wrong signatures."""

    room: Room
    _sources: "OrderedDict[str, _Seen]" = field(default_factory=OrderedDict)

    def count(self, mail: InboundMail, envelope: Envelope) -> None:
        """Counts what this mail brought, and raises the alarm once an hour and source."""
        found = forged_references(mail, envelope, self.room.book)
        if found:
            self._count(source_of(mail, envelope), found, self.room.clock())

    def _count(self, source: str, found: int, now: datetime) -> None:
        seen = self._sources.setdefault(source, _Seen())
        self._sources.move_to_end(source)
        seen.times.extend([now] * min(found, MOST_IN_AN_HOUR))
        if len(self._sources) > MOST_SOURCES:
            self._sources.popitem(last=False)
        is_told = seen.told is not None and now - seen.told < HOUR
        if len(seen.times) == MOST_IN_AN_HOUR and now - seen.times[0] < HOUR and not is_told:
            seen.told = now
            words = f"{MOST_IN_AN_HOUR} references with a wrong signature within an hour from {source}"
            tell_admins(self.room, "trouble", "forged-references", words)
