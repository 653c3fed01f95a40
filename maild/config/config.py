"""The whole configuration as frozen values; its text never shows a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from maild.config.schema_desk import Automatic, Desk, Senders, Tickets
from maild.config.schema_edges import Authentication, Delivery, Imap, Leases, Limits, Smtp, Worker
from maild.rules import Alert, FormSender, Keyword
from maild.tickets.decide import Habits
from maild.tickets.people import Directory
from maild.tickets.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Config:
    """What `load` gives. All paths are absolute. `passwords`: of agents, by name, for SMTP AUTH.

    `path` is the file it came from; `warnings` are lines `FILE:LINE: KEY: what`.
    """

    path: Path
    desk: Desk
    database_url: str = field(repr=False)  # may hold a password
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
        return Habits(self.tickets.reopen_within, self.tickets.close_resolved_after, self.desk.answer_takes)
