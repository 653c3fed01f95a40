"""A minimal SMTP sink on loopback, and the question how much it has got. `python -m bench.sink` prints its port.

Much cheaper than any mail server, so that it is not the bottleneck of what is measured. `STAT` answers
`250 MAILS BYTES AT`, AT being the monotonic time of the last mail.
"""

import asyncio
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Process

GREETING = b"250-sink\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n"


@dataclass
class Counts:
    """What all connections took together."""

    mails: int = 0
    size: int = 0
    at: float = 0.0


class Connection(asyncio.Protocol):
    """Takes everything and keeps nothing."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._buffer = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greets."""
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Eats whole lines, or whole mails after DATA."""
        self._buffer += data
        while self._mail() if self._in_data else self._line():
            pass

    def _mail(self) -> bool:
        end = self._buffer.find(b"\r\n.\r\n")
        if end < 0:
            return False
        self._counts.mails += 1
        self._counts.size += end
        self._counts.at = time.monotonic()
        del self._buffer[: end + 5]
        self._in_data = False
        self._transport.write(b"250 taken\r\n")
        return True

    def _line(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        verb = bytes(self._buffer[:4]).upper()
        del self._buffer[: end + 2]
        self._transport.write(self._answer(verb))
        if verb == b"QUIT":
            self._transport.close()
        return verb != b"QUIT"

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"STAT":
            counts = self._counts
            return b"250 %d %d %.6f\r\n" % (counts.mails, counts.size, counts.at)
        return {b"EHLO": GREETING, b"QUIT": b"221 bye\r\n"}.get(verb, b"250 fine\r\n")


async def serve() -> None:
    """Listens on a free port for ever."""
    counts = Counts()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(counts), "127.0.0.1", 0)
    print(f"sink 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


class Sink:
    """The sink as the bench sees it: a process, and a connection to ask."""

    def __init__(self, log: Path) -> None:
        self._process = Process([sys.executable, "-m", "bench.sink"], log, "sink")
        self.port = self._process.port
        self._socket = socket.create_connection(("127.0.0.1", self.port), 10)
        self._file = self._socket.makefile("rb")
        self._file.readline()

    def __enter__(self) -> "Sink":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()
        self._process.stop()

    def counts(self) -> Counts:
        """How much it has got until now."""
        self._socket.sendall(b"STAT\r\n")
        _, mails, size, at = self._file.readline().split()
        return Counts(int(mails), int(size), float(at))


if __name__ == "__main__":
    asyncio.run(serve())
