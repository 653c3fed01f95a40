"""What a transport may be told beside its URL."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from maild.clock import Clock, utc_now


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """Bounds and places. Seconds are of a monotonic clock.

    `after_dot` is the wait for the answer to a whole mail: shorter ones double mails (RFC 5321 4.5.3.2.6).
    `ca_file` replaces the system's certificate authorities; `folder` is what a relative `maildir:` is relative to.
    """

    timeout: float = 30
    after_dot: float = 600
    mails_per_connection: int = 50
    idle: float = 60
    helo: str = field(default_factory=socket.gethostname)
    ca_file: Path | None = None
    folder: Path = Path()
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic
