"""`python -m bench.tick --tickets 1000 100000 1000000 --due 10000`: what a tick costs (SPEC SL-7).

First: desks with so many open tickets whose clocks run, of which 100 are due, and what one tick takes on each. Then:
so many due at once, beside the rate at which the same machine handles mails in the same run.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bench import machine, worlds
from bench.corpus import mails
from bench.desk import Desk
from bench.processes import scratch
from bench.sink import Sink
from bench.worlds import World
from maild.commands.script import Reasoned
from maild.config import load_text
from maild.desk.change import Act, carry_out
from maild.desk.room import Room, open_room, upgrade
from maild.desk.tick import tick
from maild.mail.model import Mailbox
from maild.resources import data_dir
from maild.tickets.events import Assigned, Change, MessageFiled, Opened, StatusChanged
from maild.tickets.workflow import Phase

CONFIG = """
[desk]
name = "The Desk"
address = "support@desk.test"
secret_file = "secret.key"
data_dir = "data"
{more}
[database]
url = "{url}"

[tickets]
remind_waiting_after = ["1d", "3d"]
end_waiting_after = "10d"
silent_after = "2d"

[[sla]]
name = "standard"
[sla.targets]
normal = {{ first_response = "1d", next_response = "1d", resolution = "3d" }}

[[agents]]
name = "alice"
email = "alice@desk.test"
"""
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DUE, ROUNDS, MAILS, WARM = 100, 9, 300, 20
TABLES = {"tickets": "number", "participants": "ticket", "events": "ticket", "timers": "ticket"}
# What is due: the customer is reminded, a promise is broken, a resolved ticket closes; and one where nothing is due.
WAITS = (Assigned(None, "alice"), StatusChanged("new", "waiting", Phase.WAITING))
DONE = (Assigned(None, "alice"), StatusChanged("new", "resolved", Phase.RESOLVED))
KINDS: tuple[tuple[timedelta, tuple[Change, ...]], ...] = ((DAY * 1.1, WAITS), (DAY * 1.1, ()), (DAY * 7.1, DONE))
QUIET: tuple[timedelta, tuple[Change, ...]] = (DAY / 24, (Assigned(None, "alice"),))


@dataclass(frozen=True, slots=True)
class Measured:
    """One tick."""

    seconds: float
    cpu: float
    timers: int


def opened(world: World, *, more: str = "") -> Room:
    """The rooms over a world of the bench."""
    config = load_text(CONFIG.format(url=world.url, more=more), "maild.toml", world.folder)
    upgrade(config, data_dir("migrations"))
    return open_room(config, data_dir("migrations"), lambda: NOW)


def begun(room: Room, number: int, at: datetime, changes: tuple[Change, ...]) -> None:
    """One ticket as the desk itself writes it: all others are copies of such."""
    box = Mailbox(f"customer{number}@elsewhere.test", "Ada Falk")
    first = Opened("The label printer stays empty", box, "new", Phase.NEW, "normal", room.book.address)
    mail = MessageFiled(1, "in", "public", "normal", "customer", box.address)
    reasoned = tuple(Reasoned(each, "") for each in (first, mail, *changes))
    with room.store.begin() as tx:
        carry_out(tx, room, Act(number, None, reasoned, f"customer:{box.address}", "bench", at, quiet=True))


def copied(world: World, original: int, first: int, count: int) -> None:
    """So many copies of a ticket, by one statement for each table; their customers differ."""
    if count <= 0:
        return
    engine = world.engine()
    with engine.begin() as connection:
        if world.is_sqlite:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
        for table, number in TABLES.items():
            names = [each["name"] for each in sa.inspect(connection).get_columns(table)]
            listed = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(_value(name, number) for name in names)
            series = "WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k + 1 < :count)"
            text = f'{series} INSERT INTO "{table}" ({listed}) SELECT {values} FROM "{table}" CROSS JOIN n'
            connection.execute(
                sa.text(f'{text} WHERE "{number}" = :original'),
                {"count": count, "first": first, "original": original},
            )


def _value(name: str, number: str) -> str:
    if name == number:
        return ":first + n.k"
    return "replace(requester, '@', '.' || CAST(n.k AS TEXT) || '@')" if name == "requester" else f'"{name}"'


def filled(room: Room, world: World, quiet: int) -> int:
    """A desk with so many tickets at rest and one of each kind that is due; gives the next free number."""
    for number, (ago, changes) in enumerate((QUIET, *KINDS), 1):
        begun(room, number, NOW - ago, changes)
    tick(room, NOW)
    copied(world, 1, 1000, quiet)
    _analysed(world)
    return 1000 + quiet


def _analysed(world: World) -> None:
    with world.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if world.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.exec_driver_sql("ANALYZE")


def fall_due(room: Room, world: World, first: int, count: int) -> int:
    """So many more whose time has come, of every kind alike; gives the next free number."""
    each = -(-count // len(KINDS))
    for place, (ago, changes) in enumerate(KINDS):
        share = min(each, count - place * each)
        begun(room, first, NOW - ago, changes)
        copied(world, first, first + 1, share - 1)
        first += share
    _analysed(world)
    return first


def ticked(room: Room) -> Measured:
    """One tick, by the clock on the wall."""
    began, used = time.perf_counter(), time.process_time()
    done = tick(room, NOW)
    return Measured(time.perf_counter() - began, time.process_time() - used, len(done))


def growing(base: Path, database: str | None, sizes: Sequence[int]) -> list[float]:
    """The tick with DUE due timers at every size; gives the ratios of the best ones to the best of the first size.

    The best of some rounds: other work on the machine makes single ones slower, never faster.
    """
    print(f"\n{'open tickets':>14} {'best ms':>9} {'median':>8} {'worst':>8} {'CPU ms':>8} {'idle ms':>8} {'ratio':>6}")
    best: list[float] = []
    for size in sizes:
        rounds, idle = _rounds(base, database, size)
        took, used = ([value * 1000 for value in values] for values in zip(*rounds, strict=True))
        best.append(min(took))
        shown = f"{best[-1]:9.1f} {statistics.median(took):8.1f} {max(took):8.1f} {min(used):8.1f} {idle * 1000:8.2f}"
        print(f"{size:14,} {shown} {best[-1] / best[0]:6.2f}", flush=True)
    return [each / best[0] for each in best]


def _rounds(base: Path, database: str | None, size: int) -> tuple[list[tuple[float, float]], float]:
    """(seconds, CPU seconds) of each round, and the seconds of a tick that finds nothing."""
    world = worlds.fresh(base, database)
    room = opened(world)
    number = filled(room, world, size)
    found: list[tuple[float, float]] = []
    for _ in range(ROUNDS + 1):
        number = fall_due(room, world, number, DUE)
        one = ticked(room)
        if one.timers != DUE:
            raise SystemExit(f"bench: {one.timers} timers where {DUE} were due")
        found.append((one.seconds, one.cpu))
    idle = min(ticked(room).seconds for _ in range(ROUNDS))
    room.store.close()
    world.drop()
    return found[1:], idle


def at_once(base: Path, database: str | None, sink: Sink, count: int) -> tuple[float, float]:
    """(timers a second, mails a second): so many due at once, and mails handled before and after it."""
    before = handling(base, database, sink)
    world = worlds.fresh(base, database)
    room = opened(world)
    fall_due(room, world, filled(room, world, 0), count)
    found = ticked(room)
    if found.timers != count:
        raise SystemExit(f"bench: {found.timers} timers where {count} were due")
    room.store.close()
    world.drop()
    rate, beside = count / found.seconds, statistics.mean((before, handling(base, database, sink)))
    print(f"\n{count:,} due at once: {rate:.0f} timers/s; mails handled: {beside:.0f}/s; {rate / beside:.2f} of it")
    return rate, beside


def handling(base: Path, database: str | None, sink: Sink) -> float:
    """Mails a second that a worker makes tickets of."""
    desk = Desk(worlds.fresh(base, database), sink)
    desk.migrate()
    corpus, warm = mails(MAILS), mails(WARM, seed=1)
    desk.accept(corpus, warm, 20)
    rate = desk.handle(corpus, warm).per_second
    desk.world.drop()
    return rate


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.tick", description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--due", type=int, default=10_000, help="so many at once; 0 leaves it out")
    parser.add_argument("--database", help="URL of a PostgreSQL that may make databases, or: postgresql; else SQLite")
    given = parser.parse_args()
    print(f"{machine.described()}; load {machine.load()}; {given.database or 'SQLite'}")
    with scratch("tick") as base, Sink(base / "sink.log") as sink:
        database = worlds.database(given.database)
        if given.tickets:
            growing(base, database, given.tickets)
        if given.due:
            at_once(base, database, sink, given.due)
    print(f"load after {machine.load()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
