"""The kinds of values that stand in the file, each checked where it is read."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, SecretStr

from maild.config.measures import duration, duration_or_never, positive_duration, size

ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,253}")
DOMAIN = re.compile(r"@?[^\s@<>,;:\"()\[\]\\/]{1,253}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}")
HIGHEST_PORT = 65535


class Section(BaseModel):
    """A table of the file: frozen, unknown keys are mistakes, and no input is repeated in errors (secrets)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a listener listens: host and port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def one_or_many(value: object) -> object:
    """`"x"` is `["x"]` wherever a list is wanted."""
    return value if isinstance(value, list | tuple) else (value,)


def plain_text(value: object) -> str:
    """Text without the blanks around it."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value.strip()


def _address(value: object) -> str:
    text = plain_text(value)
    if not ADDRESS.fullmatch(text) or not text.isprintable() or ".." in text:
        raise ValueError('must be a mail address such as "support@acme.test"')
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def _own_address(value: object) -> str:
    address = _address(value)
    if "+" in address:
        raise ValueError("must be without '+': what follows a plus is a signed reference of maild")
    return address


def _address_or_domain(value: object) -> str:
    text = plain_text(value).lower()
    if "@" in text.lstrip("@"):
        return _address(text).lower()
    if not DOMAIN.fullmatch(text):
        raise ValueError('must be an address or a domain, such as "jane@x.test" or "x.test"')
    return text.removeprefix("@")


def _language(value: object) -> str:
    text = plain_text(value)
    if not LANGUAGE.fullmatch(text):
        raise ValueError('must be a language code such as "en" or "pt-BR"')
    return text


def _prefix(value: object) -> str:
    text = plain_text(value)
    if not PREFIX.fullmatch(text):
        raise ValueError('must be up to 16 letters and digits, beginning with a letter, such as "TICK"')
    return text


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(plain_text(value))
    except (OSError, ValueError, LookupError):  # a folder of the zone database, a path, an unknown name
        raise ValueError('is not a known time zone; write it as in "Europe/Berlin" or "UTC"') from None


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(plain_text(value), strict=False)
    except ValueError:
        raise ValueError('must be an IP address or network such as "10.0.0.0/8" or "::1"') from None


def _endpoint(value: object) -> Endpoint:
    text = plain_text(value)
    if text.startswith(("unix:", "/")):
        return Endpoint(path=Path(text.removeprefix("unix:")))
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > HIGHEST_PORT or " " in host:
        raise ValueError('must be "host:port" such as "127.0.0.1:2525" or "[::1]:25", or "unix:PATH"')
    return Endpoint(host, int(port))


def _tcp_endpoint(value: object) -> Endpoint:
    endpoint = _endpoint(value)
    if endpoint.path is not None:
        raise ValueError('must be "host:port"; a Unix socket is for lmtp')
    return endpoint


def _start(value: object) -> Literal["now", "all"] | date:
    if value == "now":
        return "now"
    if value == "all":
        return "all"
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(plain_text(value))
    except ValueError:
        raise ValueError('must be "now", "all" or a date such as 2026-01-31') from None


def _file(value: object) -> Path:
    text = str(value) if isinstance(value, Path) else plain_text(value)
    if not text:
        raise ValueError("must be a path, not empty")
    return Path(text)


def _domain(value: object) -> str:
    text = plain_text(value).lower().removeprefix("@")
    if not DOMAIN.fullmatch(text) or "@" in text or "*" in text or ".." in text:
        raise ValueError('must be a domain such as "acme.test"; each subdomain is named by itself')
    return text


def _web_url(value: object) -> str:
    text = plain_text(value)
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError("must be an address such as https://alarms.acme.test/maild")
    return text


Text = Annotated[str, Field(min_length=1)]
WebUrl = Annotated[str, PlainValidator(_web_url)]
Domain = Annotated[str, PlainValidator(_domain)]
Address = Annotated[str, PlainValidator(_address)]
OwnAddress = Annotated[str, PlainValidator(_own_address)]
AddressOrDomain = Annotated[str, PlainValidator(_address_or_domain)]
Language = Annotated[str, PlainValidator(_language)]
Prefix = Annotated[str, PlainValidator(_prefix)]
FilePath = Annotated[Path, PlainValidator(_file)]
Zone = Annotated[ZoneInfo, PlainValidator(_zone)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]
Duration = Annotated[timedelta, PlainValidator(positive_duration)]
DurationOrZero = Annotated[timedelta, PlainValidator(duration)]
DurationOrNever = Annotated[timedelta | None, PlainValidator(duration_or_never)]
Size = Annotated[int, PlainValidator(size)]
Start = Annotated[Literal["now", "all"] | date, PlainValidator(_start)]
AnyEndpoint = Annotated[Endpoint, PlainValidator(_endpoint)]
TcpEndpoint = Annotated[Endpoint, PlainValidator(_tcp_endpoint)]

Texts = Annotated[tuple[Text, ...], BeforeValidator(one_or_many)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(one_or_many)]
Domains = Annotated[tuple[Domain, ...], BeforeValidator(one_or_many)]
OwnAddresses = Annotated[tuple[OwnAddress, ...], BeforeValidator(one_or_many)]
AddressesOrDomains = Annotated[tuple[AddressOrDomain, ...], BeforeValidator(one_or_many)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(one_or_many)]
Durations = Annotated[tuple[Duration, ...], BeforeValidator(one_or_many)]
TcpEndpoints = Annotated[tuple[TcpEndpoint, ...], BeforeValidator(one_or_many)]
AnyEndpoints = Annotated[tuple[AnyEndpoint, ...], BeforeValidator(one_or_many)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(one_or_many)]
