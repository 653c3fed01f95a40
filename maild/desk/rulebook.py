"""The desk's own choices as plain values: what deciding needs of the config, and nothing else."""

from dataclasses import dataclass, field
from datetime import timedelta

from maild.commands import Vocabulary
from maild.config import Config
from maild.mail.model import Hints
from maild.mail.tokens import Signer
from maild.rules import Alert, FormSender, Keyword
from maild.tickets.decide import Habits
from maild.tickets.people import Directory
from maild.tickets.ticket import label
from maild.tickets.workflow import Workflow

MARKER = "##- Please type your reply above this line -##"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One desk. `token_life`: how long an agent's signed address counts as proof."""

    name: str
    address: str
    prefix: str
    first_number: int
    language: str
    timezone: str
    workflow: Workflow
    directory: Directory
    priorities: tuple[str, ...]
    default_priority: str
    habits: Habits
    signer: Signer
    keywords: tuple[Keyword, ...] = ()
    forms: tuple[FormSender, ...] = ()
    alerts: tuple[Alert, ...] = ()
    trusted_ids: frozenset[str] = frozenset()
    agents_need_proof: bool = True
    plus_addressing: bool = True
    own_lists: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    automatic_per_hour: int = 3
    automatic_per_day: int = 6
    automatic_in_a_row: int = 8
    tickets_per_hour: int = 100
    reopens_per_day: int = 5
    same_text_per_hour: int = 3
    most_participants: int = 20
    attachment_bytes: int = 10 * 1024 * 1024
    token_life: timedelta = timedelta(days=90)
    marker: str = field(default=MARKER)

    @property
    def domain(self) -> str:
        """The right side of our Message-IDs."""
        return self.address.rpartition("@")[2]

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that commands may use."""
        return Vocabulary(self.workflow, self.priorities, self.directory)

    @property
    def hints(self) -> Hints:
        """What the readers need to find the new text of a reply."""
        addresses = {address for inbox in self.directory.inboxes for address in inbox.addresses}
        addresses |= self.directory.staff_addresses()
        return Hints(frozenset(addresses), (self.name,), self.marker, self.prefix)

    def label(self, number: int) -> str:
        """`TICK-1001`."""
        return label(self.prefix, number)

    def is_blocked(self, address: str) -> bool:
        """True for an address or its domain on the block list, unless the allow list names it."""
        keys = {address.lower(), address.lower().rpartition("@")[2]}
        return bool(keys & self.blocked) and not keys & self.allowed


def rulebook_of(config: Config, keys: tuple[bytes, ...]) -> Rulebook:
    """The rulebook of a configuration and its signing keys."""
    return Rulebook(
        name=config.desk.name,
        address=config.desk.address,
        prefix=config.desk.ticket_prefix,
        first_number=config.desk.first_ticket_number,
        language=config.desk.language,
        timezone=config.desk.timezone.key,
        workflow=config.workflow,
        directory=config.directory,
        priorities=config.tickets.priorities,
        default_priority=config.tickets.default_priority,
        habits=config.habits,
        signer=Signer(keys),
        keywords=config.keywords,
        forms=config.form_senders,
        alerts=config.alerts,
        trusted_ids=frozenset(each.lower() for each in config.authentication.trusted_authserv_ids),
        agents_need_proof=config.authentication.agents_need == "authenticated",
        plus_addressing=config.desk.plus_addressing,
        own_lists=frozenset(each.strip("<>").lower() for each in config.senders.own_lists),
        blocked=frozenset(each.lower() for each in config.senders.block),
        allowed=frozenset(each.lower() for each in config.senders.allow),
        automatic_per_hour=config.automatic.per_address_per_hour,
        automatic_per_day=config.automatic.per_address_per_day,
        automatic_in_a_row=config.automatic.per_address_in_a_row,
        tickets_per_hour=config.automatic.tickets_per_sender,
        reopens_per_day=config.automatic.reopens_per_day,
        same_text_per_hour=config.automatic.same_text_per_hour,
        most_participants=config.limits.participants,
        attachment_bytes=config.limits.attachment_bytes,
    )
