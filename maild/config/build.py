"""From a draft without mistakes to the values of the core's own types."""

import re
from pathlib import Path

from maild.commands.canned import Canned
from maild.config.build_assignment import assignment_of
from maild.config.build_clock import calendars_of, ladders_of, sla_of, working_hours_of
from maild.config.build_rules import rules_of
from maild.config.build_staff import desk_choices, preferences_of, roles_of, views_of
from maild.config.build_storage import bucket_of
from maild.config.config import Config
from maild.config.schema import Draft
from maild.config.schema_customers import FieldEntry, OrganisationEntry, ReferenceEntry
from maild.config.schema_desk import AlertEntry, FormSenderEntry, InboxEntry
from maild.config.schema_staff import AgentEntry
from maild.config.statuses import workflow_of
from maild.rules import Alert, FormSender, Keyword
from maild.rules.links import Reference, whole_words
from maild.tickets.fields import FieldType
from maild.tickets.organisations import Organisation
from maild.tickets.people import Agent, Directory, Inbox

ADMIN_ROLES = frozenset({"admin", "super-admin"})


def build(draft: Draft, path: Path, canned: tuple[Canned, ...], warnings: tuple[str, ...]) -> Config:
    """Puts the configuration together."""
    smtp = draft.smtp and draft.smtp.model_copy(update={"hostname": draft.smtp.hostname or draft.desk.host})
    agents = [item.value for item in draft.agents]
    calendars = calendars_of(draft)
    fields = tuple(_field(item.value) for item in draft.fields)
    return Config(
        path=path,
        desk=draft.desk.model_copy(update={"hostname": draft.desk.host}),
        database_url=draft.database.url.get_secret_value(),
        bucket=bucket_of(draft.storage),
        smtp=smtp,
        imap=tuple(item.value for item in draft.imap),
        delivery=draft.delivery,
        authentication=draft.authentication,
        tickets=draft.tickets,
        workflow=workflow_of(draft),
        directory=_directory(draft),
        keywords=tuple(Keyword(**item.value.model_dump()) for item in draft.keywords),
        form_senders=tuple(_form_sender(item.value) for item in draft.form_senders),
        alerts=tuple(_alert(item.value) for item in draft.alerts),
        fields=fields,
        organisations=tuple(_organisation(item.value) for item in draft.organisations),
        links=tuple(_reference(item.value) for item in draft.references),
        roles=roles_of(draft),
        views=views_of(draft),
        canned=canned,
        preferences=preferences_of(draft),
        skills={agent.name: agent.skills for agent in agents},
        max_open={agent.name: agent.max_open for agent in agents if agent.max_open is not None},
        working_hours=working_hours_of(draft),
        calendars=calendars,
        sla=sla_of(draft, calendars),
        rules=rules_of(draft, fields),
        assignment=assignment_of(draft, calendars),
        ladders=ladders_of(draft),
        choices=desk_choices(draft),
        senders=draft.senders,
        automatic=draft.automatic,
        limits=draft.limits,
        worker=draft.worker,
        leases=draft.leases,
        passwords={agent.name: agent.password for agent in agents if agent.password is not None},
        warnings=warnings,
    )


def _form_sender(entry: FormSenderEntry) -> FormSender:
    return FormSender(entry.sender, entry.field if entry.customer == "field" else None, entry.name_field)


def _alert(entry: AlertEntry) -> Alert:
    recovery = re.compile(entry.recovery, re.IGNORECASE) if entry.recovery else None
    return Alert(entry.name, entry.sender, re.compile(entry.key, re.IGNORECASE), recovery)


def _field(entry: FieldEntry) -> FieldType:
    return FieldType(entry.name, entry.type, entry.values, entry.required)


def _organisation(entry: OrganisationEntry) -> Organisation:
    return Organisation(
        name=entry.name,
        domains=entry.domains,
        addresses=entry.addresses,
        vip=entry.vip,
        language=entry.language,
        timezone=entry.timezone,
        calendar=entry.calendar,
    )


def _reference(entry: ReferenceEntry) -> Reference:
    return Reference(entry.name, whole_words(entry.pattern), entry.url)


def _directory(draft: Draft) -> Directory:
    agents = [item.value for item in draft.agents]
    admins = draft.desk.admins or tuple(agent.email for agent in agents if agent.role in ADMIN_ROLES)
    return Directory(tuple(map(_agent, agents)), _inboxes(draft), admins)


def _agent(entry: AgentEntry) -> Agent:
    return Agent(
        name=entry.name,
        email=entry.email,
        role=entry.role,
        teams=entry.teams,
        addresses=entry.addresses,
        display_name=entry.display_name,
        language=entry.language,
        signature=entry.signature,
    )


def _inboxes(draft: Draft) -> tuple[Inbox, ...]:
    """In the file's order; the desk's own address comes first unless an inbox has it."""
    inboxes = tuple(_inbox(item.value, draft.desk.name) for item in draft.inboxes)
    own = draft.desk.address
    if any(own.lower() == address.lower() for inbox in inboxes for address in inbox.addresses):
        return inboxes
    return (Inbox((own,), name=draft.desk.name), *inboxes)


def _inbox(entry: InboxEntry, desk_name: str) -> Inbox:
    return Inbox(
        addresses=entry.addresses,
        name=entry.name or desk_name,
        team=entry.team,
        priority=entry.priority,
        category=entry.category,
        language=entry.language,
        on_cc=entry.cc,
    )
