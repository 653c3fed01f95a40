"""All tables of the file by name, and the draft of a configuration that they make together."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from maild.config.lines import KeyPath
from maild.config.schema_assignment import AssignmentEntry
from maild.config.schema_clock import CalendarEntry, SlaEntry
from maild.config.schema_customers import FieldEntry, OrganisationEntry, ReferenceEntry
from maild.config.schema_desk import (
    AlertEntry,
    Automatic,
    Desk,
    FormSenderEntry,
    InboxEntry,
    KeywordEntry,
    Senders,
    StatusEntry,
    Tickets,
    WorkflowEntry,
)
from maild.config.schema_edges import Authentication, Database, Delivery, Imap, Leases, Limits, Smtp, Storage, Worker
from maild.config.schema_rules import RuleEntry
from maild.config.schema_staff import AgentEntry, Notify, RoleEntry, ViewEntry
from maild.config.values import Section

TABLES: dict[str, type[Section]] = {
    "desk": Desk,
    "database": Database,
    "storage": Storage,
    "smtp": Smtp,
    "delivery": Delivery,
    "authentication": Authentication,
    "tickets": Tickets,
    "workflow": WorkflowEntry,
    "senders": Senders,
    "notify": Notify,
    "automatic": Automatic,
    "limits": Limits,
    "worker": Worker,
    "leases": Leases,
}
LISTS: dict[str, type[Section]] = {
    "imap": Imap,
    "agents": AgentEntry,
    "inboxes": InboxEntry,
    "statuses": StatusEntry,
    "keywords": KeywordEntry,
    "form_senders": FormSenderEntry,
    "alerts": AlertEntry,
    "fields": FieldEntry,
    "organisations": OrganisationEntry,
    "references": ReferenceEntry,
    "roles": RoleEntry,
    "views": ViewEntry,
    "calendars": CalendarEntry,
    "sla": SlaEntry,
    "rules": RuleEntry,
    "assignment": AssignmentEntry,
}
AnySection = TypeVar("AnySection", bound=Section)


@dataclass(frozen=True, slots=True)
class Item(Generic[AnySection]):
    """One `[[…]]` and where it stands."""

    path: KeyPath
    value: AnySection


@dataclass(frozen=True, slots=True)
class Draft:
    """Every table by itself is right (or replaced by its defaults and in `broken`); together they may not fit yet."""

    desk: Desk
    database: Database
    storage: Storage
    smtp: Smtp | None
    delivery: Delivery
    authentication: Authentication
    tickets: Tickets
    workflow: WorkflowEntry
    senders: Senders
    notify: Notify
    automatic: Automatic
    limits: Limits
    worker: Worker
    leases: Leases
    imap: tuple[Item[Imap], ...]
    agents: tuple[Item[AgentEntry], ...]
    inboxes: tuple[Item[InboxEntry], ...]
    statuses: tuple[Item[StatusEntry], ...]
    keywords: tuple[Item[KeywordEntry], ...]
    form_senders: tuple[Item[FormSenderEntry], ...]
    alerts: tuple[Item[AlertEntry], ...]
    fields: tuple[Item[FieldEntry], ...]
    organisations: tuple[Item[OrganisationEntry], ...]
    references: tuple[Item[ReferenceEntry], ...]
    roles: tuple[Item[RoleEntry], ...]
    views: tuple[Item[ViewEntry], ...]
    calendars: tuple[Item[CalendarEntry], ...]
    sla: tuple[Item[SlaEntry], ...]
    rules: tuple[Item[RuleEntry], ...]
    assignment: tuple[Item[AssignmentEntry], ...]

    def routes(self) -> tuple[Item[InboxEntry] | Item[KeywordEntry], ...]:
        """All that names a team, priority or category for new tickets."""
        return (*self.inboxes, *self.keywords)

    def own_addresses(self) -> frozenset[str]:
        """Every address of the desk itself, in lower case."""
        named = {address.lower() for inbox in self.inboxes for address in inbox.value.addresses}
        return frozenset(named | {self.desk.address.lower()})
