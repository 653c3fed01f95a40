"""The conversation with one client, on aiosmtpd's protocol class: the only file that builds on that class.

aiosmtpd gives the connection, STARTTLS and the table of commands. The command loop is ours, since its own takes bare
LF, answers 500 with exception texts, and cancels a commit when the client closes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, Session, TLSSetupException

from maild.intake import smtp_replies as replies
from maild.intake.smtp_caps import Peer, identify
from maild.intake.smtp_commands import FOREIGN_VERBS, MAX_LINE, parse_command
from maild.intake.smtp_deadlines import Deadlines
from maild.intake.smtp_log import alarm, note, where
from maild.intake.smtp_reception import Reception
from maild.intake.smtp_replies import Reply
from maild.intake.smtp_wire import ClientGoneError, LineTooLongError, Wire

T = TypeVar("T")
LINGER_SECONDS = 1.0
# aiosmtpd's own timer cuts without a word; it only ends what all our own deadlines have missed.
BACKSTOP_SECONDS = 300.0
COMMANDS_PER_TURN = 32


class DeadlineError(Exception):
    """The client was too slow, or we are shutting down."""


class Phase(Enum):
    """What may be cut: waiting for commands at any time, a mail until its dot, a commit never."""

    COMMAND = auto()
    DATA = auto()
    COMMIT = auto()


class Conversation(SMTP):
    """A connection, its TLS, its command loop and its answers; the commands themselves are in the classes above."""

    # Also half of what the stream buffers before TCP holds the sender back.
    line_length_limit = 32 * 1024
    protocol_name = "ESMTP"
    _wire: Wire

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        settings = reception.settings
        super().__init__(
            None,
            hostname=settings.hostname,
            enable_SMTPUTF8=settings.smtputf8,
            tls_context=reception.tls,
            timeout=settings.session_seconds + settings.commit_seconds + BACKSTOP_SECONDS,
            loop=loop,
        )
        self._reception = reception
        self._settings = settings
        self._deadlines = Deadlines(loop.time(), settings)
        self._peer = Peer("", "", trusted=False)
        self._phase = Phase.COMMAND
        self._timer: asyncio.Timeout | None = None
        self._over = self._cut = False
        self._mails = self._commands = self._errors = 0

    # --- the connection

    def begin_anew(self) -> None:
        """Forget what the client has said: called first, and again after STARTTLS (RFC 3207 4.2)."""

    def _create_session(self) -> Session:
        self._reception.meet(self)
        self.begin_anew()
        return super()._create_session()

    def _cb_client_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super()._cb_client_connected(reader, writer)
        self._wire = Wire(reader)

    def eof_received(self) -> bool:
        """A client may close its half and still read our answers; aiosmtpd would cancel the session."""
        keep_open = asyncio.StreamReaderProtocol.eof_received(self)
        return bool(keep_open) and not self.is_encrypted()

    def connection_lost(self, error: Exception | None) -> None:
        """Ends the session, but no commit."""
        if self._phase is Phase.DATA:
            self._reception.counts["lost"] += 1
            note("client-gone", peer=self._peer.name, phase="data")
        self._reception.leave(self)
        super().connection_lost(error)

    def wind_down(self) -> None:
        """See `Guest`."""
        if self._phase is Phase.COMMAND:
            self._stop_waiting()

    def cut(self) -> None:
        """See `Guest`."""
        self._cut = True
        if self._phase is not Phase.COMMIT:
            self._stop_waiting()

    def abort(self) -> None:
        """See `Guest`."""
        if self.transport is not None:
            self.transport.abort()  # type: ignore[attr-defined]

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.reschedule(self.loop.time())

    def is_encrypted(self) -> bool:
        """True behind STARTTLS and on a port that begins with TLS."""
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    # --- the loop

    async def _handle_client(self) -> None:
        try:
            await self._converse()
        except ClientGoneError:
            return
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _converse(self) -> None:
        assert self.transport is not None
        self._peer = identify(self.transport.get_extra_info("peername"), self._settings)
        refusal = self._reception.admit(self, self._peer)
        if refusal is not None:
            await self.push(str(refusal))
            return
        await self.push(f"220 {self.hostname} {self.protocol_name}")
        while not self._over:
            await self._one_command()

    async def _one_command(self) -> None:
        try:
            await self._obey(await self.read_line())
        except LineTooLongError:
            await self.say(replies.LINE_TOO_LONG)
        except DeadlineError:
            await self.say(replies.DRAINING if self._reception.draining else replies.IDLE)
        except ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - any bug of ours is answered 451, the mail stays with its sender
            # What follows an error inside DATA is mail text, not commands.
            self._over = self._over or self._phase is Phase.DATA
            await self.push(await self.handle_exception(error))
        self._phase = Phase.COMMAND

    async def read_line(self) -> bytes:
        """The next line, in time. Raises what ends a session."""
        if self._reception.draining:
            raise DeadlineError
        self._commands += 1
        if self._commands % COMMANDS_PER_TURN == 0:
            await asyncio.sleep(0)
        return await self.within(self._command_deadline(), partial(self._wire.line, MAX_LINE))

    def _command_deadline(self) -> float:
        return self._deadlines.for_command(self.loop.time(), self._mails)

    async def _obey(self, line: bytes) -> None:
        if self._commands > self._settings.max_commands:
            await self.say(replies.TOO_MANY_COMMANDS)
            return
        command = parse_command(line)
        if isinstance(command, Reply):
            await self.say(command)
            return
        method = self._smtp_methods.get(command.verb)
        if method is not None:
            await method(command.argument)
        else:
            await self.say(replies.NOT_SMTP if command.verb in FOREIGN_VERBS else replies.UNKNOWN_COMMAND)

    async def within(self, deadline: float, wait: Callable[[], Awaitable[T]]) -> T:
        """Waits for the client, but not for ever. Raises DeadlineError."""
        if self._cut or deadline <= self.loop.time():
            raise DeadlineError
        try:
            async with asyncio.timeout_at(deadline) as self._timer:
                return await wait()
        except TimeoutError:
            raise DeadlineError from None
        finally:
            self._timer = None

    async def handle_exception(self, error: Exception) -> str:
        """aiosmtpd answers 500 with the exception's text: a bounce, and a leak."""
        self._reception.counts["failed"] += 1
        alarm("bug", peer=self._peer.name, error=where(error))
        return str(replies.OUR_FAULT)

    # --- answers

    async def push(self, status: Any) -> None:
        """Sends lines; a client that does not read them is dropped."""
        if self.transport is None or self.transport.is_closing():
            raise ClientGoneError
        self._writer.write((status if isinstance(status, bytes) else status.encode()) + b"\r\n")
        try:
            async with asyncio.timeout_at(self._deadlines.for_answer(self.loop.time())):
                await self._writer.drain()
        except OSError as error:
            self.abort()
            raise ClientGoneError from error

    async def say(self, reply: Reply) -> None:
        """Answers once, counts refusals, and ends the session where the reply says so."""
        await self.push(str(reply))
        await self.settle(reply)

    async def settle(self, reply: Reply) -> None:
        """What follows from an answer that has been sent."""
        self._errors += reply.is_refusal
        if reply.code >= 400:
            self._reception.counts["refused" if reply.is_refusal else "deferred"] += 1
        if reply.closing and not self._over:
            self._over = True
            await self._close_gently(reply)
        elif reply.is_refusal and self._errors >= self._settings.max_errors:
            await self.say(replies.TOO_MANY_ERRORS)

    async def _close_gently(self, reply: Reply) -> None:
        """Closing while the client's bytes lie unread resets the connection, and it never reads our last words."""
        if reply == replies.BYE:
            return
        note("closed", peer=self._peer.name, reply=f"{reply.code} {reply.status}", why=reply.text)
        try:
            if not self.is_encrypted():
                self._writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):
                while True:
                    await self._wire.chunk()
        except (OSError, ClientGoneError):
            return

    # --- TLS

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        """RFC 3207; a failed handshake ends the connection."""
        refusal = self._refusal_before_tls(arg)
        if refusal is not None:
            await self.say(refusal)
            return
        self._wire.forget()
        try:
            await self.within(self._command_deadline(), partial(super().smtp_STARTTLS, ""))
        except (TLSSetupException, DeadlineError) as error:
            note("tls-failed", peer=self._peer.name)
            self._drop_failed_tls()
            raise ClientGoneError from error

    def _drop_failed_tls(self) -> None:
        # asyncio tells a protocol nothing of a connection that was lost inside the handshake.
        if self._original_transport is not None:
            self._original_transport.abort()  # type: ignore[attr-defined]
        if self.transport is not None:
            self.connection_lost(None)

    def _refusal_before_tls(self, arg: str | None) -> Reply | None:
        if arg is not None:
            return replies.NO_ARGUMENT
        if self.is_encrypted():
            return replies.TLS_ALREADY
        return None if self.tls_context is not None else replies.NOT_IMPLEMENTED
