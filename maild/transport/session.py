"""One connection to a relay, from the banner to AUTH: until here every failure is the relay's, not a mail's."""

import base64
import contextlib
import smtplib
import socket
import ssl

from maild.errors import RelayError
from maild.transport import replies
from maild.transport.options import TransportOptions
from maild.transport.relay import Relay, Security
from maild.transport.replies import Reply

GOODBYE = 5.0  # seconds for QUIT


def connect(relay: Relay, options: TransportOptions) -> smtplib.SMTP:
    """A greeted, protected and authenticated connection, or RelayError."""
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _opened(relay, options)
        _without_delay(smtp)
        smtp.ehlo_or_helo_if_needed()
        _protect(smtp, relay, options)
        _authenticate(smtp, relay)
    except (OSError, ValueError, RelayError) as error:  # every error of smtplib and ssl is an OSError
        drop(smtp)
        raise RelayError(f"{relay}: {_in_words(error, relay)}") from None
    return smtp


def _opened(relay: Relay, options: TransportOptions) -> smtplib.SMTP:
    if relay.security is Security.TLS:
        return smtplib.SMTP_SSL(
            relay.host, relay.port, options.helo, timeout=options.timeout, context=_context(options)
        )
    return smtplib.SMTP(relay.host, relay.port, options.helo, timeout=options.timeout)


def _without_delay(smtp: smtplib.SMTP) -> None:
    """The final dot goes out alone, after its mark: Nagle's algorithm would hold it back 40 ms for each mail."""
    if smtp.sock is not None:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _context(options: TransportOptions) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(options.ca_file) if options.ca_file else None)


def _protect(smtp: smtplib.SMTP, relay: Relay, options: TransportOptions) -> None:
    if relay.security is not Security.STARTTLS:
        return
    if not smtp.has_extn("starttls"):
        raise RelayError("does not offer STARTTLS, and mail does not leave unprotected")
    smtp.starttls(context=_context(options))  # forgets all that was said before (RFC 3207 4.2)
    smtp.ehlo_or_helo_if_needed()


def _authenticate(smtp: smtplib.SMTP, relay: Relay) -> None:
    """AUTH PLAIN or LOGIN in UTF-8 (RFC 4616); smtplib's own `login` knows only ASCII passwords."""
    if relay.username is None:
        return
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        reply = command(smtp, f"AUTH PLAIN {_coded(_plain(relay))}")
    elif "LOGIN" in offered:
        command(smtp, "AUTH LOGIN")
        command(smtp, _coded(relay.username))
        reply = command(smtp, _coded(relay.password))
    else:
        raise RelayError("offers neither AUTH PLAIN nor AUTH LOGIN on this connection")
    if reply.code != 235:
        raise RelayError(f"user name or password refused: {reply}")


def _plain(relay: Relay) -> str:
    return f"\0{relay.username}\0{relay.password}"


def _coded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def command(smtp: smtplib.SMTP, line: str) -> Reply:
    """One line out, one answer back; OSError when the connection is gone."""
    return replies.read(*smtp.docmd(line))


def _in_words(error: Exception, relay: Relay) -> str:
    """What went wrong, without the password that a relay may have echoed."""
    match error:
        case ssl.SSLCertVerificationError():
            text = f"certificate refused: {error.verify_message}"
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            text = str(replies.read(code, said if isinstance(said, bytes) else str(said).encode()))
        case _:
            text = replies.read(0, str(error).encode("utf-8", "replace")).text or type(error).__name__
    secrets = (_coded(_plain(relay)), _coded(relay.password), relay.password) if relay.password else ()
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def drop(smtp: smtplib.SMTP | None) -> None:
    """Cuts the connection without a word."""
    if smtp is not None:
        with contextlib.suppress(OSError):
            smtp.close()


def say_goodbye(smtp: smtplib.SMTP) -> None:
    """QUIT, but no long wait for a relay that does not answer."""
    with contextlib.suppress(OSError):
        if smtp.sock is not None:
            smtp.sock.settimeout(GOODBYE)
        smtp.quit()
    drop(smtp)
