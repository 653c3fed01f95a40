"""Whose customer somebody is: by his address, or by its domain (SPEC TI-1: organisation, VIP, language, time zone)."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from maild.mail.addresses import lower


@dataclass(frozen=True, slots=True)
class Organisation:
    """One customer company. `calendar` names business hours of its own; what is None is the desk's."""

    name: str
    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    vip: bool = False
    language: str | None = None
    timezone: ZoneInfo | None = None
    calendar: str | None = None


def organisation_of(address: str, organisations: Iterable[Organisation]) -> Organisation | None:
    """The organisation that names the address, else the one of exactly its domain: a subdomain is somebody else's."""
    known = lower(address)
    domain = known.rpartition("@")[2]
    by_domain = None
    for each in organisations:
        if known in map(lower, each.addresses):
            return each
        if by_domain is None and domain in map(lower, each.domains):
            by_domain = each
    return by_domain


def organisation_named(name: str, organisations: Iterable[Organisation]) -> Organisation | None:
    """The organisation of this name, without regard to case."""
    return next((each for each in organisations if each.name.casefold() == name.casefold()), None)


def is_vip(address: str, organisations: Iterable[Organisation], vips: Iterable[str] = ()) -> bool:
    """True for a very important person, by his own address or through his organisation."""
    if lower(address) in map(lower, vips):
        return True
    found = organisation_of(address, organisations)
    return found is not None and found.vip
