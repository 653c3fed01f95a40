"""`python -m bench.scale`: a desk of a million tickets on PostgreSQL, and how each statement of the product goes there.

One desk is one database, so a hundred desks are a hundred times this one; no statement sees more than its own desk.
The rows are copies (`bench.worlds.grow`); where there are fewer than a million, the planner is told of a million
(`believed`). The plans are those by which the server really ran the product's own statements (`auto_explain`), prepared
ones too. Each must touch few rows, whichever way it went: reading a whole table fails, and so does walking an index.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import machine, worlds
from bench.processes import scratch
from bench.worlds import World
from maild.desk import watch
from maild.desk.at_risk import at_risk
from maild.store import find, tickets
from maild.tickets.query import parse_query
from tests.desk_driver import CONFIG, PROVEN, DeskDriver, written

DESKS, TICKETS = 100, 1_000_000
SEEDS, OPEN_SEEDS = 20, 1
BIG = 20_000  # rows of a table that no statement may read through
MOST, PAGES = 2_000, 2_000  # rows and pages (of 8 kB) that one statement may touch
# Who may touch more, and yet no more with every year: lists of what is being worked on; search, which reads back so far
# only; and what one address was sent in a month.
MORE = {"ix_tickets_open": 100_000, "message_words_pkey": 50_000, "ix_outbox_recipient_created_at": 10_000}
WORDS = "ix_message_words_vector"
ALICE = "alice@acme.test"
TAKES = "#take\n#tag loud\n#followup 2h\n#reply Please wait."
ASKS = "#find scanner\n#search hums\n#show\n#mine"
QUERIES = ("", "is:open", "assignee:alice is:open", "number:1005", "customer:jane3@customer3.test")
BEGIN = "duration:"
PLAN = "plan:"
EXPLAINING = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_nested_statements": "on",
    "log_min_messages": "log",
}
Node = dict[str, Any]


@dataclass(slots=True)
class Asked:
    """One statement of the product and the worst of what the server did for it."""

    text: str
    times: int = 0
    touched: int = 0
    pages: int = 0
    ways: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    conditions: set[tuple[str, str]] = field(default_factory=set)

    def add(self, plan: Node) -> None:
        """One more run of it."""
        nodes = list(_nodes(plan))
        self.times += 1
        self.touched = max(self.touched, *(_touched(node) for node in nodes))
        self.pages = max(self.pages, plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0))
        self.ways |= {node["Index Name"] for node in nodes if "Index Name" in node}
        self.conditions |= {(node["Index Name"], node["Index Cond"]) for node in nodes if "Index Cond" in node}
        self.whole |= {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}

    @property
    def name(self) -> str:
        """Its first words."""
        return " ".join(self.text.split())[:60]


def _nodes(plan: Node) -> Iterator[Node]:
    waiting = [plan]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", ())
        yield node


def _touched(node: Node) -> int:
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")
    rows = node.get("Actual Rows", 0) + sum(node.get(each, 0) for each in removed)
    return int(rows * node.get("Actual Loops", 1))


def seeded(desk: DeskDriver) -> None:
    """Tickets with a whole life each, all but the last ones closed: what the copies are made of."""
    for number in range(SEEDS):
        customer = f"jane{number}@customer{number % 7}.test"
        ticket = desk.receive(written(author=f"Jane Doe <{customer}>", subject=f"Printer {number} on fire")).ticket
        assert ticket is not None
        desk.do(ticket, "#assign alice", "alice")
        desk.do(ticket, "#reply Pull the plug.", "alice")
        desk.answer(desk.relay.to(customer)[-1], "It still burns.", author=customer)
        if number < SEEDS - OPEN_SEEDS:
            desk.do(ticket, "#close", "alice")


def lived(desk: DeskDriver, first: int) -> None:
    """A busy hour: every way by which mails, clocks and people put statements to the store, several times each, as the
    driver prepares what comes again."""
    for round_ in range(8):
        desk.clock.advance(minutes=3)
        customer = f"new{round_}@elsewhere.test"
        mail = written(author=customer, subject="The scanner hums", salt=str(first))
        ticket = desk.receive(mail).ticket
        assert ticket is not None
        desk.receive(mail)  # the same once more
        desk.answer(desk.relay.to(customer)[-1], "It hums louder.", author=customer)
        notice = desk.relay.to(ALICE)[-1]
        desk.answer(notice, TAKES, author=ALICE, extra=PROVEN)
        desk.answer(notice, ASKS, author=ALICE, extra=PROVEN)
        desk.do(ticket, "#note Looked at it.", "bob")
        desk.tick()
    desk.clock.advance(hours=3)
    desk.tick()
    watch.look(desk.room, None)
    with desk.room.store.read() as tx:
        setting = desk.room.book.setting(desk.clock())
        for query in QUERIES:
            find.find(tx, parse_query(query), setting, 50)
        at_risk(tx, desk.room.book, desk.clock())
        tickets.load(tx, first)


def explained(world: World, log: Path, live: Callable[[], None]) -> list[Asked]:
    """What the server did for each statement meanwhile."""
    name = sa.make_url(world.url).database
    with world.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for key, value in EXPLAINING.items():
            connection.exec_driver_sql(f"ALTER DATABASE \"{name}\" SET {key} = '{value}'")
    start = log.stat().st_size
    live()
    found: dict[str, Asked] = {}
    with log.open() as lines:
        lines.seek(start)
        for text, plan in _plans(lines):
            found.setdefault(text, Asked(text)).add(plan)
    return sorted(found.values(), key=lambda each: -each.touched)


def _plans(lines: Iterator[str]) -> Iterator[tuple[str, Node]]:
    """The server's log: a line that says `plan:`, then JSON in lines that begin with a tab."""
    written_: list[str] | None = None
    for line in lines:
        if written_ is not None and line.startswith("\t"):
            written_.append(line)
            continue
        if written_:
            said = json.loads("".join(written_))
            yield said["Query Text"], said["Plan"]
        written_ = [] if BEGIN in line and line.rstrip().endswith(PLAN) else None


def believed(world: World, factor: float) -> None:
    """Tells the planner of so many times the rows. It reckons rows as (rows by page) × pages, and looks at the pages
    itself, so a table seems fuller, not longer: reading it through seems cheaper than it would be. Who still takes the
    index would take it all the more on the real one."""
    with world.engine().begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE pg_class SET reltuples = reltuples * :factor WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'i') AND reltuples > 100"
            ),
            {"factor": factor},
        )


def big(world: World) -> set[str]:
    """Tables that nobody may read through."""
    query = (
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= "
    )
    with world.engine().connect() as connection:
        return set(connection.exec_driver_sql(f"{query} {BIG}").scalars())


def leading(world: World) -> dict[str, str]:
    """Of each index its first column; but for those of a part of a table, which are as short as that part."""
    query = (
        "SELECT indexrelid::regclass::text, attname FROM pg_index JOIN pg_class ON pg_class.oid = indrelid "
        "JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
        "WHERE relnamespace = 'public'::regnamespace AND indpred IS NULL"
    )
    with world.engine().connect() as connection:
        return {row.indexrelid: row.attname for row in connection.exec_driver_sql(query)}


def faults(asked: list[Asked], tables: set[str], first: dict[str, str]) -> list[str]:
    """What is wrong with the ways that were taken; nothing, when all is well."""
    return [f"{words}: {each.name}" for each in asked for words in _faults(each, tables, first)]


def _faults(asked: Asked, tables: set[str], first: dict[str, str]) -> Iterator[str]:
    if " @@ " in asked.text and WORDS not in asked.ways:
        yield f"searches without {WORDS}"
    if whole := asked.whole & tables:
        yield f"reads {', '.join(sorted(whole))}"
    if along := {index for index, condition in asked.conditions if first.get(index, condition) not in condition}:
        yield f"walks along {', '.join(sorted(along))}"  # only a later column is asked for: every entry is looked at
    most = max((MORE.get(way, 0) for way in asked.ways), default=0)
    if asked.touched > max(MOST, most):
        yield f"touches {asked.touched:,} rows"
    if asked.pages > max(PAGES, most):
        yield f"touches {asked.pages:,} pages"


def grown(base: Path, database: str | None, count: int) -> tuple[World, int]:
    """A desk with so many tickets in its database, vacuumed and counted."""
    world = worlds.fresh(base, database)
    desk = DeskDriver(world.folder, world.url, CONFIG)
    seeded(desk)
    desk.close()
    have = worlds.grow(world, count)
    with world.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return world, have


def looked_at(world: World, log: Path, factor: float) -> tuple[list[Asked], list[str]]:
    """The statements of a busy hour on this desk, and what is wrong with them."""
    if factor > 1:
        believed(world, factor)
    tables = big(world)

    def live() -> None:
        desk = DeskDriver(world.folder, world.url, CONFIG)
        desk.clock.advance(hours=1)
        lived(desk, 1001)
        desk.close()

    asked = explained(world, log, live)
    return asked, faults(asked, tables, leading(world))


def shown(asked: list[Asked]) -> None:
    """A line for each statement, the worst first."""
    print(f"\n{'rows':>6} {'pages':>6} {'times':>6}  statement; ways")
    for each in asked:
        print(f"{each.touched:6,} {each.pages:6,} {each.times:6,}  {each.name}; {', '.join(sorted(each.ways)) or '-'}")


def size(world: World) -> str:
    """Of the database on disk."""
    with world.engine().connect() as connection:
        return str(connection.exec_driver_sql("SELECT pg_size_pretty(pg_database_size(current_database()))").scalar())


def main() -> int:
    """Grows, looks, prints; 1 when a statement reads too much."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS, help="that are really there")
    given = parser.parse_args()
    from tests.servers import postgresql

    postgresql.SETTINGS.update(shared_buffers="512MB", max_wal_size="8GB")
    print(f"{machine.described()}; load {machine.load()}", flush=True)
    began = time.perf_counter()
    with scratch("scale") as base:
        world, have = grown(base, postgresql.fresh_database(), given.tickets)
        took = timedelta(seconds=round(time.perf_counter() - began))
        print(f"{have:,} tickets in {took}, {size(world)}; {DESKS} such desks: {have * DESKS:,}", flush=True)
        asked, wrong = looked_at(world, postgresql.running_cluster().folder / "log", TICKETS / have)
    shown(asked)
    print("\n" + ("\n".join(wrong) or f"{len(asked)} statements, each on an index; at most {asked[0].touched} rows"))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
