"""An IMAP line that can't be made to wait, read or remember without bound (RELIABILITY C7, 4.2 #1-#5)."""

import imaplib
import io
import socket
import ssl
import threading
import time

CHUNK = 65_536
GREETING_BYTES = 65_536
LOOK_AROUND = 1.0
KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3))


class Wire(imaplib.IMAP4):
    """imaplib's connection with an own reader: each command has a wall deadline and a budget of bytes.

    imaplib's reader waits anew after each byte, reads a literal of any announced size (python/cpython#119511), and
    hides from `poll` what it has read ahead, so that news in IDLE would be seen minutes late.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        connect: float,
        read: float,
        context: ssl.SSLContext | None,
        stop: threading.Event,
    ) -> None:
        self._stop = stop
        self._connect_seconds = connect
        self._read_seconds = read
        self._context = context
        self._buffer = bytearray()
        self._source: socket.socket | None = None
        self.allow(connect, GREETING_BYTES)
        super().__init__(host, port, connect)

    def allow(self, seconds: float, size: int) -> None:
        """From now on `seconds` and `size` bytes, for everything up to the next call."""
        self._until = time.monotonic() + seconds
        self._left = size

    def pending(self) -> bool:
        """True when something was received that nobody has read yet: `poll` on the socket can't see it."""
        self._drop_foreign_bytes()
        return b"\n" in self._buffer or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0)

    def read(self, size: int) -> bytes:
        """A literal, whole or not at all."""
        self._drop_foreign_bytes()
        if size - len(self._buffer) > self._left:
            raise self.abort(f"the server announces {size} bytes, more than asked for")
        literal = io.BytesIO(bytes(self._buffer[:size]))  # its getvalue() makes no second copy of a large mail
        del self._buffer[:size]
        literal.seek(0, io.SEEK_END)
        while literal.tell() < size:
            literal.write(self._receive(size - literal.tell()))
        return literal.getvalue()

    def readline(self) -> bytes:
        """A line with its end; imaplib's bound of 1 000 000 bytes is replaced by the command's budget."""
        self._drop_foreign_bytes()
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            self._buffer += self._receive(CHUNK)
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line

    def send(self, data: object) -> None:
        """Within the command's deadline."""
        self.sock.settimeout(self._remaining())
        super().send(data)  # type: ignore[arg-type]

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), self._connect_seconds)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE:
            if hasattr(socket, name):
                plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain

    def _drop_foreign_bytes(self) -> None:
        # What came before a STARTTLS handshake was not protected: it is nobody's answer (CVE-2011-0411's class).
        if self._source is not self.sock:
            self._buffer.clear()
            self._source = self.sock

    def _receive(self, most: int) -> bytes:
        if self._left <= 0:
            raise self.abort("the server answers with more bytes than asked for")
        most = min(most, CHUNK, self._left)
        # IDLE looks without waiting.
        chunk = self.sock.recv(most) if self.sock.gettimeout() == 0 else self._await(most)
        if not chunk:
            raise self.abort("socket error: EOF")
        self._left -= len(chunk)
        return chunk

    def _await(self, most: int) -> bytes:
        silent_until = time.monotonic() + self._remaining()
        while True:
            self.sock.settimeout(min(self._remaining(), LOOK_AROUND))
            try:
                return self.sock.recv(most)
            except TimeoutError:
                if self._stop.is_set() or time.monotonic() >= silent_until:
                    raise

    def _remaining(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no complete answer in time")
        return min(left, self._read_seconds)
