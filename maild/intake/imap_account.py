"""What the admin says about one IMAP mailbox, and how patient its poller is."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal

Start = Literal["now", "all"] | date


class Security(StrEnum):
    """How the line is protected (RFC 8314)."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class After(StrEnum):
    """What happens to a mail on the server once the desk holds it durably."""

    FLAG = "flag"
    MOVE = "move"
    DELETE = "delete"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class OAuth:
    """Where access tokens come from: by refresh token (RFC 6749 6), or without one by client credentials (4.4)."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """One folder of one mailbox.

    `address` is the inbox's address for mails without Delivered-To. `start` says what happens to the mails that are
    there at the first connect: "now" leaves them, "all" and a date import them quietly.
    """

    host: str
    username: str
    port: int = 993
    security: Security = Security.TLS
    password: str | None = field(default=None, repr=False)
    oauth: OAuth | None = None
    folder: str = "INBOX"
    address: str | None = None
    after: After = After.FLAG
    move_to: str | None = None
    flag: str = "$MaildKept"
    start: Start = "now"
    trust_authentication_results: bool = False
    max_message_bytes: int = 25 * 1024 * 1024
    idle: bool = True
    poll_seconds: float = 60.0
    ca_file: Path | None = None
    verify: bool = True

    @property
    def key(self) -> str:
        """The account in the bookmarks: user and host; port and protection may change without a new start."""
        return f"{self.username}@{self.host.lower()}"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `command` is a wall deadline: a socket timeout starts anew with each byte (RELIABILITY 4.2 #2)."""

    connect: float = 15.0
    read: float = 60.0
    command: float = 60.0
    slowest_bytes_per_second: int = 20_000
    # Far below the 9 minutes that NAT boxes allow: only an answered DONE shows that a half-open line is dead.
    idle: float = 100.0
    idle_slice: float = 2.0
    idle_answer: float = 15.0
    durable: float = 120.0
    pace: float = 1.0
