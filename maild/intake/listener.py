"""The listener: all ports of SMTP and LMTP in one asyncio loop on a thread of its own, and its gentle end.

aiosmtpd's Controller stops its loop in the middle of a mail, and hides a factory's errors behind a port that never
answers; so the server object is ours.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

from maild.clock import Clock, utc_now
from maild.desk.door import Door
from maild.errors import PermanentError
from maild.intake.lmtp import LmtpSession
from maild.intake.smtp_caps import ConnectionCaps
from maild.intake.smtp_handback import Handback
from maild.intake.smtp_handover import Handover
from maild.intake.smtp_log import alarm, note, where
from maild.intake.smtp_places import Address, address_of, open_sockets, server_tls
from maild.intake.smtp_reception import Reception
from maild.intake.smtp_session import SmtpSession
from maild.intake.smtp_settings import Service, SmtpSettings

SESSIONS: dict[Service, type[SmtpSession]] = {
    Service.SMTP: SmtpSession,
    Service.SMTPS: SmtpSession,
    Service.LMTP: LmtpSession,
}
STATISTICS = ("connections", "connections_refused", "kept", "refused", "deferred", "failed", "lost")
THREADS = 4
# What a session still needs after its last answer: lingering, and the TLS goodbye.
FAREWELL_SECONDS = 3.0
POLL_SECONDS = 0.02
# A connection is counted by the caps only after asyncio's handshake, so that must not last.
HANDSHAKE_SECONDS = 10.0


class Listener:
    """Takes mails by SMTP and LMTP and hands them to the desk's door.

    `start` and `drain` are called once each, by any thread.
    """

    def __init__(self, settings: SmtpSettings, door: Door, clock: Clock = utc_now) -> None:
        self._settings = settings
        self._door = door
        self._clock = clock
        self._sockets: list[tuple[socket.socket, Service]] = []
        self._servers: list[asyncio.Server] = []
        self._addresses: tuple[Address, ...] = ()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name="maild-smtp", daemon=True)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="maild-smtp-file")
        self._reception: Reception | None = None

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where it listens, with real ports, in the order of the settings: smtp, smtps, lmtp."""
        return self._addresses

    def start(self) -> None:
        """Returns once all ports listen. Raises PermanentError when one cannot be had; then none listens."""
        # aiosmtpd logs command lines at INFO and undecodable AUTH answers at DEBUG.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        try:
            tls = server_tls(self._settings.tls)
            self._open_sockets()
        except PermanentError:
            self._release()
            raise
        self._addresses = tuple(address_of(listening, service) for listening, service in self._sockets)
        self._reception = self._new_reception(tls)
        self._thread.start()
        self._call(self._serve(self._reception))
        note("listening", on=", ".join(map(str, self._addresses)))

    def reconfigure(self, settings: SmtpSettings) -> None:
        """Sessions that begin from now on follow these; the ports stay. Raises PermanentError for a bad certificate."""
        reception = self._reception
        assert reception is not None, "not started"
        fresh = server_tls(settings.tls)
        self._loop.call_soon_threadsafe(reception.reconfigure, settings, fresh)

    def drain(self, seconds: float) -> None:
        """Takes no more connections and commands, waits that long for mails under way, then ends.

        A mail whose last dot has been seen is never cut: its answer is waited for, as long as one may take.
        """
        if not self._thread.is_alive():
            self._release()
            return
        assert self._reception is not None
        self._call(self._drain(self._reception, seconds))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._threads.shutdown()
        note("drained", **self.stats())

    def stats(self) -> dict[str, int]:
        """Counts since the start, and how many sessions and commits are under way now."""
        if self._reception is None:
            return {}
        counts = {name: self._reception.counts[name] for name in STATISTICS}
        return counts | {"open": self._reception.caps.total, "committing": len(self._reception.commits)}

    # --- before the loop runs

    def _open_sockets(self) -> None:
        if self._settings.tls_listen and self._settings.tls is None:
            raise PermanentError(
                f"cannot listen on {self._settings.tls_listen[0]} with TLS: no certificate is configured"
            )
        places = {
            Service.SMTP: self._settings.listen,
            Service.SMTPS: self._settings.tls_listen,
            Service.LMTP: self._settings.lmtp_listen,
        }
        for service, listen in places.items():
            for place in listen:
                opened = open_sockets(place, self._settings.unix_socket_mode)
                self._sockets.extend((listening, service) for listening in opened)

    def _release(self) -> None:
        for listening, _ in self._sockets:
            listening.close()
        self._threads.shutdown()
        self._loop.close()

    def _new_reception(self, tls: ssl.SSLContext | None) -> Reception:
        return Reception(
            settings=self._settings,
            door=self._door,
            clock=self._clock,
            monotonic=self._loop.time,
            threads=self._threads,
            tls=tls,
            caps=ConnectionCaps(self._settings),
            handover=Handover(self._loop),
            handback=Handback(self._loop),
        )

    # --- in the loop's thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(_log_loop_error)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _serve(self, reception: Reception) -> None:
        for listening, service in self._sockets:
            server = await self._loop.create_server(
                self._factory(reception, service),
                sock=listening,
                ssl=reception.tls if service is Service.SMTPS else None,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if service is Service.SMTPS else None,
            )
            self._servers.append(server)

    def _factory(self, reception: Reception, service: Service) -> Callable[[], SmtpSession]:
        return lambda: SESSIONS[service](reception, self._loop)

    async def _drain(self, reception: Reception, seconds: float) -> None:
        reception.draining = True
        await self._close_ports()
        for guest in list(reception.guests):
            guest.wind_down()
        if await self._is_empty_within(seconds, reception):
            return
        for guest in list(reception.guests):
            guest.cut()
        if not await self._is_empty_within(self._settings.commit_seconds + FAREWELL_SECONDS, reception):
            alarm("drain-incomplete", open=len(reception.guests), committing=len(reception.commits))
        for guest in list(reception.guests):
            guest.abort()
        await asyncio.sleep(0)

    async def _close_ports(self) -> None:
        for listening, _ in self._sockets:
            self._loop.remove_reader(listening)
        # What is accepted becomes a guest within a few turns; closing a server before loses it (its _attach asserts).
        await asyncio.sleep(POLL_SECONDS)
        for server in self._servers:
            server.close()
        for address in self._addresses:
            if address.path is not None:
                address.path.unlink(missing_ok=True)

    async def _is_empty_within(self, seconds: float, reception: Reception) -> bool:
        deadline = self._loop.time() + seconds
        while reception.guests or reception.commits:
            if self._loop.time() >= deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True


def _log_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    alarm("loop-error", what=context.get("message"), error=where(error) if error else None)
