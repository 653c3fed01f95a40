"""How many connections, and how many wrong passwords, one peer may have."""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from maild.intake import smtp_replies as replies
from maild.intake.smtp_replies import Reply
from maild.intake.smtp_settings import Network, SmtpSettings

# A customer with IPv6 has a /64 at least; counting single addresses would count nothing.
IPV6_PREFIX = 64
UNIX = "unix"


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is connected: the address in words, the key by which he is counted, and what is believed of him."""

    name: str
    key: str
    trusted: bool


def identify(peername: object, settings: SmtpSettings) -> Peer:
    """From what the socket says; an empty or nameless one is a Unix socket."""
    if not isinstance(peername, tuple):
        return Peer(UNIX, UNIX, settings.trust_unix_socket)
    address = _unmapped(str(peername[0]))
    return Peer(str(address), _key(address), _is_among(address, settings.trusted_peers))


def _unmapped(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text.partition("%")[0])
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _key(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return address.packed[: IPV6_PREFIX // 8].hex()


def _is_among(address: IPv4Address | IPv6Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


@dataclass(slots=True)
class ConnectionCaps:
    """Who is inside. Used by the loop's thread alone."""

    settings: SmtpSettings
    total: int = 0
    per_peer: Counter[str] = field(default_factory=Counter)

    def enter(self, peer: Peer) -> Reply | None:
        """Counts the peer in and returns None, or says why he stays outside."""
        if self.total >= self.settings.max_connections:
            return replies.TOO_MANY_CONNECTIONS
        exempt = peer.trusted or peer.key == UNIX
        if not exempt and self.per_peer[peer.key] >= self.settings.max_connections_per_peer:
            return replies.TOO_MANY_FROM_YOU
        self.total += 1
        self.per_peer[peer.key] += 1
        return None

    def leave(self, peer: Peer) -> None:
        """Counts one of the peer's connections out."""
        self.total -= 1
        self.per_peer[peer.key] -= 1
        if self.per_peer[peer.key] <= 0:
            del self.per_peer[peer.key]


@dataclass(slots=True)
class LoginThrottle:
    """Makes a guesser wait longer after each refused session; `now` is monotonic seconds."""

    first_wait: float = 10
    longest_wait: float = 3600
    max_peers: int = 10_000
    _waits: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)
    _failures: "OrderedDict[str, int]" = field(default_factory=OrderedDict)

    def is_waiting(self, key: str, now: float) -> bool:
        """True while this peer may not try again."""
        return self._waits.get(key, (0.0, 0.0))[1] > now

    def fail(self, key: str, now: float, at_most: int) -> bool:
        """Counts one wrong password of this peer, over all of his sessions; True when he must wait from now on."""
        failures = self._failures.pop(key, 0) + 1
        if failures >= at_most:
            self.punish(key, now)
            return True
        self._failures[key] = failures
        if len(self._failures) > self.max_peers:
            self._failures.popitem(last=False)
        return False

    def punish(self, key: str, now: float) -> None:
        """Doubles the peer's wait; the longest unpunished peer is forgotten when there are too many."""
        wait = min(2 * self._waits.pop(key, (self.first_wait / 2, 0.0))[0], self.longest_wait)
        self._waits[key] = (wait, now + wait)
        if len(self._waits) > self.max_peers:
            self._waits.popitem(last=False)

    def forgive(self, key: str) -> None:
        """A right password ends the matter."""
        self._waits.pop(key, None)
        self._failures.pop(key, None)
