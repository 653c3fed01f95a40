"""`python -m bench.sending`: maild's SMTP transport beside smtplib: mails of a notice's size, one connection each.

In pairs, one after the other: only the ratio of a pair says something on a machine that others use, too. Rendering and
bookkeeping are not in it; `python -m bench` weighs them ("deliver").
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import ceilings, machine
from bench.processes import RESULTS, scratch
from bench.report import spread
from bench.sink import Sink
from maild.transport.smtp import SmtpTransport


@dataclass(frozen=True, slots=True)
class Pair:
    """One run of each, side by side: mails a second and milliseconds of the sender's CPU a mail."""

    ours: float
    ours_ms: float
    smtplib: float
    smtplib_ms: float


def pair(sink: Sink, count: int) -> Pair:
    """The ceiling, then ours."""
    theirs = ceilings.smtplib_one_connection(sink, count)
    content = ceilings.notice()
    transport = SmtpTransport(f"smtp://127.0.0.1:{sink.port}")
    transport.send("support@desk.test", "someone@customer.test", content, _unmarked)
    began, cpu = time.perf_counter(), time.thread_time()
    for _ in range(count):
        transport.send("support@desk.test", "someone@customer.test", content, _unmarked)
    used, seconds = time.thread_time() - cpu, time.perf_counter() - began
    transport.close()
    return Pair(count / seconds, used / count * 1000, theirs["per_second"], theirs["cpu_ms"])


def _unmarked() -> None:
    """No mark before the dot: that is the outbox's."""


def told(pairs: Sequence[Pair]) -> str:
    """One line."""
    rates = [each.ours / each.smtplib for each in pairs]
    cpu = [each.ours_ms / each.smtplib_ms for each in pairs]
    return (
        f"one connection: rate {spread(rates, 2)} x smtplib's ({median(each.ours for each in pairs):.0f}/s against "
        f"{median(each.smtplib for each in pairs):.0f}/s), CPU {spread(cpu, 2)} x"
    )


def main() -> None:
    """Prints the ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.sending", description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=RESULTS)
    given = parser.parse_args()
    print(f"{machine.described()}; load {machine.load()}", flush=True)
    with scratch("sending", given.folder) as base, Sink(base / "sink.log") as sink:
        print(told([pair(sink, given.mails) for _ in range(given.pairs)]), flush=True)
    print(f"load after {machine.load()}")


if __name__ == "__main__":
    main()
