"""`python -m bench`: maild beside the bare ceilings of its libraries, in one command."""

import argparse
import json
import time
from pathlib import Path

from bench import machine, page, report
from bench.plan import Plan, Results, Size
from bench.processes import RESULTS, scratch
from bench.sink import Sink

FULL = Size(mails=400, rounds=3, tickets=50_000, dissected=120)
QUICK = Size(mails=100, rounds=1, tickets=0, dissected=40)


def main() -> None:
    """Measures, prints, keeps bench/results/latest.json."""
    given = _given()
    like = QUICK if given.quick else FULL
    size = Size(
        given.mails or like.mails,
        given.rounds or like.rounds,
        like.tickets,
        min(like.dissected, given.mails or like.dissected),
    )
    before = machine.load()
    print(f"{machine.described()}; load {before}", flush=True)
    began = time.monotonic()
    results = _measured(given.database, size)
    loads = (before, machine.load())
    _show(results)
    print(f"\nload before {loads[0]}, after {loads[1]}; {time.monotonic() - began:.0f} s")
    given.results.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine.described(), "load": loads, "mails": size.mails, **report.document(results)}
    given.results.write_text(json.dumps(document, indent=1))
    if given.write_docs:
        page.put(page.sections(results, size, given.database, loads))


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of few mails, no large desk")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--mails", type=int, help="how many mails each step takes")
    parser.add_argument("--database", help="URL of a PostgreSQL that may make databases; else SQLite")
    parser.add_argument("--results", type=Path, default=RESULTS / "latest.json", help="where to keep the samples")
    parser.add_argument("--write-docs", action="store_true", help="write our sections of docs/performance.md")
    return parser.parse_args()


def _measured(database: str | None, size: Size) -> Results:
    with scratch("bench") as base, Sink(base / "sink.log") as sink:
        return Plan(base, database, sink, size, lambda words: print(words, flush=True)).run()


def _show(results: Results) -> None:
    for table in (
        report.ceilings(results),
        report.ours(results),
        report.anatomy(results.anatomy),
        report.flushes(results.anatomy),
    ):
        print(f"\n{report.text(table)}")
    print(f"\n{report.latency(results)}")


if __name__ == "__main__":
    main()
