"""A ticket's clocks counted minute by minute on the wall: slow, and written without looking at how the product does it.

Time is a number of minutes since EPOCH. A calendar is a byte for each minute of a year and a half: 1 in business time.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 560 * 24 * 60
DAY = 24 * 60
QUARTER = 15  # no zone changes its offset inside of a quarter of an hour

FIRST, NEXT, RESOLUTION = "first_response", "next_response", "resolution"
Frames = tuple[tuple[int, int], ...]  # minutes since the local midnight; more than 1440: on the next day


def moment(minute: int) -> datetime:
    """A minute as a moment."""
    return EPOCH + timedelta(minutes=minute)


def business_minutes(zone: str, week: tuple[Frames, ...], days: Mapping[date, Frames]) -> bytearray:
    """1 for each minute at which the clock on the wall shows business time."""
    here = ZoneInfo(zone)
    found = bytearray(MINUTES)
    for quarter in range(0, MINUTES, QUARTER):
        local = moment(quarter).astimezone(here)
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        frames = [*days.get(today, week[today.weekday()])]
        frames += [(start - DAY, end - DAY) for start, end in days.get(yesterday, week[yesterday.weekday()])]
        shown = local.hour * 60 + local.minute
        for minute in range(QUARTER):
            if any(start <= shown + minute < end for start, end in frames):
                found[quarter + minute] = 1
    return found


@dataclass(frozen=True)
class Rules:
    """What is promised: minutes for (priority, clock); `marks`: (percent, minutes after) for each clock, in order."""

    business: bytearray
    promised: Mapping[tuple[str, str], int]
    marks: Mapping[str, tuple[tuple[int, int], ...]]
    pausing: frozenset[str]
    restarts: bool
    resolving_answers: bool
    open_minutes: "array[int]" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "open_minutes", array("l", (at for at, one in enumerate(self.business) if one)))


@dataclass
class Counter:
    """One clock as a stop watch."""

    promised: int | None
    counted: int = 0
    reached: int = 0  # how many marks
    done: bool = False
    broken_at: int | None = None


@dataclass
class Watch:
    """A person who looks at a ticket every minute."""

    rules: Rules
    priority: str
    phase: str = "new"
    aside: bool = False
    counters: dict[str, Counter] = field(default_factory=dict)
    seen: list[tuple[int, str, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start(FIRST)
        self.start(RESOLUTION)

    def start(self, name: str) -> None:
        self.counters[name] = Counter(self.rules.promised.get((self.priority, name)))

    def stands_still(self) -> bool:
        return self.aside or self.finished() or self.phase in self.rules.pausing

    def finished(self) -> bool:
        return self.phase in ("resolved", "closed")

    def does(self, act: tuple[str, ...]) -> None:
        match act:
            case ("mail", "agent", "public"):
                self.finish(FIRST, NEXT)
            case ("mail", "customer" | "unverified", "public"):
                self.customer_waits()
            case ("priority", priority):
                self.priority = priority
                for name, counter in self.counters.items():
                    if not counter.done and counter.broken_at is None:
                        counter.promised = self.rules.promised.get((priority, name))
            case ("aside", word):
                self.aside = word == "yes"
            case ("phase", phase):
                self.goes_to(phase)

    def customer_waits(self) -> None:
        waiting = NEXT in self.counters and not self.counters[NEXT].done
        if self.counters[FIRST].done and not waiting:
            self.start(NEXT)

    def goes_to(self, phase: str) -> None:
        was_finished, self.phase = self.finished(), phase
        resolution = self.counters[RESOLUTION]
        if was_finished and not self.finished() and resolution.done:
            if self.rules.restarts:
                self.start(RESOLUTION)
            else:
                resolution.done = False
                if resolution.broken_at is None:
                    resolution.promised = self.rules.promised.get((self.priority, RESOLUTION))
        if self.finished() and not self.aside:
            self.finish(RESOLUTION, *((FIRST, NEXT) if self.rules.resolving_answers else ()))

    def finish(self, *names: str) -> None:
        for name in names:
            if name in self.counters:
                self.counters[name].done = True

    def look(self, minute: int) -> None:
        """Writes down what has been reached at the beginning of a minute."""
        if self.stands_still():
            return
        for name, counter in self.counters.items():
            while not counter.done and counter.promised is not None and counter.reached < len(self.rules.marks[name]):
                percent, more = self.rules.marks[name][counter.reached]
                if counter.counted < counter.promised * percent // 100 + more:
                    break
                counter.reached += 1
                self.seen.append((minute, name, percent, more))
                if (percent, more) == (100, 0):
                    counter.broken_at = minute

    def minute_passes(self) -> None:
        for counter in self.counters.values():
            if not counter.done:
                counter.counted += 1

    def due(self, name: str, minute: int) -> int | None:
        """When a clock will be due if nothing happens any more: by counting the open minutes ahead."""
        counter = self.counters.get(name)
        if counter is None or counter.done or counter.promised is None:
            return None
        if counter.broken_at is not None:
            return counter.broken_at
        if self.stands_still():
            return None
        left = counter.promised - counter.counted
        if left <= 0:
            return minute
        ahead = bisect_left(self.rules.open_minutes, minute)
        return self.rules.open_minutes[ahead + left - 1] + 1

    def state(self, name: str) -> str:
        counter = self.counters.get(name)
        if counter is None:
            return "none"
        if counter.broken_at is not None:
            return "breached"
        if counter.done:
            return "met"
        return "paused" if self.stands_still() else "running"


Due = dict[str, tuple[str, int | None]]


def watched(
    rules: Rules, priority: str, opened: int, acts: Iterable[tuple[int, tuple[str, ...]]], until: int
) -> tuple[list[tuple[int, Due]], list[tuple[int, str, int, int]]]:
    """What stood on each clock after each moment of acts, and every mark that was reached, minute by minute."""
    watch = Watch(rules, priority)
    by_minute: dict[int, list[tuple[str, ...]]] = {opened: []}
    for minute, act in acts:
        by_minute.setdefault(minute, []).append(act)
    stands: list[tuple[int, Due]] = []
    for minute in range(opened, until + 1):
        if minute in by_minute:
            for act in by_minute[minute]:
                watch.does(act)
            stands.append((minute, _stands(watch, minute)))
        watch.look(minute)
        if minute < until and rules.business[minute] and not watch.stands_still():
            watch.minute_passes()
            watch.look(minute + 1)
    return stands, watch.seen


def _stands(watch: Watch, minute: int) -> Due:
    names = (FIRST, NEXT, RESOLUTION)
    return {name: (watch.state(name), watch.due(name, minute)) for name in names}
