"""`python -m bench.sampled`: where maild's CPU goes, by a look at the stack each millisecond of CPU; nothing is traced.

Each step runs alone in this process, on one thread: reading in place of a child, the worker, the deliverer.
"""

import argparse
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from bench import machine, worlds
from bench.corpus import DESK, Mail, mails
from bench.desk import CONFIG
from bench.processes import ROOT, scratch
from bench.sink import Sink
from maild.clock import utc_now
from maild.config import Config, load_text
from maild.desk.accept import Acceptor
from maild.desk.room import open_room, upgrade
from maild.desk.work import Worker
from maild.mail.envelope import Envelope, Via
from maild.mail.model import InboundMail
from maild.mail.parse import understand
from maild.parts import deliverer
from maild.resources import data_dir

EVERY = 0.001


@dataclass(slots=True)
class Samples:
    """How often each function was on the stack, and on top of it."""

    total: int = 0
    inside: Counter[str] = field(default_factory=Counter)
    itself: Counter[str] = field(default_factory=Counter)

    def take(self, _number: int, frame: FrameType | None) -> None:
        """One look at the stack."""
        self.total += 1
        names: list[str] = []
        while frame is not None:
            names.append(_named(frame))
            frame = frame.f_back
        self.itself[names[0]] += 1
        self.inside.update(set(names))


def _named(frame: FrameType) -> str:
    path = frame.f_code.co_filename
    short = path.removeprefix(f"{ROOT}/").rpartition("site-packages/")[2].rpartition("/lib/python")[2]
    return f"{short}:{frame.f_code.co_name}"


@contextmanager
def sampling() -> Iterator[tuple[Samples, Callable[[], float]]]:
    """Looks at every millisecond of this process's CPU; the second value tells the seconds used."""
    samples, began = Samples(), time.process_time()
    signal.signal(signal.SIGPROF, samples.take)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        yield samples, lambda: time.process_time() - began
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


class _ReadBefore:
    """Reading is done before the worker is looked at."""

    def __init__(self) -> None:
        self.read: dict[bytes, InboundMail] = {}

    def warm(self) -> None:
        """Nothing to start."""

    def submit(self, source: bytes) -> "Future[InboundMail]":
        """Already there."""
        future: Future[InboundMail] = Future()
        future.set_result(self.read[source])
        return future


def main() -> None:
    """Prints a table for each step."""
    parser = argparse.ArgumentParser(prog="python -m bench.sampled", description=__doc__)
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--lines", type=int, default=45)
    parser.add_argument("--database", help="URL of an empty PostgreSQL database; else SQLite")
    given = parser.parse_args()
    print(f"{machine.described()}; load {machine.load()}")
    with scratch("sampled") as folder, Sink(folder / "sink.log") as sink:
        url = given.database or worlds.on_sqlite(folder).url
        config = load_text(CONFIG.format(desk=DESK, url=url, relay=sink.port), "maild.toml", folder)
        _steps(config, given.mails, given.lines)


def _steps(config: Config, count: int, lines: int) -> None:
    """First a few mails that nobody looks at: what a start costs is not what a mail costs."""
    upgrade(config, data_dir("migrations"))
    room = open_room(config, data_dir("migrations"))
    readers, acceptor, sender = _ReadBefore(), Acceptor(room), deliverer(config, room)
    worker = Worker(room, readers, "bench-worker")
    for lot, shown in ((mails(20, seed=1), 0), (mails(count), lines)):
        with sampling() as (samples, used):
            for mail in lot:
                readers.read[mail.content] = understand(mail.content, room.book.hints, config.limits.mail)
        _show("reading", samples, used(), len(lot), shown)
        for each in [acceptor.submit(mail.content, _envelope(mail)) for mail in lot]:
            each.result()
        for name, act in (("worker", worker.drain), ("deliverer", sender.drain)):
            with sampling() as (samples, used):
                act()
            _show(name, samples, used(), len(lot), shown)
    acceptor.close()
    room.store.close()


def _envelope(mail: Mail) -> Envelope:
    return Envelope(Via.SMTP, utc_now(), mail.sender, (DESK,))


def _show(step: str, samples: Samples, seconds: float, count: int, lines: int) -> None:
    if not lines:
        return
    print(f"\n{step}: {seconds / count * 1000:.2f} ms CPU a mail; µs a mail inside, and in itself")
    each = seconds / max(1, samples.total) / count * 1e6
    for name, seen in samples.inside.most_common(lines):
        print(f"{seen * each:8.0f} {samples.itself[name] * each:8.0f}  {name}")


if __name__ == "__main__":
    main()
