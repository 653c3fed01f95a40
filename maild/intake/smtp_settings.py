"""What the SMTP and LMTP listeners are told; the defaults are safe on the open Internet."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

Network = IPv4Network | IPv6Network
MEBIBYTE = 1024 * 1024


class Service(StrEnum):
    """What is spoken on a port."""

    SMTP = "smtp"
    SMTPS = "smtps"
    LMTP = "lmtp"


class BareNewlines(StrEnum):
    """What becomes of a CR or LF that stands alone inside a mail (CVE-2023-51764); neither ever ends one."""

    NORMALISE = "normalise"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of the certificate chain and of its key, both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One listener: where, for whom, how much.

    Places are `host:port`, `[v6]:port`, `:port` (all interfaces) or `unix:/path`; port 0 takes any free one.
    `trusted_peers` are the mail servers whose Authentication-Results may be believed; as everything of a domain may
    come through one such server, they are exempt from the cap per peer. `trust_unix_socket` says the same of whoever
    may open the LMTP socket.
    """

    listen: tuple[str, ...] = ()
    tls_listen: tuple[str, ...] = ()
    lmtp_listen: tuple[str, ...] = ()
    unix_socket_mode: int = 0o660
    hostname: str = "localhost"
    tls: Tls | None = None
    auth_enabled: bool = False
    require_tls_for_auth: bool = True
    max_auth_failures: int = 3
    smtputf8: bool = True
    max_message_bytes: int = 50 * MEBIBYTE
    max_lines: int = 1_000_000
    max_recipients: int = 100
    max_hops: int = 50
    max_commands: int = 10_000
    max_errors: int = 20
    max_connections: int = 200
    max_connections_per_peer: int = 20
    idle_seconds: float = 120
    session_seconds: float = 900
    first_mail_seconds: float = 60
    min_data_rate: float = 500
    data_grace_seconds: float = 30
    commit_seconds: float = 30
    bare_newlines: BareNewlines = BareNewlines.NORMALISE
    trusted_peers: tuple[Network, ...] = ()
    trust_unix_socket: bool = False
    inline_bytes: int = 64 * 1024
