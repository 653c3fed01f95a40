"""A long quiet run: memory, files and the write-ahead log must not grow (RELIABILITY R15).

python -m tests.faults.soak --minutes 60 [--rate 5] [--database postgresql]
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.fault import Trial
from tests.faults.house import House, house
from tests.faults.measure import Gauge, resident
from tests.servers import postgresql

MB = 1024 * 1024
MOST_SLOPE = 1.0  # MB for 10,000 mails
MOST_WAL = 64 * MB
WARM_SHARE = 0.3  # caches fill first
THREADS = 2
LOOKS = 200


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the daemon."""

    mails: int
    bytes: int
    own: int  # what the daemon without its readers keeps for itself: neither shared libraries nor files
    files: int
    wal: int


def slope(looks: list[Look], size: Callable[[Look], int] = lambda look: look.bytes) -> float:
    """Bytes a mail, by least squares."""
    count = len(looks)
    middle = sum(look.mails for look in looks) / count
    spread = sum((look.mails - middle) ** 2 for look in looks)
    return sum((look.mails - middle) * size(look) for look in looks) / spread if spread else 0.0


def run(trial: Trial, minutes: float, rate: float, database: str) -> None:
    url = "sqlite:///maild.db" if database == "sqlite" else postgresql.fresh_database()
    conversations = int(minutes * 60 * rate / 2)
    with house(trial, database=url) as home, home.desk.running() as daemon, Gauge(daemon) as gauge:
        home.senders(conversations, threads=THREADS, pace=2 * THREADS / rate)
        looks = _watch(home, gauge, minutes)
        home.settle()
        _judge(trial, looks)
        home.verdict()
        minutes_ = max(minutes, 1)
        log = (home.desk.folder / "maild.log").stat().st_size / minutes_
        trial.see(f"{log / 1024:.0f} kB of log a minute")
        trial.must("less than 1 MB of log a minute", hold=log < MB)


def _watch(home: House, gauge: Gauge, minutes: float) -> list[Look]:
    began, looks = time.monotonic(), list[Look]()
    wal = home.desk.folder / "maild.db-wal"
    while (passed := time.monotonic() - began) < minutes * 60:
        time.sleep(minutes * 60 / LOOKS)
        bytes_, files = gauge.look()
        taken = sum(source.codes[250] for source in home.sources)
        own = resident(gauge.daemon.pid, "RssAnon:")
        looks.append(Look(taken, bytes_, own, files, wal.stat().st_size if wal.exists() else 0))
        if len(looks) % 20 == 0:
            print(f"{passed:6.0f} s  {looks[-1]}", file=sys.stderr, flush=True)
    return looks


def _judge(trial: Trial, looks: list[Look]) -> None:
    warm = looks[int(len(looks) * WARM_SHARE) :]
    grows = slope(warm) * 10_000 / MB
    files = max(look.files for look in warm) - min(look.files for look in warm)
    wal = max(look.wal for look in looks)
    trial.see(
        f"{looks[-1].mails} mails; memory {warm[0].bytes / MB:.0f} to {warm[-1].bytes / MB:.0f} MB, {grows:+.1f} MB for 10,000 mails"
    )
    own = slope(warm, lambda look: look.own) * 10_000 / MB
    trial.see(f"of it the daemon's own {warm[0].own / MB:.1f} to {warm[-1].own / MB:.1f} MB, {own:+.1f} MB")
    trial.see(
        f"files {min(look.files for look in warm)} to {max(look.files for look in warm)}, WAL at most {wal / MB:.1f} MB"
    )
    trial.must(f"memory grows less than {MOST_SLOPE} MB for 10,000 mails", hold=grows < MOST_SLOPE)
    trial.must("files do not grow", hold=files <= 20)
    trial.must("the write-ahead log stays below 64 MB", hold=wal < MOST_WAL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=5, help="mails a second")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=20261121)
    given = parser.parse_args()
    trial = Trial(given.seed, False, Path(tempfile.mkdtemp(prefix="maild-soak-")))
    run(trial, given.minutes, given.rate, given.database)
    print("\n".join([*trial.figures, *(f"WRONG {words}" for words in trial.wrong), f"seed {given.seed}"]))
    if not trial.wrong:
        shutil.rmtree(trial.folder, ignore_errors=True)
    return 1 if trial.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
