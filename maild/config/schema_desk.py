"""The tables of the desk itself: its name, people, inboxes, statuses, and its manners."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from maild.config.expressions import Pattern
from maild.config.hours import TimeOfDay
from maild.config.values import (
    Addresses,
    AddressesOrDomains,
    AddressOrDomain,
    DurationOrNever,
    DurationOrZero,
    Durations,
    FilePath,
    Language,
    OwnAddress,
    OwnAddresses,
    Prefix,
    Section,
    Text,
    Texts,
    WebUrl,
    Zone,
)
from maild.tickets.people import OnlyCc
from maild.tickets.workflow import DEFAULT_CATEGORIES, DEFAULT_PRIORITIES, Phase

AtLeastOne = Annotated[int, Field(ge=1)]


class Desk(Section):
    """Who we are."""

    name: Text
    address: OwnAddress
    ticket_prefix: Prefix = "TICK"
    first_ticket_number: AtLeastOne = 1001
    timezone: Zone = ZoneInfo("UTC")
    language: Language = "en"
    hostname: str = ""  # after loading: never empty
    secret_file: FilePath = Path("secret.key")
    data_dir: FilePath = Path("maild-data")
    templates_dir: FilePath | None = None
    canned_dir: FilePath | None = None
    plus_addressing: bool = True
    answer_takes: bool = True
    hand_on_urgent: bool = False
    signature: str = ""
    admins: Addresses = ()
    risk_mail_at: TimeOfDay | None = None
    alarm_webhook: WebUrl | None = None

    @property
    def host(self) -> str:
        """Our name in HELO, banners and Message-IDs."""
        return self.hostname or self.address.rpartition("@")[2]


class InboxEntry(Section):
    """Addresses where customers write (SPEC IN-6)."""

    addresses: Annotated[OwnAddresses, Field(min_length=1)]
    name: str = ""
    team: Text | None = None
    priority: Text | None = None
    category: Text | None = None
    language: Language | None = None
    cc: OnlyCc = OnlyCc.TICKET


class Tickets(Section):
    """What tickets can be, and how long they stay."""

    priorities: Annotated[Texts, Field(min_length=1)] = DEFAULT_PRIORITIES
    default_priority: Text = "normal"
    categories: Texts = DEFAULT_CATEGORIES
    category_required: bool = False
    vips: Addresses = ()
    close_resolved_after: DurationOrNever = timedelta(days=7)
    reopen_within: DurationOrZero = timedelta(days=30)
    calendar: Text | None = None
    remind_waiting_after: Durations = ()
    end_waiting_after: DurationOrNever = None
    waiting_ends: Literal["resolved", "closed"] = "resolved"
    silent_after: DurationOrNever = None
    unassigned_after: DurationOrNever = None
    ask_category_after: DurationOrNever = timedelta(days=1)


class StatusEntry(Section):
    """One status; `next` absent: every other status may follow."""

    name: Text
    phase: Phase
    next: Texts | None = None
    told: bool = False
    aliases: Texts = ()


class WorkflowEntry(Section):
    """What holds for all statuses."""

    frozen_closed: bool = False


class KeywordEntry(Section):
    """Words in a new ticket that set its fields (SPEC RU-2)."""

    words: Annotated[Texts, Field(min_length=1)]
    priority: Text | None = None
    category: Text | None = None
    team: Text | None = None
    tags: Texts = ()


class FormSenderEntry(Section):
    """A contact form or shop that writes in customers' names (SPEC UN-4b)."""

    sender: AddressOrDomain
    customer: Literal["reply-to", "field"] = "reply-to"
    field: Text | None = None
    name_field: Text | None = None


class AlertEntry(Section):
    """Monitoring mails that belong together by a key (SPEC UN-4c)."""

    name: Text
    sender: AddressOrDomain
    key: Pattern
    recovery: Pattern | None = None


class Senders(Section):
    """Whom we don't hear, whom we always do, and the lists that stand in front of the desk (SPEC ID-6, UN-4)."""

    block: AddressesOrDomains = ()
    allow: AddressesOrDomains = ()
    own_lists: Texts = ()


class Automatic(Section):
    """Caps that keep two robots from talking for ever (SPEC ID-5)."""

    per_address_per_hour: AtLeastOne = 3
    per_address_per_day: AtLeastOne = 6
    per_address_in_a_row: AtLeastOne = 8
    tickets_per_sender: AtLeastOne = 100
    reopens_per_day: AtLeastOne = 5
    same_text_per_hour: AtLeastOne = 3
