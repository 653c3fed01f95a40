"""A ticket as a value: the fold of its events, nothing else (SPEC TI-1)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from maild.mail.addresses import lower
from maild.mail.model import Mailbox
from maild.tickets.clocks import Clocks
from maild.tickets.workflow import Phase


class Standing(StrEnum):
    """How somebody of the customers' side came to a ticket."""

    PARTICIPANT = "participant"
    UNVERIFIED = "unverified"  # wrote with a signed reference, but nobody knows him (ID-2)
    MERGED = "merged"  # came with a merged ticket: a mail of his own, so that strangers don't see each other (OUT-6)
    SUPPLIER = "supplier"  # an outside company that helps: in a thread of its own, unseen by the customer (TI-7)


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on the customers' side beside the requester."""

    address: str
    name: str = ""
    standing: Standing = Standing.PARTICIPANT

    @property
    def mailbox(self) -> Mailbox:
        """As it stands in To and Cc."""
        return Mailbox(self.address, self.name)


@dataclass(frozen=True, slots=True)
class Link:
    """A relation to another ticket, as seen from this one; `tickets/links.py` has the words."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Todo:
    """A thing to do on a ticket."""

    number: int
    text: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket now. `number` is the sequence; `seq` the number of its last event; names of statuses are config's.

    `inbox` is the address of ours that the customer wrote to; `followers` are the agents who took part.
    `answered_at` is when the last public answer left, `heard_at` when the last person of the customers' side wrote.
    `fields` are the desk's own (name, value), `references` what links to other systems (kind, value), `plans` the words
    of a follow-up or action date (which, text); `level` counts escalations, `minutes` the time spent.
    `clocks` are None where nothing is promised; `phase_at` is when it came into its phase; `reminded` counts reminders
    (timer's kind, how many) since what they remind of began.
    """

    number: int
    subject: str
    status: str
    phase: Phase
    priority: str
    category: str | None
    requester: Mailbox
    inbox: str
    created_at: datetime
    updated_at: datetime
    language: str | None = None
    answerable: bool = True
    assignee: str | None = None
    teams: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    participants: tuple[Participant, ...] = ()
    followers: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    answered_at: datetime | None = None
    heard_at: datetime | None = None
    due_at: datetime | None = None
    followup_at: datetime | None = None
    action_at: datetime | None = None
    plans: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    todos: tuple[Todo, ...] = ()
    minutes: int = 0
    quality: int | None = None
    rating: int | None = None
    level: int = 0
    clocks: Clocks | None = None
    breach_cause: str | None = None
    phase_at: datetime | None = None
    reminded: tuple[tuple[str, int], ...] = ()
    organisation: str | None = None
    vip: bool = False
    merged_into: int | None = None
    spam: bool = False
    deleted: bool = False
    messages: int = 0
    seq: int = 0

    def participant(self, address: str) -> Participant | None:
        """The participant of this address, verified or not."""
        return next((each for each in self.participants if each.address == lower(address)), None)

    def belongs(self, address: str) -> bool:
        """True for the requester and verified participants: who may write into this ticket unsigned."""
        if lower(address) == self.requester.address:
            return True
        found = self.participant(address)
        return found is not None and found.standing in (Standing.PARTICIPANT, Standing.MERGED)

    def suppliers(self) -> tuple[Mailbox, ...]:
        """The outside companies on it."""
        return tuple(each.mailbox for each in self.participants if each.standing is Standing.SUPPLIER)

    def reminders(self, what: str) -> int:
        """How often somebody was reminded of this since it began."""
        return dict(self.reminded).get(what, 0)

    @property
    def sla_due_at(self) -> datetime | None:
        """The next promise that ends, of those that are not met: what lists sort by."""
        clocks = (self.clocks.first_response, self.clocks.next_response, self.clocks.resolution) if self.clocks else ()
        return min((each.due_at for each in clocks if each.due_at and each.met_at is None), default=None)

    def field(self, name: str) -> str | None:
        """The value of one of the desk's own fields."""
        return dict(self.fields).get(name)

    def apart(self) -> tuple[Mailbox, ...]:
        """Who gets public answers in mails of their own."""
        return tuple(each.mailbox for each in self.participants if each.standing is Standing.MERGED)

    def copied(self) -> tuple[Mailbox, ...]:
        """Who stands on Cc of public answers: verified participants."""
        return tuple(each.mailbox for each in self.participants if each.standing is Standing.PARTICIPANT)


def label(prefix: str, number: int) -> str:
    """`TICK-1001`: how people name a ticket."""
    return f"{prefix}-{number}"
