"""A connection to an IMAP server, protected and logged in; the only file that imports imapclient."""

import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
    ProtocolError,
)

from maild.intake.imap_account import ImapAccount, Security, Timing
from maild.intake.imap_guards import Xoauth2, fits_login, login_error, refuse_breaks, words
from maild.intake.imap_session import CommandRefusedError, ConnectionLostError, LoginRefusedError
from maild.intake.imap_wire import Wire

ANSWER_BYTES = 1024 * 1024
# What the library's parsers raise on an answer that no grammar knows.
NONSENSE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError, OverflowError)

# Its debug level formats every line, bodies and all (imapclient.py sets debug=5 on each connection).
logging.getLogger("imapclient").setLevel(logging.WARNING)
logging.getLogger("imapclient.imaplib").setLevel(logging.WARNING)


class Client(IMAPClient):  # type: ignore[misc]
    """imapclient over our own wire, with an IDLE that loses no news."""

    def __init__(
        self, account: ImapAccount, timing: Timing, context: ssl.SSLContext | None, stop: threading.Event
    ) -> None:
        self.wire: Wire
        self._stop = stop
        self._timing = timing
        self._wire_context = context
        limits = SocketTimeout(connect=timing.connect, read=timing.read)
        super().__init__(account.host, account.port, ssl=context is not None, ssl_context=context, timeout=limits)
        self.normalise_times = False

    def _create_IMAP4(self) -> Wire:  # noqa: N802 the library's name
        self.wire = Wire(
            self.host,
            self.port,
            connect=self._timing.connect,
            read=self._timing.read,
            context=self._wire_context,
            stop=self._stop,
        )
        return self.wire

    def idle(self) -> None:
        """Goes on when the server reports something before its `+`, where the library gives up."""
        self._idle_tag = tag = self.wire._command("IDLE")
        while self.wire._get_response() is not None:
            if self.wire.tagged_commands[tag]:
                raise IMAPClientError("IDLE was refused")

    def _poll_socket(self, sock: object, timeout: float | None = None) -> object:
        return self.wire.pending() or super()._poll_socket(sock, timeout)

    def open_folder(self, folder: str, *, readonly: bool) -> tuple[dict[bytes, int], bool]:
        """What SELECT answers, and whether we may write; EXAMINE where we may or will not (RFC 3501 6.3.2)."""
        if not readonly:
            try:
                return dict(self.select_folder(folder)), True
            except IMAPClientReadOnlyError:
                pass
        return dict(self.select_folder(folder, readonly=True)), False

    def leave(self) -> None:
        """LOGOUT where the line still answers, and the line closed."""
        try:
            self.logout()
        except (OSError, IMAPClientError, *NONSENSE):
            self.hang_up()

    def hang_up(self) -> None:
        """The line closed without a word."""
        try:
            self.shutdown()
        except OSError:  # closed is what was wanted
            return


def connect(account: ImapAccount, timing: Timing, stop: threading.Event, access_token: str | None) -> Client:
    """Connects, protects the line and logs in, by `access_token` where there is one; `stop` ends every waiting."""
    refuse_breaks(account)
    with translated(f"connecting to {account.host}:{account.port}"):
        client = Client(account, timing, _context(account) if account.security is Security.TLS else None, stop)
    try:
        _protect(client, account, timing)
        _login(client, account, timing, access_token)
    except BaseException:
        client.hang_up()
        raise
    return client


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """The library's exceptions, as ours."""
    try:
        yield
    except LoginError as err:
        raise login_error(words(err)) from err
    except (IMAPClientAbortError, OSError) as err:
        raise ConnectionLostError(f"{doing}: {words(err)}") from err
    except (ProtocolError, *NONSENSE) as err:  # its words quote what may be a mail
        raise CommandRefusedError(f"{doing}: the server's answer can't be read ({type(err).__name__})") from err
    except IMAPClientError as err:
        raise CommandRefusedError(f"{doing}: {words(err)}") from err


def _context(account: ImapAccount) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=account.ca_file)
    if not account.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _protect(client: Client, account: ImapAccount, timing: Timing) -> None:
    if account.security is not Security.STARTTLS:
        return
    client.wire.allow(timing.command, ANSWER_BYTES)
    with translated("STARTTLS"):
        client.starttls(_context(account))


def _login(client: Client, account: ImapAccount, timing: Timing, access_token: str | None) -> None:
    client.wire.allow(timing.command, ANSWER_BYTES)
    with translated("login"):
        if access_token is not None:
            client.sasl_login("XOAUTH2", Xoauth2(account.username, access_token))
            return
        if client.has_capability("LOGINDISABLED"):
            raise LoginRefusedError(
                "the server takes no password on an unprotected line: set security to tls or starttls"
            )
        password = account.password or ""
        if fits_login(account.username, password):
            client.login(account.username, password)
        else:
            client.plain_login(account.username, password)
