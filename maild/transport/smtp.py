"""Hands mails to a relay by SMTP, one recipient a transaction, and always knows how far it came (RFC 5321, RFC 1047).

A connection is kept between mails. One that died meanwhile shows itself at MAIL, when nothing of the mail has gone out
yet: a new one is made and the mail goes there.
"""

import smtplib
from collections.abc import Callable

from maild.errors import RelayError
from maild.transport.options import TransportOptions
from maild.transport.relay import Relay, parse_relay
from maild.transport.session import command, connect, drop, say_goodbye
from maild.transport.transaction import Transaction
from maild.transport.wire import check_line_ends

RESTED = 5.0  # seconds after which a relay is asked first whether it still listens


class SmtpTransport:
    """One relay and at most one connection to it, kept between mails; used by one thread."""

    def __init__(self, url: str, options: TransportOptions | None = None) -> None:
        self._relay: Relay = parse_relay(url)
        self._options = options or TransportOptions()
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0
        self._used_at = 0.0
        self._is_clean = True

    def __repr__(self) -> str:
        return f"SmtpTransport({self._relay})"

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        """See `maild.outbox.transport.Transport.send`."""
        check_line_ends(content)
        self._leave_what_is_stale()
        kept = self._smtp
        if kept is not None:
            transaction = Transaction(kept, self._relay, self._options)
            try:
                return self._run(transaction, mail_from, rcpt_to, content, before_dot)
            except RelayError:
                if transaction.begun:
                    raise
                self._drop()
        self._smtp, self._sent = connect(self._relay, self._options), 0
        return self._run(Transaction(self._smtp, self._relay, self._options), mail_from, rcpt_to, content, before_dot)

    def close(self) -> None:
        """Says goodbye; never raises."""
        if self._smtp is not None:
            say_goodbye(self._smtp)
        self._smtp = None

    def _run(
        self, transaction: Transaction, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]
    ) -> str:
        try:
            return str(transaction.run(mail_from, rcpt_to, content, before_dot))
        finally:
            self._used_at = self._options.monotonic()
            self._sent += 1
            self._is_clean = transaction.complete
            if not transaction.usable:
                self._drop()

    def _leave_what_is_stale(self) -> None:
        """RSET costs a round trip: only after a rest, or when a refused mail may still stand open there."""
        if self._smtp is None:
            return
        rested = self._options.monotonic() - self._used_at
        if self._sent >= self._options.mails_per_connection or rested >= self._options.idle:
            self.close()
        elif (rested >= RESTED or not self._is_clean) and not _is_reset(self._smtp):
            self._drop()

    def _drop(self) -> None:
        drop(self._smtp)
        self._smtp = None


def _is_reset(smtp: smtplib.SMTP) -> bool:
    try:
        return command(smtp, "RSET").accepted
    except OSError:
        return False
