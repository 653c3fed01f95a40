"""The sender of the bench: the corpus over one or many SMTP connections, each reused, order of threads kept."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from bench.corpus import DESK, Mail


def send(port: int, mails: Sequence[Mail], connections: int) -> float:
    """Sends all mails, each acknowledged by a 250; gives the seconds from the first MAIL to the last 250."""
    return asyncio.run(_all(port, mails, connections))


async def _all(port: int, mails: Sequence[Mail], connections: int) -> float:
    streams = [await _open(port) for _ in range(connections)]
    # All draw from one supply; a reply waits until its predecessor was taken, like in life.
    supply = iter(range(len(mails)))
    taken = [asyncio.Event() for _ in mails]
    began = time.perf_counter()
    await asyncio.gather(*(_send(stream, supply, mails, taken) for stream in streams))
    seconds = time.perf_counter() - began
    for _, writer in streams:
        writer.write(b"QUIT\r\n")
        writer.close()
    return seconds


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(port: int) -> Stream:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _expect(reader, b"220")
    writer.write(b"EHLO client.test\r\n")
    await _expect(reader, b"250")
    return reader, writer


async def _send(stream: Stream, supply: Iterator[int], mails: Sequence[Mail], taken: list[asyncio.Event]) -> None:
    for place in supply:
        mail = mails[place]
        if mail.after is not None and mail.after < place:
            await taken[mail.after].wait()
        await _one(*stream, mail)
        taken[place].set()


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mail: Mail) -> None:
    for line, code in ((f"MAIL FROM:<{mail.sender}>", b"250"), (f"RCPT TO:<{DESK}>", b"250"), ("DATA", b"354")):
        writer.write(line.encode("ascii") + b"\r\n")
        await _expect(reader, code)
    writer.write(mail.content.replace(b"\r\n.", b"\r\n.."))
    writer.write(b".\r\n")
    await _expect(reader, b"250")


async def _expect(reader: asyncio.StreamReader, code: bytes) -> None:
    line = await reader.readline()
    while line[3:4] == b"-":
        line = await reader.readline()
    if line[:3] != code:
        raise SystemExit(f"bench: the server answered {line!r} where {code!r} was due")
