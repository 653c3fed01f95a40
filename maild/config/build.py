"""From a draft without mistakes to the values of the core's own types."""

import re
from pathlib import Path

from maild.config.config import Config
from maild.config.schema import Draft
from maild.config.schema_desk import AgentEntry, AlertEntry, FormSenderEntry, InboxEntry
from maild.config.statuses import workflow_of
from maild.rules import Alert, FormSender, Keyword
from maild.tickets.people import Agent, Directory, Inbox

ADMIN_ROLES = frozenset({"admin", "super-admin"})


def build(draft: Draft, path: Path, warnings: tuple[str, ...]) -> Config:
    """Puts the configuration together."""
    smtp = draft.smtp and draft.smtp.model_copy(update={"hostname": draft.smtp.hostname or draft.desk.host})
    agents = [item.value for item in draft.agents]
    return Config(
        path=path,
        desk=draft.desk.model_copy(update={"hostname": draft.desk.host}),
        database_url=draft.database.url.get_secret_value(),
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
