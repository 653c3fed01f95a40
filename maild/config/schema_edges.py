"""The tables of the edges: how mail comes in and goes out, where things are kept, and how much is too much."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, SecretStr, ValidationInfo, field_validator

from maild.config.urls import BucketUrl, DatabaseUrl, DeliveryUrl
from maild.config.values import (
    Address,
    AnyEndpoints,
    Duration,
    Durations,
    FilePath,
    Networks,
    Section,
    Size,
    Start,
    TcpEndpoint,
    TcpEndpoints,
    Text,
    Texts,
    WebUrl,
    one_or_many,
)
from maild.mail import model
from maild.outbox.backoff import Rate, rate_of

MINUTE = timedelta(minutes=1)
KB = 1024
MB = 1024 * KB
Count = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}


class Database(Section):
    """Where tickets and mails are kept."""

    url: DatabaseUrl = SecretStr("sqlite:///maild.db")


class Storage(Section):
    """A bucket for raw mails and attachments; without `url` they are files of `data_dir` (SPEC ST-3)."""

    url: BucketUrl | None = None
    endpoint: WebUrl | None = None
    region: Text = "us-east-1"
    access_key: Text | None = None
    secret_key: SecretStr | None = None
    ca_file: FilePath | None = None


class Smtp(Section):
    """The SMTP and LMTP listeners (SPEC IN-1)."""

    listen: TcpEndpoints = ()
    implicit_tls_listen: TcpEndpoints = ()
    lmtp: AnyEndpoints = ()
    hostname: str = ""  # after loading: never empty
    tls_certificate: FilePath | None = None
    tls_key: FilePath | None = None
    auth: bool = False
    require_tls_for_auth: bool = True
    trusted_peers: Networks = ()
    trust_unix_socket: bool = False
    smtputf8: bool = True
    bare_newlines: Literal["normalise", "refuse"] = "normalise"


class OAuth(Section):
    """How to get access tokens for XOAUTH2: by a refresh token, or as client credentials without one (RFC 6749)."""

    token_url: Text
    client_id: Text
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    scope: Text | None = None


class Imap(Section):
    """One mailbox to poll (SPEC IN-2, IN-7)."""

    host: Text
    port: Port | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: FilePath | None = None
    username: Text
    password: SecretStr | None = None
    oauth: OAuth | None = None
    folder: Text = "INBOX"
    address: Address | None = None
    after: Literal["flag", "move", "delete", "nothing"] = "flag"
    move_to: Text | None = None
    start: Start = "now"
    idle: bool = True
    poll: Duration = MINUTE
    trust_authentication_results: bool = False

    @property
    def connect_port(self) -> int:
        """The port, or the usual one of `security`."""
        return self.port or IMAP_PORTS[self.security]

    @property
    def label(self) -> str:
        """How people and logs name this mailbox."""
        return f"{self.username}@{self.host}/{self.folder}"


class Delivery(Section):
    """How mails leave (SPEC OUT-4, RELIABILITY 1.6)."""

    url: Annotated[tuple[DeliveryUrl, ...], BeforeValidator(one_or_many), Field(min_length=1)] = (SecretStr("null:"),)
    connections: Annotated[int, Field(ge=1, le=20)] = 2
    rate: Annotated[tuple[Annotated[Rate, PlainValidator(rate_of)], ...], BeforeValidator(one_or_many)] = ()
    retry: Annotated[Durations, Field(min_length=1)] = tuple(MINUTE * each for each in (1, 5, 15, 30, 60, 120, 240))
    give_up_after: Duration = timedelta(days=5)
    unknown: Literal["resend", "hold"] = "resend"
    ca_file: FilePath | None = None

    @field_validator("rate")
    @classmethod
    def _for_each_relay(cls, rates: tuple[Rate, ...], others: ValidationInfo) -> tuple[Rate, ...]:
        relays = len(others.data.get("url", rates))
        if len(rates) > 1 and len(rates) != relays:
            raise ValueError(f"must be one limit for each relay, or one for each of the {relays} in the order of url")
        return rates

    @property
    def rates(self) -> tuple[Rate | None, ...]:
        """The limit of each relay, in the order of `urls`."""
        if len(self.rate) == len(self.url):
            return self.rate
        return (self.rate[0] if self.rate else None,) * len(self.url)

    @property
    def urls(self) -> tuple[str, ...]:
        """The relays in order, with their passwords: for the transport only."""
        return tuple(url.get_secret_value() for url in self.url)


class Authentication(Section):
    """Whom to believe that a mail is from an agent (SPEC ID-3)."""

    trusted_authserv_ids: Texts = ()
    agents_need: Literal["authenticated", "address"] = "authenticated"
    check_dkim: bool = False
    dns_timeout: Duration = timedelta(seconds=3)
    nameserver: TcpEndpoint | None = None


class Limits(Section):
    """Bounds on what strangers may send (RELIABILITY 2.3, 2.4)."""

    message_bytes: Size = 50 * MB
    header_bytes: Size = 256 * KB
    header_fields: Count = 1000
    field_bytes: Size = 64 * KB
    depth: Annotated[int, Field(ge=1, le=100)] = 30
    parts: Count = 500
    recipients: Count = 100
    connections: Count = 200
    connections_per_peer: Count = 20
    session: Duration = 15 * MINUTE
    idle: Duration = 5 * MINUTE
    first_mail: Duration = MINUTE
    data_rate: Size = 500
    errors: Count = 20
    hops: Count = 50
    attachment_bytes: Size = 10 * MB
    participants: Count = 20

    @property
    def mail(self) -> model.Limits:
        """The bounds within which a mail is read."""
        return model.Limits(
            header_bytes=self.header_bytes,
            header_fields=self.header_fields,
            field_bytes=self.field_bytes,
            depth=self.depth,
            parts=self.parts,
        )


class Worker(Section):
    """How mails are read: child processes, and rows claimed at once."""

    readers: Count = 2
    batch: Count = 8


class Leases(Section):
    """For how long a claimed row belongs to its worker; after that another one takes it."""

    inbound: Duration = 2 * MINUTE
    outbox: Duration = 15 * MINUTE
