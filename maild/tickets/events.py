"""What can happen to a ticket: a closed sum. An event is a change with who, when, why and the mail that caused it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, get_args

from maild.mail.model import Mailbox
from maild.records import replace
from maild.tickets.clocks import Clocks
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
    organisation: str | None = None
    vip: bool = False


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
class ParticipantLeft:
    """Somebody of the customers' side, or a supplier, is off the ticket."""

    kind: ClassVar[str] = "participant_left"
    address: str
    name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class RequesterChanged:
    """The ticket is another customer's now."""

    kind: ClassVar[str] = "requester"
    old: Mailbox
    new: Mailbox


@dataclass(frozen=True, slots=True)
class SubjectChanged:
    """Another subject."""

    kind: ClassVar[str] = "subject"
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class FollowersChanged:
    """Agents began or ceased to take part."""

    kind: ClassVar[str] = "followers"
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateSet:
    """A due, follow-up or action date; `which`: due, followup, action; `text`: what is to be done then."""

    kind: ClassVar[str] = "date"
    which: str
    old: datetime | None
    new: datetime | None
    old_text: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FieldSet:
    """One of the desk's own fields."""

    kind: ClassVar[str] = "field"
    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ReferencesChanged:
    """Links to other systems: orders, keys (UN-6)."""

    kind: ClassVar[str] = "references"
    old: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TodoAdded:
    """A thing to do."""

    kind: ClassVar[str] = "todo"
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class TodoDone:
    """A thing was done, or is to be done again."""

    kind: ClassVar[str] = "todo_done"
    number: int
    done: bool


@dataclass(frozen=True, slots=True)
class TodoDropped:
    """A thing is off the list."""

    kind: ClassVar[str] = "todo_dropped"
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Minutes of work; negative ones take back."""

    kind: ClassVar[str] = "time"
    minutes: int


@dataclass(frozen=True, slots=True)
class QualityJudged:
    """How well it was worked on, 1 to 5, by a lead."""

    kind: ClassVar[str] = "quality"
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Rated:
    """The customer's opinion, 1 to 5, and whose work it is about."""

    kind: ClassVar[str] = "rating"
    score: int
    comment: str
    agent: str | None


@dataclass(frozen=True, slots=True)
class Escalated:
    """It needs more attention: the level rose, or fell by an undo."""

    kind: ClassVar[str] = "escalation"
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Linked:
    """A relation to another ticket was set."""

    kind: ClassVar[str] = "link"
    relation: str
    number: int


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A relation to another ticket ended."""

    kind: ClassVar[str] = "unlink"
    relation: str
    number: int


@dataclass(frozen=True, slots=True)
class Merged:
    """The ticket went into another one, or (None) stands alone again."""

    kind: ClassVar[str] = "merged"
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class MessagesMoved:
    """Messages came from another ticket (`count` above nothing) or went there, by a merge or a split."""

    kind: ClassVar[str] = "messages_moved"
    count: int
    other: int


@dataclass(frozen=True, slots=True)
class ClocksChanged:
    """Where the ticket's clocks stand after an act: the promises as they were kept, whatever the config says later."""

    kind: ClassVar[str] = "clocks"
    clocks: Clocks


@dataclass(frozen=True, slots=True)
class SlaReached:
    """A clock came to a mark: so much of the time that was promised is used up, or it is over (SL-3).

    `minutes` is the business time after the breach at which a step of the ladder stands; `due_at` when the mark was.
    """

    kind: ClassVar[str] = "sla"
    target: str
    percent: int
    minutes: int
    due_at: datetime

    @property
    def is_breach(self) -> bool:
        """The promise is broken from now on."""
        return self.percent >= 100 and self.minutes == 0


@dataclass(frozen=True, slots=True)
class BreachExplained:
    """Why a promise was not kept, in an agent's words."""

    kind: ClassVar[str] = "breach_cause"
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Reminded:
    """Somebody was reminded; `what` is the timer's kind, `text` what stands on the ticket for it.

    `times`: for how many it stands, when several had come due while nobody looked.
    """

    kind: ClassVar[str] = "reminder"
    what: str
    text: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class SpamMarked:
    """It is spam, or not after all: nothing automatic goes to its sender."""

    kind: ClassVar[str] = "spam"
    old: bool
    new: bool


@dataclass(frozen=True, slots=True)
class Deleted:
    """Its words and files were destroyed on an admin's order; number and history stay."""

    kind: ClassVar[str] = "deleted"


@dataclass(frozen=True, slots=True)
class Undone:
    """These events of the history were taken back by the ones beside this."""

    kind: ClassVar[str] = "undone"
    events: tuple[int, ...]


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
class DeliveryDelayed:
    """A mail of ours has not reached somebody for hours; it is tried again."""

    kind: ClassVar[str] = "delivery_delayed"
    address: str


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
    | ParticipantLeft
    | RequesterChanged
    | SubjectChanged
    | FollowersChanged
    | DateSet
    | FieldSet
    | ReferencesChanged
    | TodoAdded
    | TodoDone
    | TodoDropped
    | TimeSpent
    | QualityJudged
    | Rated
    | Escalated
    | Linked
    | Unlinked
    | Merged
    | MessagesMoved
    | ClocksChanged
    | SlaReached
    | BreachExplained
    | Reminded
    | SpamMarked
    | Deleted
    | Undone
    | AlsoArrived
    | DeliveryFailed
    | DeliveryDelayed
    | Refused
)

CHANGES: tuple[type[Change], ...] = get_args(Change)
WITH_OLD = (  # these take (old, new), and nothing else but a phase
    StatusChanged,
    PriorityChanged,
    CategoryChanged,
    Assigned,
    TeamsChanged,
    TagsChanged,
    RequesterChanged,
    SubjectChanged,
    FollowersChanged,
    ReferencesChanged,
    QualityJudged,
    Escalated,
    Merged,
    SpamMarked,
    BreachExplained,
)


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


def numbered(events: list[Event], start: int) -> list[Event]:
    """The events with their places in the ticket's history, `start + 1` first."""
    return [replace(event, seq=start + place) for place, event in enumerate(events, 1)]
