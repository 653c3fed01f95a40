"""The whole configuration as frozen values; its text never shows a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from maild.assignment import AssignmentRule
from maild.commands.canned import Canned
from maild.config.build_clock import Sla
from maild.config.schema_desk import Automatic, Desk, Senders, Tickets
from maild.config.schema_edges import Authentication, Delivery, Imap, Leases, Limits, Smtp, Worker
from maild.notices.choices import DeskChoices, Preferences
from maild.rules import Alert, FormSender, Keyword, Rule
from maild.rules.links import Reference
from maild.store.contents import Bucket
from maild.tickets.calendars import Calendar
from maild.tickets.decide import Habits
from maild.tickets.escalation import Rung
from maild.tickets.fields import FieldType
from maild.tickets.organisations import Organisation
from maild.tickets.people import Directory
from maild.tickets.roles import Role
from maild.tickets.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Config:
    """What `load` gives. All paths are absolute. `passwords`: of agents, by name, for SMTP AUTH.

    `preferences` (of every agent), `skills`, `max_open` and `working_hours` are by agent's name; `views`: name → query.
    `sla`: query and service level, of which the first counts whose query finds the ticket.

    `path` is the file it came from; `warnings` are lines `FILE:LINE: KEY: what`.
    """

    path: Path
    desk: Desk
    database_url: str = field(repr=False)  # may hold a password
    bucket: Bucket | None
    smtp: Smtp | None
    imap: tuple[Imap, ...]
    delivery: Delivery
    authentication: Authentication
    tickets: Tickets
    workflow: Workflow
    directory: Directory
    keywords: tuple[Keyword, ...]
    form_senders: tuple[FormSender, ...]
    alerts: tuple[Alert, ...]
    fields: tuple[FieldType, ...]
    organisations: tuple[Organisation, ...]
    links: tuple[Reference, ...]
    roles: Mapping[str, Role]
    views: Mapping[str, str]
    canned: tuple[Canned, ...]
    preferences: Mapping[str, Preferences]
    skills: Mapping[str, tuple[str, ...]]
    max_open: Mapping[str, int]
    working_hours: Mapping[str, Calendar]
    calendars: Mapping[str, Calendar]
    sla: Sla
    rules: tuple[Rule, ...]
    assignment: tuple[AssignmentRule, ...]
    ladders: Mapping[str, tuple[Rung, ...]]
    choices: DeskChoices
    senders: Senders
    automatic: Automatic
    limits: Limits
    worker: Worker
    leases: Leases
    passwords: Mapping[str, SecretStr]
    warnings: tuple[str, ...] = ()

    @property
    def data_dir(self) -> Path:
        """Where blobs, spool and lock live."""
        return self.desk.data_dir

    @property
    def secret_file(self) -> Path:
        """The keys that sign reply addresses and Message-IDs."""
        return self.desk.secret_file

    @property
    def habits(self) -> Habits:
        """The desk's choices, as deciding needs them."""
        wishes = self.tickets
        return Habits(
            wishes.reopen_within,
            wishes.close_resolved_after,
            self.desk.answer_takes,
            remind_waiting_after=wishes.remind_waiting_after,
            end_waiting_after=wishes.end_waiting_after,
            waiting_ends_closed=wishes.waiting_ends == "closed",
            silent_after=wishes.silent_after,
            unassigned_after=wishes.unassigned_after,
            ask_category_after=wishes.ask_category_after if wishes.category_required else None,
            calendar=self.calendars.get(wishes.calendar) if wishes.calendar else None,
        )
