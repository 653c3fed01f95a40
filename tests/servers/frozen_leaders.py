"""Leaders that are frozen for long, by hand: who follows, how soon, and what the frozen one does when it wakes.

python -m tests.servers.frozen_leaders --seconds 30 60
"""

import argparse
import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.servers import postgresql
from tests.servers.folders import folder_for
from tests.servers.product import Desk, eventually
from tests.servers.test_the_lead import CLOSES, PER_SECOND, TICKETS, WITHIN, Looked, resolved, schedulers, taken_over

AWAKE_SECONDS = 12.0  # two beats and more


@dataclass(frozen=True, slots=True)
class Round:
    """What one freeze showed. `on_return`: events that came after the frozen one woke, when nothing was due any more."""

    words: str
    taken_over: tuple[float, ...]
    closed: int
    doubled: int
    on_return: int

    @property
    def is_right(self) -> bool:
        return max(self.taken_over) <= WITHIN and (self.closed, self.doubled, self.on_return) == (TICKETS, 0, 0)

    def __str__(self) -> str:
        seconds = " and ".join(f"{each:.1f}" for each in self.taken_over)
        return (
            f"{self.words}: taken over after {seconds} s; {self.closed} of {TICKETS} acts, {self.doubled} doubled, "
            f"{self.on_return} by the frozen one on its return: {'ok' if self.is_right else 'FAILED'}"
        )


def fresh_desk() -> Desk:
    return Desk(folder_for("frozen"), delivery="null:", database=postgresql.fresh_database(), extra=CLOSES)


def in_the_middle(seconds: float) -> Round:
    """Two processes; so much is due at once that the leader is frozen inside of a transaction."""
    desk = fresh_desk()
    resolved(desk, datetime.now(UTC) - timedelta(hours=1), TICKETS)
    with schedulers(desk, 2), Looked(desk) as looked:
        eventually(lambda: looked.closed() > 0, "the first are closed")
        leader, began = _freeze(looked)
        took = taken_over(looked, leader)
        return _woken(f"2 processes, frozen for {seconds:.0f} s in a transaction", looked, leader, began, seconds, took)


def killed_and_frozen(seconds: float) -> Round:
    """Four processes and work in every second: the leader is killed, and the one that follows it frozen."""
    desk = fresh_desk()
    resolved(desk, datetime.now(UTC) - timedelta(seconds=5), PER_SECOND // 2)
    with schedulers(desk, 4), Looked(desk) as looked:
        eventually(lambda: looked.closed() > 0, "the first are closed")
        first = looked.leader()
        os.kill(first, signal.SIGKILL)
        after_the_kill = taken_over(looked, first)
        second, began = _freeze(looked)
        took = taken_over(looked, second)
        words = f"4 processes, one killed, its follower frozen for {seconds:.0f} s"
        return _woken(words, looked, second, began, seconds, after_the_kill, took)


def _freeze(looked: Looked) -> tuple[int, float]:
    leader = looked.leader()
    os.kill(leader, signal.SIGSTOP)
    return leader, time.monotonic()


def _woken(words: str, looked: Looked, frozen: int, began: float, seconds: float, *took: float) -> Round:
    """Once all is done and the time is over; a frozen one that did anything then would do it a second time."""
    eventually(lambda: looked.left() == 0, "all are closed", 120)
    time.sleep(max(0.0, seconds - (time.monotonic() - began)))  # the fault itself
    before = looked.one("SELECT count(*) FROM events")
    os.kill(frozen, signal.SIGCONT)
    time.sleep(AWAKE_SECONDS)  # beats in which it could do harm
    on_return = looked.one("SELECT count(*) FROM events") - before
    return Round(words, took, looked.closed(), looked.doubled(), on_return)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, nargs="+", default=[30.0, 60.0])
    given = parser.parse_args()
    wrong = 0
    for seconds in given.seconds:
        for script in (in_the_middle, killed_and_frozen):
            found = script(seconds)
            print(found, flush=True)
            wrong += not found.is_right
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
