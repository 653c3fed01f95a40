"""TXT records of the DNS for the verifier: asked within a time, remembered for a while, bounded (RFC 1035)."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import dns.exception
import dns.resolver

from maild.errors import TransientError

MOST_RECORDS = 10
RECORD_BYTES = 4096
MOST_REMEMBERED = 1000
FOUND_SECONDS = 600.0  # so a key that its owner takes back counts for ten minutes at most
ABSENT_SECONDS = 60.0
FAILED_SECONDS = 20.0  # a name server that is away must not cost every mail its whole time
UDP_BYTES = 1232


class Lookup(Protocol):
    """Where TXT records come from."""

    def txt(self, name: str, seconds: float) -> list[bytes]:
        """The records of a name, each with its strings joined; raises TransientError when nobody answers in time."""
        ...


@dataclass(frozen=True, slots=True)
class DnsLookup:
    """Asks the system's name servers, or the one that is named by address and port."""

    nameserver: tuple[str, int] | None = None

    def txt(self, name: str, seconds: float) -> list[bytes]:
        """No such name and no such record are both an empty answer; anything else unusual is no answer."""
        try:
            answer = self._resolver().resolve(
                f"{name}.", "TXT", lifetime=seconds, search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return []
        except dns.exception.DNSException as error:
            raise TransientError(f"the DNS does not answer for {name} ({type(error).__name__})") from error
        except (OSError, ValueError) as error:
            raise TransientError(f"the DNS cannot be asked for {name}: {error}") from error
        records = [b"".join(record.strings) for record in list(answer.rrset or ())[:MOST_RECORDS]]
        return [record for record in records if len(record) <= RECORD_BYTES]

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=self.nameserver is None)
        if self.nameserver is not None:
            resolver.nameservers, resolver.port = [self.nameserver[0]], self.nameserver[1]
        resolver.use_edns(0, 0, UDP_BYTES)
        return resolver


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer, or the words of a failure, and until when it holds."""

    until: float
    records: list[bytes]
    failure: str = ""


@dataclass(slots=True)
class RememberingLookup:
    """Keeps the answers of another lookup; the oldest is forgotten when there are too many."""

    lookup: Lookup
    ticks: Callable[[], float] = time.monotonic
    most: int = MOST_REMEMBERED
    _known: "OrderedDict[str, _Known]" = field(default_factory=OrderedDict)

    def txt(self, name: str, seconds: float) -> list[bytes]:
        """What is known, or else asked now."""
        known = self._known.get(name)
        if known is None or known.until <= self.ticks():
            known = self._ask(name, seconds)
            self._known[name] = known
            self._known.move_to_end(name)
            if len(self._known) > self.most:
                self._known.popitem(last=False)
        if known.failure:
            raise TransientError(known.failure)
        return known.records

    def _ask(self, name: str, seconds: float) -> _Known:
        try:
            records = self.lookup.txt(name, seconds)
        except TransientError as error:
            return _Known(self.ticks() + FAILED_SECONDS, [], str(error))
        return _Known(self.ticks() + (FOUND_SECONDS if records else ABSENT_SECONDS), records)
