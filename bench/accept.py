"""`python -m bench.accept`: durable accepts beside stock aiosmtpd with an empty handler, in pairs, one after the other.

Only the ratio of a pair says something on a machine that others use, too: median and range are told.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import ceilings, machine, worlds
from bench.corpus import Mail, mails
from bench.desk import Desk
from bench.processes import RESULTS, scratch
from bench.report import spread
from bench.sink import Sink

WARM = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """One run of each, side by side: mails a second and CPU of the server."""

    ours: float
    ours_ms: float
    stock: float
    stock_ms: float


def pair(base: Path, sink: Sink, corpus: Sequence[Mail], connections: int) -> Pair:
    """The ceiling, then ours on a fresh database."""
    stock = ceilings.accept(corpus, connections, WARM, base / "ceiling.log")
    desk = Desk(worlds.fresh(base, None), sink)
    ours = desk.accept(corpus, mails(WARM, seed=1), connections)
    desk.world.drop()
    return Pair(ours.per_second, ours.cpu_ms, stock["per_second"], stock["cpu_ms"])


def told(connections: int, pairs: Sequence[Pair]) -> str:
    """One line for each number of connections."""
    rates = [each.ours / each.stock for each in pairs]
    cpu = [each.ours_ms / each.stock_ms for each in pairs]
    return (
        f"{connections:3} connections: rate {spread(rates, 2)} x ({_middle(pairs, 'ours')}/s against "
        f"{_middle(pairs, 'stock')}/s), CPU {spread(cpu, 2)} x ({_middle(pairs, 'ours_ms')} ms a mail against "
        f"{_middle(pairs, 'stock_ms')} ms)"
    )


def _middle(pairs: Sequence[Pair], name: str) -> str:
    return f"{median(getattr(each, name) for each in pairs):.3g}"


def _measure(folder: Path, count: int, pairs: int, connections: Sequence[int]) -> None:
    corpus = mails(count)
    with Sink(folder / "sink.log") as sink:
        for number in connections:
            print(told(number, [pair(folder, sink, corpus, number) for _ in range(pairs)]), flush=True)


def main() -> None:
    """Prints the ratios."""
    parser = argparse.ArgumentParser(prog="python -m bench.accept", description=__doc__)
    parser.add_argument("--mails", type=int, default=400)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--connections", type=int, nargs="+", default=[20, 1])
    parser.add_argument("--folder", type=Path, default=RESULTS, help="on whose disk it is kept")
    given = parser.parse_args()
    print(f"{machine.described()}; load {machine.load()}", flush=True)
    with scratch("accept", given.folder) as base:
        _measure(base, given.mails, given.pairs, given.connections)
    print(f"load after {machine.load()}")


if __name__ == "__main__":
    main()
