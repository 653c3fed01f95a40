"""A client's connection, on aiosmtpd's protocol class: the only file that builds on that class.

aiosmtpd gives the connection itself, STARTTLS and the table of commands. Reading, waiting and writing are ours: its own
wakes a task for each line, sends each answer alone, and cancels a commit when the client closes.
"""

import asyncio
from enum import Enum, auto
from typing import Any, ClassVar, cast

from aiosmtpd.smtp import SMTP, Session, TLSSetupException

from maild.intake.smtp_caps import Peer
from maild.intake.smtp_deadlines import Deadlines
from maild.intake.smtp_log import note
from maild.intake.smtp_patience import DeadlineError, Patience
from maild.intake.smtp_reception import Reception
from maild.intake.smtp_wire import ClientGoneError, Wire

LINGER_SECONDS = 1.0
# aiosmtpd's own timer cuts without a word; it only ends what all our own deadlines have missed.
BACKSTOP_SECONDS = 300.0


class Phase(Enum):
    """What may be cut: waiting for commands at any time, a mail until its dot, a commit never."""

    COMMAND = auto()
    DATA = auto()
    COMMIT = auto()


class Connection(SMTP, asyncio.BufferedProtocol):
    """What has come is read without waiting; what is to be said is sent before the client is waited for."""

    _command_names: ClassVar[list[str]] = []

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
        self._patience = Patience(loop)
        self._wire = Wire(loop)
        self._unsent = bytearray()
        self._peer = Peer("", "", trusted=False)
        self._phase = Phase.COMMAND
        self._handshake: asyncio.Timeout | None = None
        self._cut = False

    def __init_subclass__(cls) -> None:
        cls._command_names = [name for name in dir(cls) if name.startswith("smtp_")]

    def __dir__(self) -> list[str]:
        """aiosmtpd looks through all names of each new connection for its commands; these are all it looks for."""
        return self._command_names

    def begin_anew(self) -> None:
        """Forget what the client has said: called first, and again after STARTTLS (RFC 3207 4.2)."""
        self._wire.forget()

    def _create_session(self) -> Session:
        self._reception.meet(self)
        self.begin_anew()
        return super()._create_session()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: one buffer for all connections, as `buffer_updated` follows at once."""
        return self._reception.incoming

    def buffer_updated(self, nbytes: int) -> None:
        """See `Wire`."""
        self._reception.handover.heard += 1
        self._wire.feed(self._reception.incoming[:nbytes])
        if self._wire.is_full:
            self._connection.pause_reading()

    def eof_received(self) -> bool:
        """A client may close its half and still read our answers; aiosmtpd would cancel the session."""
        self._wire.end()
        return not self.is_encrypted()

    def connection_lost(self, error: Exception | None) -> None:
        """Ends the session, but no commit."""
        if self._phase is Phase.DATA:
            self._reception.counts["lost"] += 1
            note("client-gone", peer=self._peer.name, phase="data")
        self._reception.leave(self)
        self._patience.end()
        self._wire.end()
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
            self._connection.abort()

    def _stop_waiting(self) -> None:
        self._patience.lose()
        if self._handshake is not None:
            self._handshake.reschedule(self.loop.time())

    @property
    def _connection(self) -> asyncio.Transport:
        return cast(asyncio.Transport, self.transport)

    def is_encrypted(self) -> bool:
        """True behind STARTTLS and on a port that begins with TLS."""
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    # --- reading

    def must_be_before(self, deadline: float, now: float) -> None:
        """Raises DeadlineError, also when the session has been cut: what has come already buys no time either."""
        if self._cut or deadline <= now:
            raise DeadlineError

    async def hear(self, deadline: float) -> None:
        """Sends what is unsent and waits for the client to say more. Raises DeadlineError or ClientGoneError."""
        await self.send()
        if self._cut:
            raise DeadlineError
        self._connection.resume_reading()
        await self._patience.wait(self._wire.more(), deadline)

    # --- writing

    async def push(self, status: Any) -> None:
        """Sends lines, now."""
        self.put(status if isinstance(status, bytes) else status.encode())
        await self.send()

    def put(self, answer: bytes) -> None:
        """An answer that is sent with those that follow at once (RFC 2920 3.2)."""
        self._unsent += answer + b"\r\n"

    async def send(self) -> None:
        """Sends all answers that wait; a client that does not read them is dropped. Raises ClientGoneError."""
        if self.transport is None or self.transport.is_closing():
            raise ClientGoneError
        if not self._unsent:
            return
        self._connection.write(bytes(self._unsent))
        self._unsent.clear()
        if self._connection.get_write_buffer_size():
            await self._be_read()

    async def _be_read(self) -> None:
        try:
            async with asyncio.timeout_at(self._deadlines.for_answer(self.loop.time())):
                await self._writer.drain()
        except OSError as error:
            self.abort()
            raise ClientGoneError from error

    async def linger(self) -> None:
        """Closing while the client's bytes lie unread resets the connection, and it never reads our last words."""
        await self.send()
        try:
            if not self.is_encrypted():
                self._writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):
                while True:
                    self._wire.forget()
                    self._connection.resume_reading()
                    await self._wire.more()
        except (OSError, ClientGoneError):
            return

    # --- TLS

    async def shake_hands(self, deadline: float) -> None:
        """TLS from now on (RFC 3207). Raises ClientGoneError when that does not come about."""
        self._wire.forget()
        self._connection.resume_reading()
        try:
            async with asyncio.timeout_at(deadline) as self._handshake:
                await super().smtp_STARTTLS("")
        except (TLSSetupException, TimeoutError) as error:
            note("tls-failed", peer=self._peer.name)
            self._drop_failed_tls()
            raise ClientGoneError from error
        finally:
            self._handshake = None

    def _drop_failed_tls(self) -> None:
        # asyncio tells a protocol nothing of a connection that was lost inside the handshake.
        if self._original_transport is not None:
            self._original_transport.abort()  # type: ignore[attr-defined]
        if self.transport is not None:
            self.connection_lost(None)
