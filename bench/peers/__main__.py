"""`python -m bench.peers`: the whole way of a mail, maild beside Roundup and django-helpdesk by turns."""

import argparse
import json
import time
from pathlib import Path

from bench import machine, page, report
from bench.peers import plan, table
from bench.processes import RESULTS, scratch
from bench.sink import Sink


def main() -> None:
    """Measures, prints, keeps bench/results/peers.json."""
    given = _given()
    before = machine.load()
    print(f"{machine.described()}; load {before}", flush=True)
    began = time.monotonic()
    results = _measured(given)
    print(f"\n{report.text(table.measured(results))}\n\n{report.text(table.ratios(results))}")
    loads = (before, machine.load())
    print(f"\nload before {loads[0]}, after {loads[1]}; {time.monotonic() - began:.0f} s")
    document = {"machine": machine.described(), "load": loads, "mails": given.mails, **results.document()}
    given.results.write_text(json.dumps(document, indent=1))
    if given.write_docs:
        page.put({"Beside other desks": table.section(results, given.mails, given.rounds, machine.described())})


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mails", type=int, default=150, help="how many each of them takes in a round")
    parser.add_argument("--large", type=int, default=50_000, help="tickets of the large desks; 0 leaves them out")
    parser.add_argument("--huge", type=int, default=0, help="tickets of one more maild, such as 1000000")
    parser.add_argument("--keep", type=Path, help="where grown desks are kept for the next run of the same maild")
    parser.add_argument("--venvs", type=Path, default=RESULTS / "peers", help="where the peers are installed")
    parser.add_argument("--results", type=Path, default=RESULTS / "peers.json", help="where to keep the samples")
    parser.add_argument("--write-docs", action="store_true", help="write our section of docs/performance.md")
    return parser.parse_args()


def _measured(given: argparse.Namespace) -> plan.Results:
    for folder in filter(None, (given.venvs, given.keep)):
        folder.mkdir(parents=True, exist_ok=True)
    with scratch("peers") as base, Sink(base / "sink.log") as sink:
        size = plan.Size(given.mails, given.rounds, given.large, given.huge, given.keep)
        return plan.Plan(base, given.venvs, sink, size, lambda words: print(words, flush=True)).run()


if __name__ == "__main__":
    main()
