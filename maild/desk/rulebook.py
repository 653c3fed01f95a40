"""The desk's own choices as plain values: what deciding needs of the config, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from maild.assignment import AssignmentRule
from maild.commands import Known, Vocabulary
from maild.commands.canned import Canned
from maild.config import Config
from maild.mail.model import Hints
from maild.mail.tokens import Signer
from maild.notices.choices import AGENT_EVENTS, DeskChoices, Preferences
from maild.records import replace
from maild.rules import Alert, FormSender, Keyword, Rule
from maild.rules.links import Reference
from maild.tickets.calendars import Calendar
from maild.tickets.decide import Habits
from maild.tickets.escalation import Rung
from maild.tickets.fields import FieldType
from maild.tickets.matching import matches
from maild.tickets.organisations import Organisation, organisation_named
from maild.tickets.people import Agent, Directory
from maild.tickets.promises import DEFAULT_POLICY, Policy
from maild.tickets.query import Query, Setting, parse_query
from maild.tickets.roles import ROLES, Role, Verb, may
from maild.tickets.ticket import Ticket, label
from maild.tickets.words import contains
from maild.tickets.workflow import Workflow

NO_PROMISE = Policy("none")
NOBODY = Role("", frozenset())
MARKER = "##- Please type your reply above this line -##"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One desk. `token_life`: how long an agent's signed address counts as proof.

    `policies`: (query, service level) in order; `tells_sla`: whether somebody hears of the clocks, which a desk that
    wrote no service level into its config does not want.
    """

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
    rules: tuple[Rule, ...] = ()
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
    categories: tuple[str, ...] = ()
    category_required: bool = False
    fields: tuple[FieldType, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    vips: tuple[str, ...] = ()
    links: tuple[Reference, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=lambda: ROLES)
    views: Mapping[str, str] = field(default_factory=dict)
    canned: tuple[Canned, ...] = ()
    preferences: Mapping[str, Preferences] = field(default_factory=dict)
    assignment: tuple[AssignmentRule, ...] = ()
    hand_on_urgent: bool = False
    skills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    max_open: Mapping[str, int] = field(default_factory=dict)
    working_hours: Mapping[str, Calendar] = field(default_factory=dict)
    choices: DeskChoices = field(default_factory=DeskChoices)
    policies: tuple[tuple[str, Policy], ...] = (("", DEFAULT_POLICY),)
    ladders: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict)
    tells_sla: bool = False
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    marker: str = field(default=MARKER)

    @property
    def domain(self) -> str:
        """The right side of our Message-IDs."""
        return self.address.rpartition("@")[2]

    def vocabulary(self, now: datetime, known: Known, *, strong: bool) -> Vocabulary:
        """The words that commands may use now."""
        return Vocabulary(
            self.workflow,
            self.priorities,
            self.directory,
            categories=self.categories,
            fields=self.fields,
            roles=self.roles,
            canned=self.canned,
            views=self.views,
            events=AGENT_EVENTS,
            prefix=self.prefix,
            timezone=self.timezone,
            now=now,
            known=known,
            strong=strong,
        )

    def policy_for(self, ticket: Ticket, now: datetime) -> Policy:
        """The service level of a ticket: the first whose query finds it; nothing is promised to the others."""
        policy = self._policy_by_query(ticket, now)
        organisation = organisation_named(ticket.organisation, self.organisations) if ticket.organisation else None
        calendar = self.calendars.get(organisation.calendar or "") if organisation else None
        return replace(policy, calendar=calendar) if calendar is not None else policy

    def _policy_by_query(self, ticket: Ticket, now: datetime) -> Policy:
        if len(self.policies) == 1 and not self.policies[0][0]:
            return self.policies[0][1]
        setting = self.setting(now)
        for when, policy in self.policies:
            if not when or matches(parsed(when), ticket, setting, lambda word: contains((ticket.subject,), word)):
                return policy
        return NO_PROMISE

    def policy_of(self, ticket: Ticket, now: datetime) -> Policy:
        """The service level that the ticket's clocks were planned by, or the one for it when that is gone."""
        name = ticket.clocks.policy if ticket.clocks else ""
        wanted = self.policy_for(ticket, now)
        if wanted.name == name:
            return wanted
        known = (policy for _, policy in (*self.policies, ("", NO_PROMISE)) if policy.name == name)
        return next(known, wanted)

    def may(self, agent: Agent, verb: Verb) -> bool:
        """True when the agent's role has this verb."""
        return may(agent, verb, self.roles)

    def eyes(self, agent: Agent) -> Query:
        """The query for what this agent's role sees."""
        return parsed(self.roles.get(agent.role, NOBODY).sees)

    def may_see(self, agent: Agent, ticket: Ticket, now: datetime) -> bool:
        """What one may not see does not exist for him (ID-4). Words in a role's query look at the subject."""
        role = self.roles.get(agent.role, NOBODY)
        if Verb.READ not in role.verbs or ticket.deleted:
            return False
        return not role.sees or matches(
            parsed(role.sees), ticket, self.setting(now, agent), lambda word: contains((ticket.subject,), word)
        )

    def setting(self, now: datetime, agent: Agent | None = None) -> Setting:
        """What the words of a query mean."""
        return Setting(
            now,
            ZoneInfo(self.timezone),
            self.workflow,
            self.priorities,
            me=agent.name if agent else None,
            prefix=self.prefix,
            fields=tuple(each.name for each in self.fields),
        )

    @property
    def hints(self) -> Hints:
        """What the readers need to find the new text of a reply."""
        addresses = {address for inbox in self.directory.inboxes for address in inbox.addresses}
        addresses |= self.directory.staff_addresses()
        return Hints(frozenset(addresses), (self.name,), self.marker, self.prefix)

    def label(self, number: int) -> str:
        """`TICK-1001`."""
        return label(self.prefix, number)

    def local(self, moment: datetime) -> str:
        """`2026-11-21 10:30`, in the desk's zone."""
        return moment.astimezone(ZoneInfo(self.timezone)).strftime("%Y-%m-%d %H:%M")

    def is_blocked(self, address: str, *, by_agents: bool = False) -> bool:
        """True for an address or its domain on a block list, unless the allow list names it."""
        keys = {address.lower(), address.lower().rpartition("@")[2]}
        return (by_agents or bool(keys & self.blocked)) and not keys & self.allowed


@lru_cache(maxsize=256)
def parsed(text: str) -> Query:
    """A query of the config, read once."""
    return parse_query(text)


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
        rules=config.rules,
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
        categories=config.tickets.categories,
        category_required=config.tickets.category_required,
        fields=config.fields,
        organisations=config.organisations,
        vips=config.tickets.vips,
        links=config.links,
        roles=config.roles,
        views=config.views,
        canned=config.canned,
        preferences=config.preferences,
        assignment=config.assignment,
        hand_on_urgent=config.desk.hand_on_urgent,
        skills=config.skills,
        max_open=config.max_open,
        working_hours=config.working_hours,
        choices=config.choices,
        policies=config.sla,
        ladders=config.ladders,
        tells_sla=config.sla[0][1] is not DEFAULT_POLICY,
        calendars=config.calendars,
    )
