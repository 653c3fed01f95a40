"""Hands mails to a relay by SMTP, one recipient a transaction, and always knows how far it came (RFC 5321, RFC 1047).

What each failure means is decided by its phase: up to MAIL the relay is unusable and the mail's attempt is not spent;
until the final dot the mail was surely not taken; between the dot and the answer nobody knows.
"""

import smtplib
import socket
from collections.abc import Callable

from maild.errors import AmbiguousError, MaildError, PermanentError, RelayError, TransientError
from maild.outbox.addresses import ascii_domain, split_address
from maild.transport import replies
from maild.transport.options import TransportOptions
from maild.transport.relay import Relay, parse_relay
from maild.transport.replies import Reply, refusal
from maild.transport.session import command, connect, drop, say_goodbye
from maild.transport.wire import check_line_ends, chunks, stuffed


class SmtpTransport:
    """One relay and at most one connection to it, kept between mails; used by one thread."""

    def __init__(self, url: str, options: TransportOptions | None = None) -> None:
        self._relay: Relay = parse_relay(url)
        self._options = options or TransportOptions()
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0
        self._used_at = 0.0

    def __repr__(self) -> str:
        return f"SmtpTransport({self._relay})"

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """See `maild.outbox.transport.Transport.send`."""
        check_line_ends(content)
        smtp = self._ready()
        transaction = Transaction(smtp, self._relay, self._options)
        try:
            return str(transaction.run(mail_from, rcpt_to, content, before_dot))
        finally:
            self._used_at = self._options.monotonic()
            self._sent += 1
            if not transaction.usable:
                self._drop()

    def close(self) -> None:
        """Says goodbye; never raises."""
        if self._smtp is not None:
            say_goodbye(self._smtp)
        self._smtp = None

    def _ready(self) -> smtplib.SMTP:
        """The kept connection when it is fresh and still answers, else a new one."""
        if self._smtp is not None and not self._is_fresh():
            self.close()
        if self._smtp is not None and not _is_reset(self._smtp):
            self._drop()
        if self._smtp is None:
            self._smtp = connect(self._relay, self._options)
            self._sent = 0
        return self._smtp

    def _is_fresh(self) -> bool:
        rested = self._options.monotonic() - self._used_at
        return self._sent < self._options.mails_per_connection and rested < self._options.idle

    def _drop(self) -> None:
        drop(self._smtp)
        self._smtp = None


def _is_reset(smtp: smtplib.SMTP) -> bool:
    try:
        return command(smtp, "RSET").accepted
    except OSError:
        return False


class Transaction:
    """One mail to one recipient. `usable` tells afterwards whether the connection may carry another."""

    def __init__(self, smtp: smtplib.SMTP, relay: Relay, options: TransportOptions) -> None:
        self._smtp = smtp
        self._relay = relay
        self._options = options
        self.usable = True

    def run(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> Reply:
        """MAIL, RCPT, DATA, content, dot; the answer to the dot, or the error that belongs to the phase."""
        sender, extended = self._path(mail_from)
        recipient, also = self._path(rcpt_to)
        self._expect("MAIL", f"MAIL FROM:<{sender}>{self._parameters(content, extended or also)}", RelayError)
        self._expect("RCPT", f"RCPT TO:<{recipient}>", TransientError)
        self._expect("DATA", "DATA", TransientError)
        self.usable = False
        self._content(stuffed(content))
        before_dot()
        reply = self._dot()
        self.usable = reply.code != 421
        if not reply.accepted:
            raise refusal(reply, "the mail")
        return reply

    def _path(self, address: str) -> tuple[str, bool]:
        """The address for the envelope, and whether it needs SMTPUTF8 (RFC 6531)."""
        if not address:
            return "", False
        local, domain = split_address(address)
        if local.isascii():
            return f"{local}@{ascii_domain(domain)}", False
        if not self._smtp.has_extn("smtputf8"):
            raise PermanentError(f"{address}: the relay does not carry such addresses (no SMTPUTF8, RFC 6531)")
        return f"{local}@{domain}", True

    def _parameters(self, content: bytes, needs_utf8: bool) -> str:
        wanted = (
            ("size", f" SIZE={len(content)}", True),
            ("8bitmime", " BODY=8BITMIME", not content.isascii()),
            ("smtputf8", " SMTPUTF8", needs_utf8),
        )
        self._smtp.command_encoding = "utf-8" if needs_utf8 else "ascii"
        return "".join(words for name, words, needed in wanted if needed and self._smtp.has_extn(name))

    def _expect(self, phase: str, line: str, when_lost: type[MaildError]) -> None:
        self.usable = False
        try:
            reply = command(self._smtp, line)
        except OSError as error:  # every error of smtplib is one
            raise when_lost(f"{self._relay}: connection lost at {phase}: {error}") from error
        if not (reply.goes_on if phase == "DATA" else reply.accepted):
            refused = refusal(reply, phase)
            self.usable = not isinstance(refused, RelayError)
            raise refused
        self.usable = True

    def _content(self, content: bytes) -> None:
        try:
            for chunk in chunks(content):
                self._socket().sendall(chunk)
        except OSError as error:
            raise TransientError(f"{self._relay}: connection lost before the final dot: {error}") from error

    def _dot(self) -> Reply:
        try:
            self._socket().settimeout(self._options.after_dot)
            self._socket().sendall(b".\r\n")
            reply = replies.read(*self._smtp.getreply())
            self._socket().settimeout(self._options.timeout)
        except OSError as error:
            raise AmbiguousError(f"{self._relay}: no answer after the final dot: {error}") from error
        if not 200 <= reply.code <= 299 and not 400 <= reply.code <= 599:
            raise AmbiguousError(f"{self._relay}: no SMTP answer after the final dot: {reply}")
        return reply

    def _socket(self) -> socket.socket:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("Server not connected")
        return self._smtp.sock
