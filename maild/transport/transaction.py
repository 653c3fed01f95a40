"""One mail to one recipient over a connection: MAIL, RCPT, DATA, content, dot (RFC 5321 3.3), and how far it came.

What each failure means is decided by its phase: up to MAIL the relay is unusable and the mail's attempt is not spent;
until the final dot the mail was surely not taken; between the dot and the answer nobody knows (RFC 1047).
"""

import smtplib
import socket
from collections.abc import Callable

from maild.errors import AmbiguousError, MaildError, PermanentError, RelayError, TransientError
from maild.outbox.addresses import ascii_domain, split_address
from maild.transport import replies
from maild.transport.options import TransportOptions
from maild.transport.relay import Relay
from maild.transport.replies import Reply, refusal
from maild.transport.wire import chunks, stuffed

# The commands in order, and what a connection that ends at one of them means.
PHASES: tuple[tuple[str, type[MaildError]], ...] = (
    ("MAIL", RelayError),
    ("RCPT", TransientError),
    ("DATA", TransientError),
)


class Transaction:
    """`usable` tells afterwards whether the connection may carry another mail, `begun` whether the relay had said yes
    to MAIL, `complete` whether nothing of this mail is left open there."""

    def __init__(self, smtp: smtplib.SMTP, relay: Relay, options: TransportOptions) -> None:
        self._smtp = smtp
        self._relay = relay
        self._options = options
        self.usable = True
        self.begun = False
        self.complete = True

    def run(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> Reply:
        """The answer to the dot, or the error that belongs to the phase."""
        sender, extended = self._path(mail_from)
        recipient, also = self._path(rcpt_to)
        mail = f"MAIL FROM:<{sender}>{self._parameters(content, extended or also)}"
        commands = (mail, f"RCPT TO:<{recipient}>", "DATA")
        self.usable = self.complete = False
        if self._smtp.has_extn("pipelining"):
            self._all_at_once(commands)
        else:
            self._one_by_one(commands)
        *first, last = chunks(stuffed(content))
        for chunk in first:
            self._write(chunk)
        before_dot()
        # The dot rides with the last piece, mostly the only one: a write of its own would wake the relay once more.
        self._write(b"".join((last, b".\r\n")))
        reply = self._answer()
        self.usable = reply.code != 421
        self.complete = True
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

    def _one_by_one(self, commands: tuple[str, ...]) -> None:
        for (phase, when_lost), line in zip(PHASES, commands, strict=True):
            self._say(f"{line}\r\n", phase, when_lost)
            refused = _refused(self._hear(phase, when_lost), phase)
            if refused is not None:
                self.usable = not isinstance(refused, RelayError)
                raise refused
            self.begun = True

    def _all_at_once(self, commands: tuple[str, ...]) -> None:
        """PIPELINING (RFC 2920 3.1): one write, the answers read in order; the content waits for its 354 all the same.

        The first refusal is what counts. After an answer of the relay's own failure nothing more is to be heard.
        """
        self._say("".join(f"{line}\r\n" for line in commands), *PHASES[0])
        heard: list[Reply] = []
        refused: MaildError | None = None
        for phase, when_lost in PHASES:
            try:
                heard.append(self._hear(phase, when_lost))
            except MaildError as lost:
                raise refused or lost from None
            self.begun = heard[0].accepted
            found = _refused(heard[-1], phase)
            refused = refused or found
            if isinstance(found, RelayError):
                raise refused or found
        if refused is not None:
            self.usable = not heard[-1].goes_on or (not heard[1].accepted and self._sends_nothing())
            raise refused

    def _sends_nothing(self) -> bool:
        """DATA was let through though nobody would get it: an empty mail ends it (RFC 2920 3.1); False: lost meanwhile.

        Never where the relay knows a recipient: he would get the empty mail.
        """
        try:
            self._socket().sendall(b".\r\n")
            return replies.read(*self._smtp.getreply()).code != 421
        except OSError:
            return False

    def _say(self, lines: str, phase: str, when_lost: type[MaildError]) -> None:
        try:
            self._smtp.send(lines)
        except OSError as error:  # every error of smtplib is one
            raise when_lost(f"{self._relay}: connection lost at {phase}: {error}") from error

    def _hear(self, phase: str, when_lost: type[MaildError]) -> Reply:
        try:
            return replies.read(*self._smtp.getreply())
        except OSError as error:
            raise when_lost(f"{self._relay}: connection lost at {phase}: {error}") from error

    def _write(self, piece: bytes | memoryview) -> None:
        """A write that fails has left its last bytes here, so the dot at its end surely never went out."""
        try:
            self._socket().sendall(piece)
        except OSError as error:
            raise TransientError(f"{self._relay}: connection lost before the final dot: {error}") from error

    def _answer(self) -> Reply:
        try:
            self._socket().settimeout(self._options.after_dot)
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


def _refused(reply: Reply, phase: str) -> MaildError | None:
    return None if (reply.goes_on if phase == "DATA" else reply.accepted) else refusal(reply, phase)
