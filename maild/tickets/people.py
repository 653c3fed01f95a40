"""Who is who: agents, teams, the desk's own addresses and inboxes (SPEC 1, IN-6, ID-5b)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from maild.mail.addresses import lower
from maild.mail.model import Mailbox
from maild.mail.tokens import plus_part


class OnlyCc(StrEnum):
    """What a mail does that has this inbox only on Cc."""

    TICKET = "ticket"
    QUIET = "quiet"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Agent:
    """One member of staff. `email` is where notifications go; `addresses` are all that he may write from."""

    name: str
    email: str
    role: str = "agent"
    teams: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    display_name: str = ""
    language: str | None = None
    signature: str = ""

    @property
    def title(self) -> str:
        """How people read him."""
        return self.display_name or self.name.capitalize()

    def owns(self, address: str) -> bool:
        """True when he may write from this address."""
        return lower(address) in {lower(self.email), *map(lower, self.addresses)}


@dataclass(frozen=True, slots=True)
class Inbox:
    """Addresses where customers write, and what a ticket from there starts with."""

    addresses: tuple[str, ...]
    name: str = ""
    team: str | None = None
    priority: str | None = None
    category: str | None = None
    language: str | None = None
    on_cc: OnlyCc = OnlyCc.TICKET

    @property
    def address(self) -> str:
        """The first address: From of answers when the customer's choice is unknown."""
        return self.addresses[0]


@dataclass(frozen=True, slots=True)
class Directory:
    """All that the desk knows of itself, looked up by whole addresses in lower case of ASCII only (RELIABILITY A11)."""

    agents: tuple[Agent, ...]
    inboxes: tuple[Inbox, ...]
    admins: tuple[str, ...] = ()
    _by_address: dict[str, Agent] = field(init=False, repr=False, compare=False)
    _inbox_by_address: dict[str, Inbox] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_address = {lower(address): agent for agent in self.agents for address in (agent.email, *agent.addresses)}
        inboxes = {lower(address): inbox for inbox in reversed(self.inboxes) for address in inbox.addresses}
        object.__setattr__(self, "_by_address", by_address)
        object.__setattr__(self, "_inbox_by_address", inboxes)

    def agent_at(self, address: str | None) -> Agent | None:
        """The agent who writes from this address."""
        return self._by_address.get(lower(address)) if address else None

    def agent_named(self, name: str) -> Agent | None:
        """The agent of this short name, without regard to case."""
        return next((agent for agent in self.agents if agent.name.casefold() == name.casefold()), None)

    def team(self, name: str) -> tuple[Agent, ...]:
        """Everyone in a team."""
        return tuple(agent for agent in self.agents if name.casefold() in {team.casefold() for team in agent.teams})

    def team_names(self) -> tuple[str, ...]:
        """Every team that an agent or an inbox names, in config order."""
        named = [team for agent in self.agents for team in agent.teams]
        named += [inbox.team for inbox in self.inboxes if inbox.team]
        return tuple(dict.fromkeys(named))

    def inbox_at(self, address: str) -> Inbox | None:
        """The inbox of an address or of its plus-form; whole addresses are compared (odoo PR#38459)."""
        return self._inbox_by_address.get(plus_part(address)[0])

    def is_ours(self, address: str) -> bool:
        """True for every address of the desk itself: never a participant, requester or recipient (ID-5b)."""
        return self.inbox_at(address) is not None

    def staff_addresses(self) -> frozenset[str]:
        """Every address of every agent: what no customer may read."""
        return frozenset(self._by_address)

    def own_domains(self) -> frozenset[str]:
        """The domains of the desk's own addresses."""
        return frozenset(address.rpartition("@")[2] for address in self._inbox_by_address)

    def outsiders(self, mailboxes: Iterable[Mailbox]) -> tuple[Mailbox, ...]:
        """Those who are neither the desk nor an agent."""
        return tuple(box for box in mailboxes if not self.is_ours(box.address) and not self.agent_at(box.address))
