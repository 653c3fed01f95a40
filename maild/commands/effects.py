"""What a command does beyond its own ticket: values here, done by the desk in the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from maild.mail.model import Mailbox


@dataclass(frozen=True, slots=True)
class MergeInto:
    """All messages and people of this ticket go to that one (TI-6)."""

    number: int


@dataclass(frozen=True, slots=True)
class TakeOut:
    """A merged ticket stands alone again, with its messages."""

    number: int


@dataclass(frozen=True, slots=True)
class SplitOff:
    """One message begins a ticket of its own."""

    message: int
    requester: Mailbox
    subject: str
    by_customer: bool


@dataclass(frozen=True, slots=True)
class Relate:
    """The other side of a relation that was set or (`gone`) ended here; `relation` as the other ticket sees it."""

    number: int
    relation: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class TellLinked:
    """Each linked ticket's customer gets the words in a mail of his own; `resolve`: and each ticket is resolved."""

    resolve: bool


@dataclass(frozen=True, slots=True)
class OpenFor:
    """A ticket for a customer, which begins with the agent's words (TI-8)."""

    requester: Mailbox


@dataclass(frozen=True, slots=True)
class OpenForMany:
    """One ticket for each line of the CSV file that came with the mail, in the words of a canned response."""

    canned: str


@dataclass(frozen=True, slots=True)
class Block:
    """Mails from this address or domain are kept out from now on (ID-6)."""

    address: str


@dataclass(frozen=True, slots=True)
class Destroy:
    """The words and files of this ticket are destroyed."""


@dataclass(frozen=True, slots=True)
class GoAway:
    """The agent is away until then, or until he is back."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The agent is here again."""


@dataclass(frozen=True, slots=True)
class Choose:
    """Which mails the agent wants: event → mail, digest or off."""

    event: str
    choice: str


Effect = (
    MergeInto
    | TakeOut
    | SplitOff
    | Relate
    | TellLinked
    | OpenFor
    | OpenForMany
    | Block
    | Destroy
    | GoAway
    | ComeBack
    | Choose
)
