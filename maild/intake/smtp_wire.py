"""A connection's incoming bytes, as command lines or as chunks; what was read too far can be given back."""

from asyncio import StreamReader

CHUNK = 256 * 1024


class ClientGoneError(Exception):
    """The client closed or lost its connection; nothing is left to say to it."""


class LineTooLongError(Exception):
    """The line was longer than allowed; it was read to its end and thrown away."""


class Wire:
    """Reads through its own buffer, so that bytes behind the final dot are commands again (RFC 2920)."""

    def __init__(self, stream: StreamReader) -> None:
        self._stream = stream
        self._unread = bytearray()

    async def line(self, limit: int) -> bytes:
        """The next line with its LF. Raises ClientGoneError or LineTooLongError."""
        searched = dropped = 0
        while (end := self._unread.find(b"\n", searched)) < 0:
            searched = len(self._unread)
            if searched > limit:
                dropped += searched
                searched = 0
                self._unread.clear()
            self._unread += await self._more()
        line = bytes(self._unread[: end + 1])
        del self._unread[: end + 1]
        if dropped or len(line) > limit:
            raise LineTooLongError
        return line

    async def chunk(self) -> bytes:
        """Whatever is there, at least one byte. Raises ClientGoneError."""
        if not self._unread:
            return await self._more()
        chunk = bytes(self._unread)
        self._unread.clear()
        return chunk

    def give_back(self, rest: bytes) -> None:
        """Puts bytes that belong to the next command before everything unread."""
        self._unread[:0] = rest

    def forget(self) -> None:
        """Throws away what came before TLS: it may be an attacker's (CVE-2024-34083, RFC 3207 4.2)."""
        self._unread.clear()

    async def _more(self) -> bytes:
        try:
            chunk = await self._stream.read(CHUNK)
        except OSError as error:
            raise ClientGoneError from error
        if not chunk:
            raise ClientGoneError
        return chunk
