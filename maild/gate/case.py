"""What a check may look at, and what it may say."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail
from maild.tickets.ticket import Ticket


class Way(StrEnum):
    """What becomes of a mail, by its nature."""

    FILE = "file"  # a person's, or a machine's with content: may open and change tickets
    KEEP = "keep"  # kept with its ticket (or alone), changes nothing (UN-4)
    HOLD = "hold"  # waits for a person to release it
    IGNORE = "ignore"  # counted, raw bytes kept, nothing else


@dataclass(frozen=True, slots=True)
class Case:
    """One mail with the facts that the checks need. Counts are of automatic mails and tickets of this author."""

    mail: InboundMail
    envelope: Envelope
    ticket: Ticket | None
    is_own: bool = False
    is_blocked: bool = False
    is_staff: bool = False
    is_ours: bool = False
    is_unreachable: bool = False
    only_cc: str = "ticket"
    automatic_last_hour: int = 0
    automatic_last_day: int = 0
    tickets_last_hour: int = 0
    reopens_last_day: int = 0
    same_text_last_hour: int = 0
    automatic_per_hour: int = 3
    automatic_per_day: int = 6
    tickets_per_hour: int = 100
    reopens_per_day: int = 5
    same_text_per_hour: int = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `ask` gives the words for the answer, or None when this check has nothing to say."""

    name: str
    way: Way | None  # None: the check is about answering only
    ask: Callable[[Case], str | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the first check that spoke said; `name` is empty when none did."""

    way: Way
    name: str
    because: str
