"""`python -m bench.flood`: 10,000 mails of 4 kB from 50 connections at once, each sender's in his order.

Counted: how long until all are accepted, every reply that is not a 250, and whether the tickets of each sender were
opened in the order in which he wrote. A mail that is told to come later (4yz) comes later.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bench import machine, worlds
from bench.client import Stream
from bench.corpus import DESK, OPENERS
from bench.desk import Desk
from bench.processes import Process, scratch
from bench.sink import Sink

SIZE = 4096
LATER_SECONDS = 0.2
WANTED_SECONDS = 120
SECONDS_A_MAIL = 0.2  # at most, until it is a ticket


@dataclass(frozen=True, slots=True)
class Flood:
    """What came of it."""

    accepted_seconds: float
    handled_seconds: float
    replies: Counter[str]
    disordered: tuple[str, ...]

    def refused(self) -> int:
        """How many heard that their mail can never be taken."""
        return sum(count for code, count in self.replies.items() if code.startswith("5"))


def sender(number: int) -> str:
    """Each connection is one customer's."""
    return f"writer{number}@customer{number}.test"


def letter(number: int, place: int) -> bytes:
    """A sender's mail; its subject says which one it is."""
    head = (
        f"From: Writer {number} <{sender(number)}>\r\nTo: The Desk <{DESK}>\r\nSubject: matter {place:06d}\r\n"
        f"Message-ID: <{place}.{number}@customer{number}.test>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
    )
    line = OPENERS[place % len(OPENERS)].format(thing="the door card", trouble="stays shut", number=place)
    lines = (SIZE - len(head)) // (len(line) + 2)
    return (head + f"{line}\r\n" * lines).encode("ascii")


async def _session(port: int, number: int, count: int, replies: Counter[str]) -> None:
    place = 0
    while place < count:
        stream = await _greeted(port, replies)
        while stream is not None and place < count:
            code = await _offered(stream, number, letter(number, place))
            replies[code] += 1
            if code[:1] in "25":
                place += 1
            elif code[:3] == "421":
                break
            else:
                await asyncio.sleep(LATER_SECONDS)
        if stream is None:
            await asyncio.sleep(LATER_SECONDS)
        else:
            stream[1].close()


async def _greeted(port: int, replies: Counter[str]) -> Stream | None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    code = await _reply(reader)
    if code == "220":
        writer.write(b"EHLO writer.test\r\n")
        code = await _reply(reader)
    if code == "250":
        return reader, writer
    replies[code] += 1
    writer.close()
    return None


async def _offered(stream: Stream, number: int, content: bytes) -> str:
    """The first reply that ends the transaction, or the last one."""
    reader, writer = stream
    for line in (f"MAIL FROM:<{sender(number)}>", f"RCPT TO:<{DESK}>", "DATA"):
        writer.write(line.encode("ascii") + b"\r\n")
        code = await _reply(reader)
        if code[:1] not in "23":
            return code
    writer.write(content + b".\r\n")
    return await _reply(reader)


async def _reply(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    while line[3:4] == b"-":
        line = await reader.readline()
    return line[:3].decode("ascii") or "421"


def poured(desk: Desk, mails: int, connections: int, process: Process) -> Flood:
    """All of it into a maild that runs, until the last ticket is there."""
    replies: Counter[str] = Counter()
    each = mails // connections

    async def all_of_them() -> None:
        await asyncio.gather(*(_session(process.port, number, each, replies) for number in range(connections)))

    began = time.monotonic()
    asyncio.run(all_of_them())
    accepted = time.monotonic() - began
    waiting = "SELECT count(*) FROM inbound WHERE state = 'received'"
    desk.until(process, lambda: desk.count(waiting) == 0, max(60, mails * SECONDS_A_MAIL))
    return Flood(accepted, time.monotonic() - began, replies, disordered(desk, each * connections))


def disordered(desk: Desk, wanted: int) -> tuple[str, ...]:
    """The senders whose tickets were not opened in the order of their mails."""
    with desk.world.engine().connect() as connection:
        rows = connection.execute(sa.text("SELECT requester, subject FROM tickets ORDER BY number")).all()
    subjects: dict[str, list[str]] = {}
    for requester, subject in rows:
        subjects.setdefault(requester, []).append(subject)
    if len(rows) != wanted:
        raise SystemExit(f"bench: {len(rows)} tickets of {wanted} mails; see {desk.world.folder}/log")
    return tuple(requester for requester, said in subjects.items() if said != sorted(said))


def main(words: Sequence[str] | None = None) -> int:
    """Prints what came of it; 1 when that is not what was wanted."""
    parser = argparse.ArgumentParser(prog="python -m bench.flood", description=__doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--database", help="URL of a PostgreSQL that may make databases; else SQLite")
    given = parser.parse_args(words)
    print(f"{machine.described()}; load {machine.load()}", flush=True)
    with scratch("flood") as folder, Sink(folder / "sink.log") as sink:
        found = flooded(Desk(worlds.fresh(folder, given.database), sink), given.mails, given.connections)
    return _told(found, given.mails)


def flooded(desk: Desk, mails: int, connections: int) -> Flood:
    """A maild of its own for it."""
    desk.migrate()
    with desk.run() as process:
        found = poured(desk, mails, connections, process)
    desk.world.drop()
    return found


def _told(found: Flood, mails: int) -> int:
    print(f"{mails:,} mails accepted in {found.accepted_seconds:.1f} s ({mails / found.accepted_seconds:.0f}/s)")
    print(f"all tickets there after {found.handled_seconds:.1f} s ({mails / found.handled_seconds:.0f}/s)")
    print(f"replies: {dict(sorted(found.replies.items()))}; refused for good: {found.refused()}")
    print(f"senders whose order was not kept: {len(found.disordered)}; load after {machine.load()}")
    return int(found.refused() > 0 or bool(found.disordered) or found.accepted_seconds > WANTED_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
