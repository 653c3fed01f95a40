"""What all sessions of one listener share: the door, the caps, who is inside, what is being kept."""

import ssl
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

from maild.clock import Clock
from maild.desk.door import Door
from maild.intake.smtp_caps import ConnectionCaps, LoginThrottle, Peer
from maild.intake.smtp_handback import Handback
from maild.intake.smtp_handover import Handover
from maild.intake.smtp_log import note
from maild.intake.smtp_replies import DRAINING, Reply
from maild.intake.smtp_settings import SmtpSettings

# A flood of refused connections must not become a flood of log lines.
SECONDS_BETWEEN_CAP_LINES = 1.0
READ_BYTES = 64 * 1024


class Guest(Protocol):
    """A session, as the reception sees it."""

    def wind_down(self) -> None:
        """Say 421 when the client sends its next command, or now when it is silent."""
        ...

    def cut(self) -> None:
        """Say 421 now, unless the mail's last dot has been seen."""
        ...

    def abort(self) -> None:
        """Close without a word."""
        ...


@dataclass(slots=True)
class Reception:
    """Used by the loop's thread alone."""

    settings: SmtpSettings
    door: Door
    clock: Clock
    monotonic: Callable[[], float]
    threads: Executor
    tls: ssl.SSLContext | None
    caps: ConnectionCaps
    handover: Handover
    handback: Handback
    throttle: LoginThrottle = field(default_factory=LoginThrottle)
    counts: Counter[str] = field(default_factory=Counter)
    draining: bool = False
    guests: dict[Guest, Peer | None] = field(default_factory=dict)
    commits: set[object] = field(default_factory=set)
    # By itself asyncio takes 256 KiB from the heap for each read and gives most of it back: holes everywhere.
    incoming: memoryview = field(default_factory=lambda: memoryview(bytearray(READ_BYTES)))
    _last_cap_line: float = float("-inf")

    def reconfigure(self, settings: SmtpSettings, tls: ssl.SSLContext | None) -> None:
        """For guests to come; a port that begins with TLS keeps its context, so that one gets the new certificate."""
        if settings.tls is not None and self.tls is not None:
            self.tls.load_cert_chain(settings.tls.certificate, settings.tls.key)
        else:
            self.tls = tls
        self.settings = self.caps.settings = settings

    def meet(self, guest: Guest) -> None:
        """Somebody has connected; met again after STARTTLS."""
        self.guests.setdefault(guest, None)

    def admit(self, guest: Guest, peer: Peer) -> Reply | None:
        """Lets the guest in and counts him as this peer's, or says why not."""
        self.counts["connections"] += 1
        refusal = DRAINING if self.draining else self.caps.enter(peer)
        if refusal is None:
            self.guests[guest] = peer
            return None
        self.counts["connections_refused"] += 1
        if self.monotonic() >= self._last_cap_line + SECONDS_BETWEEN_CAP_LINES:
            self._last_cap_line = self.monotonic()
            note("turned-away", peer=peer.name, reply=f"{refusal.code} {refusal.status}", open=self.caps.total)
        return refusal

    def leave(self, guest: Guest) -> None:
        """The guest's connection is closed."""
        peer = self.guests.pop(guest, None)
        if peer is not None:
            self.caps.leave(peer)
