"""What can happen to a ticket: a closed sum. An event is a change with who, when, why and the mail that caused it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from maild.mail.model import Mailbox
from maild.tickets.ticket import Standing
from maild.tickets.workflow import Phase


@dataclass(frozen=True, slots=True)
class Opened:
    """The ticket came to be. `answerable` False: a machine opened it, so no automatic mail goes back."""

    kind: ClassVar[str] = "opened"
    subject: str
    requester: Mailbox
    status: str
    phase: Phase
    priority: str
    inbox: str
    category: str | None = None
    language: str | None = None
    teams: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class MessageFiled:
    """A mail or note was put on the ticket; `by`: customer, unverified, agent or robot; `author`: name or address."""

    kind: ClassVar[str] = "message"
    message: int
    direction: str
    visibility: str
    mail_kind: str
    by: str
    author: str


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The status moved."""

    kind: ClassVar[str] = "status"
    old: str
    new: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """The priority moved."""

    kind: ClassVar[str] = "priority"
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CategoryChanged:
    """The category moved."""

    kind: ClassVar[str] = "category"
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody else, or nobody, is responsible now; values are agents' short names."""

    kind: ClassVar[str] = "assignee"
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class TeamsChanged:
    """Other teams see it as theirs."""

    kind: ClassVar[str] = "teams"
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TagsChanged:
    """Tags came or went."""

    kind: ClassVar[str] = "tags"
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """Somebody of the customers' side joined, or his standing changed."""

    kind: ClassVar[str] = "participant"
    address: str
    name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Linked:
    """A relation to another ticket was set."""

    kind: ClassVar[str] = "link"
    relation: str
    number: int


@dataclass(frozen=True, slots=True)
class AlsoArrived:
    """The same mail came once more by another way; nothing was doubled (IN-4)."""

    kind: ClassVar[str] = "also_arrived"
    via: str
    message_id: str | None


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A mail of ours did not reach somebody: a bounce came, or the relay refused it for good."""

    kind: ClassVar[str] = "delivery_failed"
    address: str
    hard: bool
    status: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody tried what he may not, or what cannot be; nothing was changed."""

    kind: ClassVar[str] = "refused"
    by: str
    what: str


Change = (
    Opened
    | MessageFiled
    | StatusChanged
    | PriorityChanged
    | CategoryChanged
    | Assigned
    | TeamsChanged
    | TagsChanged
    | ParticipantJoined
    | Linked
    | AlsoArrived
    | DeliveryFailed
    | Refused
)

CHANGES: tuple[type[Change], ...] = (
    Opened,
    MessageFiled,
    StatusChanged,
    PriorityChanged,
    CategoryChanged,
    Assigned,
    TeamsChanged,
    TagsChanged,
    ParticipantJoined,
    Linked,
    AlsoArrived,
    DeliveryFailed,
    Refused,
)
BY_KIND: dict[str, type[Change]] = {each.kind: each for each in CHANGES}
WITH_OLD = (StatusChanged, PriorityChanged, CategoryChanged, Assigned, TeamsChanged, TagsChanged)


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded change. `actor` is `customer:ADDRESS`, `agent:NAME`, `robot:ADDRESS` or `system:WHAT`;
    `cause` names the mail, timer or command line behind it, e.g. `inbound:42`, `timer:7`, `cli`."""

    at: datetime
    actor: str
    change: Change
    reason: str = ""
    cause: str = ""
    seq: int = 0


def to_record(change: Change) -> tuple[str, Any, Any]:
    """(kind, old, new) as JSON values: the form of the events table and of `ticket show --json`."""
    fields = asdict(change)
    if isinstance(change, StatusChanged):
        return change.kind, change.old, {"status": change.new, "phase": change.phase.value}
    if isinstance(change, WITH_OLD):
        return change.kind, fields["old"], fields["new"]
    return change.kind, None, fields


def from_record(kind: str, old: Any, new: Any) -> Change:
    """The inverse of `to_record`."""
    match BY_KIND[kind]:
        case type() as cls if cls is StatusChanged:
            return StatusChanged(old, new["status"], Phase(new["phase"]))
        case type() as cls if cls is TeamsChanged or cls is TagsChanged:
            return cls(tuple(old), tuple(new))
        case type() as cls if cls is PriorityChanged or cls is CategoryChanged or cls is Assigned:
            return cls(old, new)
        case type() as cls if cls is Opened:
            given = dict(new, requester=Mailbox(**new["requester"]), phase=Phase(new["phase"]))
            return Opened(**dict(given, teams=tuple(new["teams"])))
        case type() as cls if cls is ParticipantJoined:
            return ParticipantJoined(**dict(new, standing=Standing(new["standing"])))
        case cls:
            return cls(**new)


def numbered(events: list[Event], start: int) -> list[Event]:
    """The events with their places in the ticket's history, `start + 1` first."""
    return [replace(event, seq=start + place) for place, event in enumerate(events, 1)]
