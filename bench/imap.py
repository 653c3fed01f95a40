"""`python -m bench.imap`: a mailbox with a backlog on a real Dovecot, and how soon a new mail in it is a ticket.

The backlog is compared with its two bare parts, one after the other: imapclient that only fetches the same mails, and
our worker alone with the same mails in its spool.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from imapclient import IMAPClient

from bench import machine, worlds
from bench.corpus import DESK, Mail, mails
from bench.desk import Desk, expected_tickets
from bench.processes import scratch
from bench.sink import Sink

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot

WANTED, WITHIN_MS, BATCH, WARM = 0.5, 1000, 50, 20
FILED = "SELECT count(*) FROM inbound WHERE state <> 'received'"


def main() -> int:
    """Prints the rates, their ratio and the delays."""
    parser = argparse.ArgumentParser(prog="python -m bench.imap", description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--singles", type=int, default=30)
    given = parser.parse_args()
    from tests.servers.dovecot import running_dovecot

    print(f"{machine.described()}; load {machine.load()}", flush=True)
    with scratch("imap") as base, running_dovecot() as server, Sink(base / "sink.log") as sink:
        bench = Bench(base, sink, server)
        ratios = [bench.backlog(given.mails, seed) for seed in range(given.rounds)]
        delays = bench.singles(given.singles)
    print(f"backlog beside fetching and handling apart: {median(ratios):.2f} x (wanted {WANTED})")
    print(f"in the mailbox until it is a ticket: median {median(delays):.0f} ms, worst {max(delays):.0f} ms")
    return 0 if median(ratios) >= WANTED and max(delays) <= WITHIN_MS else 1


class Bench:
    """One Dovecot, one relay, a fresh desk and a fresh mailbox for each measurement."""

    def __init__(self, base: Path, sink: Sink, server: "Dovecot") -> None:
        self._base, self._sink, self._server = base, sink, server
        self._users = (f"bench{number}" for number in itertools.count())

    def backlog(self, count: int, seed: int) -> float:
        """How fast it goes, as a share of what its parts alone allow."""
        given, warm = mails(count, seed), mails(WARM, seed + 1000)
        apart = self._fetched(given) + self._handled(given, warm)
        together = self._imported(given)
        print(f"{count} mails: apart {count / apart:.0f}/s, imported {count / together:.0f}/s", flush=True)
        return apart / together

    def singles(self, count: int) -> list[float]:
        """Milliseconds from the mail in the mailbox until its ticket is there; the mailbox is watched by IDLE."""
        desk, user = self._desk(next(self._users))
        delays = []
        with desk.run() as process:
            desk.until(process, lambda: desk.count("SELECT count(*) FROM mailboxes") == 1)
            time.sleep(1)  # IDLE is said right after the first look
            for number, mail in enumerate(mails(count, 4711), 1):
                began = time.monotonic()
                self._server.deliver(user, mail.content)
                desk.until(process, lambda wanted=number: desk.count(FILED) >= wanted)
                delays.append((time.monotonic() - began) * 1000)
        return delays

    def _desk(self, user: str) -> tuple[Desk, str]:
        desk = Desk(worlds.fresh(self._base, None), self._sink)
        with (desk.world.folder / "maild.toml").open("a") as config:
            config.write(self._server.account(user, DESK, poll="1m"))
        self._server._folder(user, "INBOX")
        return desk, user

    def _fetched(self, given: Sequence[Mail]) -> float:
        """Seconds that a client takes which does nothing else."""
        user = next(self._users)
        self._fill(user, given)
        began = time.monotonic()
        with IMAPClient("127.0.0.1", port=self._server.port, ssl=False, use_uid=True) as client:
            client.login(user, "secret")
            client.select_folder("INBOX", readonly=True)
            uids, got = client.search("ALL"), 0
            for start in range(0, len(uids), BATCH):
                got += len(client.fetch(uids[start : start + BATCH], ["BODY.PEEK[]"]))
        assert got == len(given)
        return time.monotonic() - began

    def _handled(self, given: Sequence[Mail], warm: Sequence[Mail]) -> float:
        """Seconds of the worker alone."""
        desk = Desk(worlds.fresh(self._base, None), self._sink)
        desk.accept(given, warm, 20)
        sample = desk.handle(given, warm)
        desk.world.drop()
        return len(given) / sample.per_second

    def _imported(self, given: Sequence[Mail]) -> float:
        """Seconds from the start of the poller until the last mail is filed, of a desk that was away meanwhile."""
        desk, user = self._desk(next(self._users))
        with desk.run("imap") as process:
            desk.until(process, lambda: desk.count("SELECT count(*) FROM mailboxes") == 1)
        self._fill(user, given)
        with desk.run("imap,worker") as process:
            began = time.monotonic()
            desk.until(process, lambda: desk.count(FILED) >= len(given), 900)
            seconds = time.monotonic() - began
        if (found := desk.count("SELECT count(*) FROM tickets")) != expected_tickets(given):
            raise SystemExit(f"bench: {found} tickets; see {desk.world.folder}/log")
        desk.world.drop()
        return seconds

    def _fill(self, user: str, given: Sequence[Mail]) -> None:
        for mail in given:
            self._server.deliver(user, mail.content)


if __name__ == "__main__":
    sys.exit(main())
