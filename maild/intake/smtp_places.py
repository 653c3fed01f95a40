"""Where a listener listens: `host:port`, `[v6]:port`, `:port` or `unix:/path`, and the sockets for it."""

import errno
import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from maild.errors import PermanentError
from maild.intake.smtp_settings import Service, Tls

HIGHEST_PORT = 65535
BACKLOG = 128
EVERYWHERE = ("", "*")
# A machine without IPv6 still resolves names to it.
_NO_SUCH_FAMILY = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_WHY = {
    errno.EADDRINUSE: "another program has it already; stop that one or choose another port",
    errno.EACCES: "not permitted; ports below 1024 need a right (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)",
    errno.EADDRNOTAVAIL: "no interface of this machine has that address",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A place that is really listened on: host and port, or the path of a Unix socket."""

    service: Service
    host: str = ""
    port: int = 0
    path: Path | None = None

    def __str__(self) -> str:
        if self.path is not None:
            return f"{self.service} unix:{self.path}"
        return (
            f"{self.service} [{self.host}]:{self.port}"
            if ":" in self.host
            else f"{self.service} {self.host}:{self.port}"
        )


def open_sockets(place: str, unix_mode: int) -> list[socket.socket]:
    """Listening sockets, one for each address of the place. Raises PermanentError that says what is wrong with it."""
    try:
        path = place.removeprefix("unix:")
        return _tcp_sockets(*split_place(place)) if path == place else [_unix_socket(Path(path), unix_mode)]
    except OSError as error:
        why = _WHY.get(error.errno or 0, error.strerror or str(error))
        raise PermanentError(f"cannot listen on {place}: {why}") from error


def split_place(place: str) -> tuple[str, int]:
    """`[::1]:25` → `("::1", 25)`. Raises PermanentError."""
    host, colon, port = place.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > HIGHEST_PORT:
        raise PermanentError(f"cannot listen on {place!r}: write host:port, [v6]:port or unix:/path")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _tcp_sockets(host: str, port: int) -> list[socket.socket]:
    if host in EVERYWHERE:
        return [_everywhere(port)]
    opened: list[socket.socket] = []
    problems: list[OSError] = []
    for family, where in _resolved(host, port):
        try:
            opened.append(socket.create_server((where, port), family=family, backlog=BACKLOG))
        except OSError as error:
            problems.append(error)
    serious = [error for error in problems if not opened or error.errno not in _NO_SUCH_FAMILY]
    if serious:
        for one in opened:
            one.close()
        raise serious[0]
    return opened


def _everywhere(port: int) -> socket.socket:
    dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if dual else socket.AF_INET
    return socket.create_server(("", port), family=family, backlog=BACKLOG, dualstack_ipv6=dual)


def _resolved(host: str, port: int) -> list[tuple[int, str]]:
    """`localhost` is two addresses, and a client may try either."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((int(family), str(where[0])) for family, _, _, _, where in found))


def _unix_socket(path: Path, mode: int) -> socket.socket:
    _remove_stale(path)
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(str(path))
        path.chmod(mode)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _remove_stale(path: Path) -> None:
    """A killed process leaves its socket behind; nobody answers there. Any other file is left alone."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        else:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def address_of(listening: socket.socket, service: Service) -> Address:
    """What the socket says of itself, with the port that the system chose."""
    name = listening.getsockname()
    return Address(service, path=Path(name)) if isinstance(name, str) else Address(service, name[0], name[1])


def server_tls(tls: Tls | None) -> ssl.SSLContext | None:
    """TLS 1.2 or newer with our certificate. Raises PermanentError that names the files."""
    if tls is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except (OSError, ssl.SSLError) as error:
        raise PermanentError(f"cannot use TLS certificate {tls.certificate} with key {tls.key}: {error}") from error
    return context
