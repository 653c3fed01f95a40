"""Ways out, chosen by the scheme of `[delivery] url`: one small file each, one line in `SCHEMES`."""

from collections.abc import Callable

from maild.outbox.transport import Transport
from maild.transport.failover import Failover
from maild.transport.maildir import MaildirTransport
from maild.transport.meter import Meter, Metered
from maild.transport.null import NullTransport
from maild.transport.options import TransportOptions
from maild.transport.smtp import SmtpTransport

SCHEMES: tuple[tuple[str, Callable[[str, TransportOptions], Transport]], ...] = (
    ("smtp+starttls", SmtpTransport),
    ("smtps", SmtpTransport),
    ("smtp", SmtpTransport),
    ("maildir", MaildirTransport),
    ("null", lambda _url, _options: NullTransport()),
)


def open_transport(url: str, options: TransportOptions | None = None) -> Transport:
    """The transport of a URL, not yet connected. ValueError in words, never with the URL: it may hold a password."""
    scheme = url.partition(":")[0].strip().lower()
    for name, make in SCHEMES:
        if scheme == name:
            return make(url.strip(), options or TransportOptions())
    raise ValueError(f"a delivery url must begin with {', '.join(f'{name}:' for name, _ in SCHEMES)}")


def open_relays(
    urls: tuple[str, ...], options: TransportOptions | None = None, meters: tuple[Meter | None, ...] = ()
) -> Transport:
    """One way out over one or several relays, in order; `meters` are their limits, shared by all who send over them."""
    limits = meters or (None,) * len(urls)
    relays = tuple(_limited(open_transport(url, options), meter) for url, meter in zip(urls, limits, strict=True))
    return relays[0] if len(relays) == 1 else Failover(relays)


def _limited(relay: Transport, meter: Meter | None) -> Transport:
    return relay if meter is None else Metered(relay, meter)


__all__ = ["SCHEMES", "Meter", "Transport", "TransportOptions", "open_relays", "open_transport"]
