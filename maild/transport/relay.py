"""A relay's URL, understood: `smtp+starttls://user:password@host:587`. What is secret is never shown."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit


class Security(StrEnum):
    """How the connection is protected; the value is the URL's scheme."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


PORTS = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mails are handed over, and as whom."""

    security: Security
    host: str
    port: int
    username: str | None = None
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.security}://{host}:{self.port}"


def parse_relay(url: str) -> Relay:
    """The relay of a URL; ValueError without any part of the URL, since a password may stand in it."""
    try:
        parts = urlsplit(url)
        security, host, port = Security(parts.scheme), parts.hostname, parts.port
    except ValueError:  # the library's own words would repeat a part of the URL
        security, host, port = None, None, None
    if security is None or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            'a relay is written "smtp+starttls://user:password@host:587"; '
            "in user and password write @ : / % as %40 %3A %2F %25"
        ) from None
    username = unquote(parts.username) if parts.username else None
    return Relay(security, host, port or PORTS[security], username, unquote(parts.password or ""))
