"""Tickets of a year: the product's clocks against the stop watch, in every due time, warning, breach and step; then
the same tickets through a whole desk with outages, against a person with a calendar; and some through the real store.

`python -m tests.clock.a_year --tickets 5000`
"""

import argparse
import logging
import os
import sys
import time as stopwatch
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from maild.tickets.clocks import Clock, Clocks, Lapse
from maild.tickets.events import Event, Opened
from maild.tickets.promises import Policy, Target
from maild.tickets.sla import after, lapsed, opened, passing, told
from tests.clock import desk_year, kept_desk, oracle
from tests.clock.stories import desks, events_of, story

PART = 50


def compared(seed: int) -> tuple[list[str], list[Lapse]]:
    """Where product and oracle differ on one story, in words; and what lapsed."""
    given = story(seed)
    desk = desks()[given.desk]
    stands, seen = oracle.watched(desk.rules, given.priority, given.opened, given.acts, given.until)
    events, end = events_of(given), oracle.moment(given.until)
    final, lapses = told(events, desk.policy, end)
    reached = sorted((_plain(lapse) for lapse in lapses), key=_order)
    expected = sorted(seen, key=_order)
    wrong = _differences(seed, "mark", reached, expected)
    mine = [(minute, _stands(clocks)) for minute, clocks in _after_each(events, desk.policy)]
    wrong += _differences(seed, "clock", mine, stands)
    interrupted = _with_downtime(events, desk.policy, end, Random(seed))
    if interrupted != (final, sorted(lapses, key=lambda lapse: (lapse.at, lapse.target.value))):
        wrong.append(f"seed {seed}: a desk that sleeps sees something else: {interrupted}"[:1000])
    return wrong, list(lapses)


def _differences(seed: int, what: str, mine: Sequence[object], theirs: Sequence[object]) -> list[str]:
    pairs = zip_longest(mine, theirs)
    return [f"seed {seed}: {what}: {left} instead of {right}" for left, right in pairs if left != right]


def _order(mark: tuple[int, str, int, int]) -> tuple[int, str]:
    return mark[:2]  # what lapses in the same minute on two clocks has no order


def _plain(lapse: Lapse) -> tuple[int, str, int, int]:
    minute = (lapse.at - oracle.EPOCH) / timedelta(minutes=1)
    assert minute == int(minute)
    return int(minute), lapse.target.value, lapse.mark.percent, int(lapse.mark.after / timedelta(minutes=1))


def _after_each(events: list[Event], policy: Policy) -> list[tuple[int, Clocks]]:
    """The clocks after each moment at which something happened, folded event by event."""
    found: dict[int, Clocks] = {}
    for place, event in enumerate(events, 1):
        minute = int((event.at - oracle.EPOCH) / timedelta(minutes=1))
        if place == len(events) or events[place].at != event.at:
            found[minute] = _folded(events[:place], policy)
    return list(found.items())


def _folded(events: list[Event], policy: Policy) -> Clocks:
    return told(events, policy, events[-1].at - timedelta(microseconds=1))[0]


def _stands(clocks: Clocks) -> oracle.Due:
    return {target.value: _stand(clocks.of(target)) for target in Target}


def _stand(clock: Clock) -> tuple[str, int | None]:
    due = None if clock.met_at or clock.due_at is None else (clock.due_at - oracle.EPOCH) / timedelta(minutes=1)
    return clock.standing, None if due is None else int(due)


def _with_downtime(events: list[Event], policy: Policy, end: datetime, random: Random) -> tuple[Clocks, list[Lapse]]:
    """The same as rows: clocks and lapses are carried along, ticks come now and then, and twice."""
    first = events[0]
    assert isinstance(first.change, Opened)
    clocks, seen = opened(first.change, first.at, policy), first.at
    lapses: list[Lapse] = []
    for event in events[1:]:
        for now in (*_ticks(seen, event.at, random), *((event.at,) if event.at != seen else ())):
            clocks = _ticked(clocks, policy, now, lapses)
        clocks, seen = after(clocks, event, policy), event.at
    clocks = _ticked(_ticked(clocks, policy, end, lapses), policy, end, lapses)
    return clocks, sorted(lapses, key=lambda lapse: (lapse.at, lapse.target.value))


def _ticks(seen: datetime, until: datetime, random: Random) -> list[datetime]:
    if seen == until or random.random() < 0.5:
        return []  # what happens in one instant is one act: no tick in its middle
    return sorted(seen + (until - seen) * random.random() for _ in range(3))


def _ticked(clocks: Clocks, policy: Policy, now: datetime, lapses: list[Lapse]) -> Clocks:
    for lapse in lapsed(clocks, policy, now):
        clocks = passing(clocks, lapse, policy)
        lapses.append(lapse)
    return clocks


def campaign(seeds: range) -> tuple[list[str], Counter[str]]:
    """All differences, and what was compared."""
    wrong: list[str] = []
    counts: Counter[str] = Counter()
    for seed in seeds:
        differences, lapses = compared(seed)
        wrong += differences
        counts["tickets"] += 1
        counts["acts"] += len(story(seed).acts)
        counts.update(
            "breach" if lapse.mark.percent == 100 and not lapse.mark.after else "other mark" for lapse in lapses
        )
    return wrong, counts


def _both(seeds: range) -> tuple[list[str], Counter[str], Counter[str]]:
    """The clocks alone, and the same tickets through a whole desk."""
    wrong, counts = campaign(seeds)
    differing, done = desk_year.campaign(seeds)
    return wrong + differing, counts, done


def _kept(seeds: range, desk: int) -> tuple[list[str], Counter[str]]:
    with TemporaryDirectory() as folder:
        return kept_desk.compared(Path(folder), f"sqlite:///{folder}/maild.db", seeds, desk)


def main() -> int:
    """Runs the campaign and prints what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=5000)
    parser.add_argument("--kept", type=int, default=200, help="so many of them through the real store, too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    began = stopwatch.monotonic()
    last = chosen.seed + chosen.tickets
    parts = [range(start, min(start + PART, last)) for start in range(chosen.seed, last, PART)]
    wrong: list[str] = []
    clocks, desk, kept = Counter[str](), Counter[str](), Counter[str]()
    logging.disable(logging.WARNING)
    with ProcessPoolExecutor(chosen.jobs) as pool:
        seeds = range(chosen.seed, chosen.seed + chosen.kept)
        stored = [pool.submit(_kept, seeds, each) for each in range(len(desks()) if chosen.kept else 0)]
        for differing, ours, done in pool.map(_both, parts):
            wrong, clocks, desk = wrong + differing, clocks + ours, desk + done
        for future in stored:
            differing, done = future.result()
            wrong, kept = wrong + differing, kept + done
    print(*wrong[:20], sep="\n")
    for name, counts in (("clocks alone", clocks), ("whole desk", desk), ("real store", kept)):
        print(f"{name}: {dict(sorted(counts.items()))}")
    print(f"{len(wrong)} differences, {stopwatch.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
