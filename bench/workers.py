"""`python -m bench.workers`: one spool on PostgreSQL, handled by one worker process and by two, by turns."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import machine, worlds
from bench.corpus import Mail, mails
from bench.desk import Desk, Sample, expected_tickets
from bench.processes import Process, Weight, scratch
from bench.report import spread
from bench.sink import Sink
from bench.worlds import World

WARM, CONNECTIONS = 40, 20
WAITING = "SELECT count(*) FROM inbound WHERE state = 'received'"
WANTED = 1.5


def handled(desk: Desk, given: Sequence[Mail], warm: Sequence[Mail], workers: int) -> Sample:
    """A spool that waits, worked off by so many processes; counted from when all of them have begun."""
    with ExitStack() as running:
        processes = [running.enter_context(desk.run("worker")) for _ in range(workers)]
        desk.until(processes[0], lambda: desk.count(WAITING) <= len(given))
        left, before = desk.count(WAITING), _weight(desk, processes)
        desk.until(processes[0], lambda: desk.count(WAITING) == 0)
        after = _weight(desk, processes)
    if (found := desk.count("SELECT count(*) FROM tickets")) != expected_tickets((*warm, *given)):
        raise SystemExit(f"bench: {found} tickets; see {desk.world.folder}/log")
    return Sample(left / (after.at - before.at), (after.cpu - before.cpu) / left * 1000, after.resident_mb)


def _weight(desk: Desk, processes: list[Process]) -> Weight:
    """All of them and, once, the database server."""
    first, *others = processes
    total = desk.weigh(first)
    for each in others:
        other = each.weigh()
        total = Weight(
            other.at, total.cpu + other.cpu, total.written + other.written, total.resident_mb + other.resident_mb
        )
    return total


def main() -> int:
    """Prints both rates and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description=__doc__)
    parser.add_argument("--database", default="postgresql", help="URL of a PostgreSQL that may make databases")
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{machine.described()}; load {machine.load()}", flush=True)
    with scratch("workers") as base, Sink(base / "sink.log") as sink:
        found = _rounds(base, worlds.database(given.database), sink, given.rounds, given.mails)
    ratio = median(two / one for one, two in zip(found[1], found[2], strict=True))
    print(f"two beside one: {ratio:.2f} × (wanted ≥ {WANTED} ×); load after {machine.load()}")
    return int(ratio < WANTED)


def _rounds(base: Path, database: str | None, sink: Sink, rounds: int, count: int) -> dict[int, list[float]]:
    given, warm = mails(count), mails(WARM, seed=1)
    filled = _filled(base, database, sink, given, warm)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers in rates:
            desk = Desk(worlds.fresh(base, database, like=filled), sink)
            sample = handled(desk, given, warm, workers)
            desk.world.drop()
            rates[workers].append(sample.per_second)
            print(
                f"{workers}: {sample.per_second:.0f}/s, {sample.cpu_ms:.1f} ms CPU; load {machine.load()}", flush=True
            )
    filled.drop()
    for workers, each in rates.items():
        print(f"{workers} worker(s): {spread(each)} mails/s")
    return rates


def _filled(base: Path, database: str | None, sink: Sink, given: Sequence[Mail], warm: Sequence[Mail]) -> World:
    desk = Desk(worlds.fresh(base, database), sink)
    desk.migrate()
    desk.accept(given, warm, CONNECTIONS)
    return desk.world


if __name__ == "__main__":
    sys.exit(main())
