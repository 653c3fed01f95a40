"""A connection's incoming bytes, as command lines or as chunks; what was read too far can be given back.

The protocol feeds it as bytes come, and whoever reads takes what is there without waiting: a task is woken once for
all lines of a segment, not once for each.
"""

import asyncio

# More than this is not read from the socket before it is wanted: TCP holds the sender back.
HIGH_WATER = 64 * 1024


class ClientGoneError(Exception):
    """The client closed or lost its connection; nothing is left to say to it."""


class LineTooLongError(Exception):
    """The line was longer than allowed; it was read to its end and thrown away."""


class Wire:
    """What a client has said and nobody has read yet. Bytes behind the final dot are commands again (RFC 2920)."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._unread = bytearray()
        self._searched = 0
        self._too_long = False
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_full(self) -> bool:
        """True when the client has said more than it need be let."""
        return len(self._unread) > HIGH_WATER

    def feed(self, data: bytes | memoryview) -> None:
        """The client has said something; it is copied."""
        self._unread += data
        self._wake()

    def end(self) -> None:
        """The client will say no more; what it has said may still be read."""
        self._ended = True
        self._wake()

    def more(self) -> "asyncio.Future[None]":
        """Done as soon as something has come, or the end. Raises ClientGoneError behind the end."""
        if self._ended:
            raise ClientGoneError
        self._waiter = self._loop.create_future()
        return self._waiter

    def line(self, limit: int) -> bytes | None:
        """The next line with its LF, None while it is not all there. Raises LineTooLongError at its end."""
        end = self._unread.find(b"\n", self._searched)
        if end < 0:
            self._keep_short(limit)
            return None
        line = bytes(self._unread[: end + 1])
        del self._unread[: end + 1]
        too_long, self._searched, self._too_long = self._too_long or len(line) > limit, 0, False
        if too_long:
            raise LineTooLongError
        return line

    def chunk(self) -> bytearray:
        """Whatever is there, perhaps nothing."""
        chunk, self._unread = self._unread, bytearray()
        self.forget()
        return chunk

    def give_back(self, rest: bytes) -> None:
        """Puts bytes that belong to the next command before everything unread."""
        self._unread[:0] = rest
        self._searched = 0

    def forget(self) -> None:
        """Throws away what came before TLS: it may be an attacker's (CVE-2024-34083, RFC 3207 4.2)."""
        self._unread.clear()
        self._searched, self._too_long = 0, False

    def _keep_short(self, limit: int) -> None:
        self._searched = len(self._unread)
        if self._searched > limit:
            self.forget()
            self._too_long = True

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
