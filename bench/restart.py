"""`python -m bench.restart`: maild is killed with a full spool and started again: when does it speak, work, and end?"""

import argparse
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from bench import machine, worlds
from bench.corpus import mails
from bench.desk import Desk, expected_notices, expected_tickets
from bench.processes import scratch
from bench.sink import Sink

CONNECTIONS = 20
HANDLED = "SELECT count(*) FROM inbound WHERE state <> 'received'"


@dataclass(frozen=True, slots=True)
class Restart:
    """Seconds since the start of the new process."""

    ready: float
    first_ticket: float
    last_ticket: float
    last_notice: float


def restarted(base: Path, sink: Sink, count: int) -> Restart:
    """Mails that were acknowledged before the kill, and nobody had touched; every one is a ticket or a reply after."""
    desk, given = Desk(worlds.fresh(base, None), sink), mails(count)
    desk.accept(given, (), CONNECTIONS)
    with desk.run("smtp") as killed:
        os.kill(killed.innermost(), signal.SIGKILL)
        desk_ended = time.monotonic() + 10
        while killed.alive() and time.monotonic() < desk_ended:
            time.sleep(0.01)
    goal = sink.counts().mails + expected_notices(given)
    began = time.monotonic()
    with desk.run() as process:
        ready = time.monotonic() - began
        desk.until(process, lambda: desk.count(HANDLED) > 0)
        first = time.monotonic() - began
        desk.until(process, lambda: desk.count(HANDLED) >= count, 600)
        last = time.monotonic() - began
        desk.until(process, lambda: sink.counts().mails >= goal, 600)
        found = Restart(ready, first, last, sink.counts().at - began)
    if (tickets := desk.count("SELECT count(*) FROM tickets")) != expected_tickets(given):
        raise SystemExit(f"bench: {tickets} tickets; see {desk.world.folder}/log")
    return found


def main() -> None:
    """Prints the moments."""
    parser = argparse.ArgumentParser(prog="python -m bench.restart", description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    given = parser.parse_args()
    print(f"{machine.described()}; load {machine.load()}", flush=True)
    with scratch("restart") as base, Sink(base / "sink.log") as sink:
        found = restarted(base, sink, given.mails)
    print(f"{given.mails} mails wait at the start: ready after {found.ready:.2f} s, the first is a ticket after")
    print(f"{found.first_ticket:.2f} s, the last after {found.last_ticket:.1f} s, its notice is at the relay after")
    print(f"{found.last_notice:.1f} s: {given.mails / found.last_notice:.0f} mails a second")


if __name__ == "__main__":
    main()
