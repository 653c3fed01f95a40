"""`kill -9` of `maild run` again and again under senders that never give up: nothing lost, nothing doubled, no half.

python -m tests.faults.campaign --kills 500 --database postgresql --minutes 40
"""

import argparse
import math
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.checker import Seen, Verdict, check
from tests.faults.fault import Trial
from tests.faults.house import QuickDesk, house, is_quiet
from tests.faults.relay import Relay
from tests.faults.source import Source, conversations
from tests.faults.told import Teller
from tests.servers import postgresql
from tests.servers.process import Running
from tests.servers.product import eventually

SENDERS = 8
A_ROUND = 12  # conversations of two mails each that a round may begin
EARLIEST, LATEST = 0.020, 0.600
QUIET_SECONDS = 600.0
PROGRESS_EVERY = 25


@dataclass(slots=True)
class Result:
    """One campaign. `codes`: answers that the senders got; None is a connection that ended without one."""

    seed: int
    database: str
    kills: int = 0
    acked: int = 0
    resent: int = 0
    tickets: int = 0
    messages: int = 0
    notices: int = 0
    waiting: int = 0
    orphans: int = 0
    seconds: float = 0.0
    codes: Counter[int | None] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)
    stuck: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """All that must not be."""
        permanent = [f"{count} answers {code}" for code, count in self.codes.items() if code and code >= 500]
        orphans = [f"{self.orphans} processes outlived their daemon"] if self.orphans else []
        return [*self.verdict.wrong, *permanent, *orphans, *self.stuck]

    def __str__(self) -> str:
        verdict = self.verdict
        codes = ", ".join(f"{code or 'cut'} {count}" for code, count in sorted(self.codes.items(), key=str))
        return (
            f"database   {self.database}, seed {self.seed}\n"
            f"kills      {self.kills}\n"
            f"acked      {self.acked} mails ({self.resent} of them sent more than once; answers: {codes})\n"
            f"kept       {self.messages} messages on {self.tickets} tickets, {verdict.set_aside} in quarantine\n"
            f"lost       {len(verdict.lost)}\n"
            f"doubled    {len(verdict.doubled)}\n"
            f"half       {len(verdict.half)}\n"
            f"notices    {self.notices} rows, {len(verdict.unsent)} said sent and were not, "
            f"{len(verdict.ghosts)} without a row, {verdict.copies} copies ({len(verdict.unexplained)} unexplained), "
            f"{self.waiting} wait behind an unknown outcome\n"
            f"orphans    {self.orphans}\n"
            f"seconds    {self.seconds:.0f}\n"
        )


def run(kills: int, database: str, seed: int, folder: Path, minutes: float = math.inf) -> Result:
    """A whole campaign in a folder; when the time is over it ends with fewer kills, and says so."""
    random = Random(seed)
    result = Result(seed, database)
    began = time.monotonic()
    url = "sqlite:///maild.db" if database == "sqlite" else postgresql.fresh_database()
    work = conversations(kills * A_ROUND, random)
    with house(Trial(seed, True, folder), database=url) as home:
        desk, relay, ask, seen = home.desk, home.relay, home.ask, home.seen
        source = Source(desk.port, SENDERS, work)
        while result.kills < kills and time.monotonic() - began < minutes * 60:
            source.allow(A_ROUND)
            _one_round(desk, random.uniform(EARLIEST, LATEST), result)
            _show_progress(result, source, began)
        with desk.running():
            if not source.finish(QUIET_SECONDS):
                result.stuck.append(f"senders still wait: {source.codes}")
            _wait_until_quiet(result, source, seen, ask)
        seen.look(ask)
        seen.read_whole(ask)
        _sum_up(result, source, seen, relay)
    result.seconds = time.monotonic() - began
    return result


def _one_round(desk: QuickDesk, moment: float, result: Result) -> None:
    process = desk.start()
    time.sleep(moment)  # the random moment itself, not a wait for anything
    process.kill()
    result.kills += 1
    result.orphans += _orphans(process)


def _show_progress(result: Result, source: Source, began: float) -> None:
    if result.kills % PROGRESS_EVERY == 0:
        seconds = time.monotonic() - began
        print(f"{seconds:6.0f} s  {result.kills} kills, answers {dict(source.codes)}", file=sys.stderr, flush=True)


def _orphans(process: Running) -> int:
    """Children must end by themselves when the daemon is gone."""
    try:
        eventually(lambda: not process.left_over(), "the end of the daemon's children", 10)
    except AssertionError:
        return len(process.left_over())
    return 0


def _wait_until_quiet(result: Result, source: Source, seen: Seen, ask: Teller) -> None:
    try:
        eventually(lambda: is_quiet(seen, ask, len(source.taken)), "the end of the backlog", QUIET_SECONDS)
    except AssertionError as error:
        left = Counter(row["state"] for row in seen.outbox.values())
        result.stuck.append(f"{error}: {seen.messages} of {len(source.taken)} messages, outbox {dict(left)}")


def _sum_up(result: Result, source: Source, seen: Seen, relay: Relay) -> None:
    result.verdict = check(source.taken, seen, relay.mails, relay.in_doubt)
    result.codes = source.codes
    result.acked = sum(letter.acknowledged for letter in source.taken)
    result.resent = sum(len(letter.answers) > 1 for letter in source.taken)
    result.tickets = len(seen.tickets)
    result.messages = sum(len(ticket["messages"]) for ticket in seen.tickets.values())
    result.notices = len(seen.outbox)
    result.waiting = len(seen.behind_the_unknown())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--minutes", type=float, default=math.inf)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="maild-kills-"))
    result = run(given.kills, given.database, given.seed, folder, given.minutes)
    print(result)
    for words in result.wrong[:20]:
        print(f"WRONG      {words}")
    if result.wrong:
        print(f"left in    {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
