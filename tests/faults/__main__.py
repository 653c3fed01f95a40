"""The fault table, run: python -m tests.faults [--only F07,F13] [--seed N] [--short] [--list]."""

import argparse
import subprocess
import sys

from tests.faults.fault import Fault, Outcome, try_out
from tests.faults.registry import FAULTS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="names of faults, with commas between them")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--short", action="store_true", help="a few repetitions of each instead of many")
    parser.add_argument("--list", action="store_true", help="say what there is, run nothing")
    given = parser.parse_args()
    wanted = set(given.only.upper().split(",")) if given.only else {fault.name for fault in FAULTS}
    failed = 0
    for fault in FAULTS:
        if fault.name not in wanted:
            continue
        if given.list:
            print(f"{fault.name}  {fault.words}  [{_how(fault)}]")
            continue
        failed += _run(fault, given.seed, short=given.short)
    return 1 if failed else 0


def _how(fault: Fault) -> str:
    script = (
        [f"{fault.script.__module__.removeprefix('tests.faults.')}.{fault.script.__name__}"] if fault.script else []
    )
    return "; ".join([*script, *fault.tests, *([f"not here: {fault.reason}"] if fault.reason else [])])


def _run(fault: Fault, seed: int, *, short: bool) -> bool:
    """True when something was wrong."""
    print(f"{fault.name}  {fault.words}", flush=True)
    if fault.reason:
        print(f"     not here: {fault.reason}")
    missing = fault.needs()
    if missing:
        print(f"     left out: {missing}")
        return False
    wrong = False
    if fault.script is not None:
        wrong = _show(try_out(fault, seed, short=short), seed)
    if fault.tests:
        wrong |= _pytest(fault.tests)
    return wrong


def _show(outcome: Outcome, seed: int) -> bool:
    for figure in outcome.figures:
        print(f"     {figure}")
    for words in outcome.wrong[:20]:
        print(f"     WRONG {words}")
    print(f"     {'FAILED' if outcome.wrong else 'ok'}, seed {seed}, {outcome.seconds:.0f} s", flush=True)
    return bool(outcome.wrong)


def _pytest(names: tuple[str, ...]) -> bool:
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "--no-header", *names], capture_output=True, text=True)
    print(f"     {done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr}", flush=True)
    if done.returncode:
        print(done.stdout[-3000:])
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
