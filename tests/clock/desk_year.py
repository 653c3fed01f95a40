"""Tickets of a year through a desk's own path: what is due, reminded, given up, closed, at what minute, and once each.

`python -m tests.clock.a_year` runs it after the clocks alone.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from random import Random

from maild.desk.rulebook import Rulebook
from maild.tickets.events import Event, PriorityChanged, Reminded, SlaReached, StatusChanged
from maild.tickets.timers import TimerKind
from tests.clock import oracle
from tests.clock.memory_desk import MINUTE, MemoryDesk, book_of, changes_of, habits_of
from tests.clock.minder import PLANS, Length, Minder, Seen, Wall, Wishes, minded
from tests.clock.stories import AMERICAN, DAY, GERMAN, HOUR, NIGHTS, OFFICE, PRIORITIES, SHOP, desks, story

Acts = dict[int, list[tuple[str, ...]]]
PEOPLE = ("alice", "bob", "")
OUTAGES = (1, 6 * HOUR, 4 * DAY)
STEPS_RAISE = frozenset({(oracle.RESOLUTION, 100, 0), (oracle.FIRST, 100, 45)})
STEPS_ASSIGN = (((oracle.RESOLUTION, 100, 120), "bob"),)
WISHES = (
    Wishes(
        close=("days", 5),
        remind=(("days", 2), ("days", 4)),
        give_up=("days", 7),
        unassigned=("minutes", 4 * HOUR),
        category=("days", 1),
        raises=STEPS_RAISE,
        assigns=STEPS_ASSIGN,
    ),
    Wishes(
        close=("days", 2),
        remind=(("minutes", 90), ("days", 1), ("days", 3)),
        give_up=("days", 3),
        gives_up_as="closed",
        unassigned=("days", 1),
        raises=STEPS_RAISE,
        assigns=STEPS_ASSIGN,
    ),
    Wishes(
        close=("days", 7),
        remind=(("days", 3),),
        unassigned=("minutes", 30),
        category=("minutes", 26 * HOUR),
        raises=STEPS_RAISE,
        assigns=STEPS_ASSIGN,
    ),
)
SILENCES: tuple[Length, ...] = (("days", 3), ("minutes", 36 * HOUR), ("days", 2))
WITH_SILENCE = tuple(replace(wishes, silent=silent) for wishes, silent in zip(WISHES, SILENCES, strict=True))
ASCENDING = tuple(reversed(PRIORITIES))


@dataclass(frozen=True)
class Place:
    """One desk of the three: the product's choices, and the same in the oracle's words."""

    book: Rulebook
    wall: Wall
    wishes: Wishes


@cache
def walls() -> tuple[Wall, ...]:
    """The clocks and calendars of the three desks."""
    berlin, new_york = "Europe/Berlin", "America/New_York"
    return Wall(berlin, OFFICE, GERMAN), Wall(berlin, NIGHTS, GERMAN), Wall(new_york, SHOP, AMERICAN)


@cache
def places(wanted: tuple[Wishes, ...] = WISHES) -> tuple[Place, ...]:
    """The third desk counts whole days as days of 24 hours."""
    found = []
    for number, (wall, wishes) in enumerate(zip(walls(), wanted, strict=True)):
        calendar = desks()[number].policy.calendar if number < 2 else None
        plain = wishes if calendar else _in_minutes(wishes)
        found.append(Place(book_of(number, habits_of(wishes, calendar)), wall, plain))
    return tuple(found)


def _in_minutes(wishes: Wishes) -> Wishes:
    """Without a calendar a day is 24 hours."""

    def minutes(length: object) -> object:
        return ("minutes", length[1] * DAY) if isinstance(length, tuple) and length[0] == "days" else length

    values = {name: minutes(getattr(wishes, name)) for name in ("close", "give_up", "silent", "unassigned", "category")}
    remind = tuple(map(minutes, wishes.remind))
    return Wishes(remind=remind, raises=wishes.raises, assigns=wishes.assigns, **values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Life:
    """One ticket: which desk, what people do to it, and when nobody ticks."""

    desk: int
    priority: str
    opened: int
    acts: Acts
    until: int
    down: list[range]


def life(seed: int) -> Life:
    """The story of the clocks' own campaign with what only a whole desk has: people, categories, dates, outages."""
    told, random = story(seed), Random(f"life {seed}")
    acts: Acts = {}
    for minute, act in told.acts:
        if act[0] != "aside":
            acts.setdefault(minute, []).append(act)
    for _ in range(random.randint(0, 5)):
        minute = random.choice([minute for minute, _ in told.acts]) + random.randint(0, 2 * DAY)
        acts.setdefault(minute, []).append(_more(random, minute))
    down = [_outage(random, told.opened, length) for length in OUTAGES]
    return Life(told.desk, told.priority, told.opened, dict(sorted(acts.items())), told.until, down)


def _more(random: Random, minute: int) -> tuple[str, ...]:
    match random.randrange(3):
        case 0:
            return ("assign", random.choice(PEOPLE))
        case 1:
            return ("category", random.choice(("hardware", "network")))
        case _:
            at = minute + random.choice((-DAY, 0, 1, 90, DAY, 3 * DAY, 10 * DAY))
            return ("plan", random.choice(PLANS), "" if random.random() < 0.2 else str(at))


def _outage(random: Random, opened: int, length: int) -> range:
    start = opened + random.randint(-length // 2, 20 * DAY)
    return range(start, start + length)


def expected(given: Life, wanted: tuple[Wishes, ...] = WISHES) -> tuple[list[Seen], list[tuple[int, dict[str, int]]]]:
    """What the person with the calendar on the wall did."""
    place = places(wanted)[given.desk]
    watch = oracle.Watch(desks()[given.desk].rules, given.priority)
    minder = Minder(watch, place.wall, place.wishes, ASCENDING, given.opened, given.opened)
    return minded(minder, given.acts, given.until, given.down)


def lived(
    given: Life, wanted: tuple[Wishes, ...] = WISHES
) -> tuple[list[Seen], list[tuple[int, dict[str, int]]], list[Event]]:
    """The same from the product."""
    book = places(wanted)[given.desk].book
    desk = MemoryDesk(book, given.down)
    stands = []
    for minute, acts in given.acts.items():
        desk.run_until(minute)
        desk.act(changes_of(desk.ticket, acts, book, given.priority), minute)
        stands.append((minute, _stands(desk)))
    desk.run_until(given.until)
    return [seen for event in desk.history if (seen := _seen(event))], stands, desk.history


def _stands(desk: MemoryDesk) -> dict[str, int]:
    return {kind.value: _minute(at) for kind, at in desk.rows.items() if kind is not TimerKind.SLA}


def _minute(moment: object) -> int:
    minute = (moment - oracle.EPOCH) / MINUTE  # type: ignore[operator]
    assert minute == int(minute)
    return int(minute)


def _seen(event: Event) -> Seen | None:
    """What the desk did by itself."""
    if event.actor == "system:test":
        return None
    minute = _minute(event.at)
    match event.change:
        case SlaReached(target, percent, minutes, due_at):
            return (minute, "sla", f"{target} {percent} {minutes} {_minute(due_at)}")
        case Reminded(what):
            return (minute, "reminder", what)
        case StatusChanged(_, _, phase):
            return (minute, "status", phase.value)
        case PriorityChanged(_, new):
            return (minute, "priority", new)
        case _:
            return None


def compared(seed: int, wanted: tuple[Wishes, ...] = WISHES) -> tuple[list[str], Counter[str]]:
    """Where product and oracle differ on one life, in words; and what was done."""
    given = life(seed)
    log, stands = expected(given, wanted)
    seen, rows, _ = lived(given, wanted)
    pairs = [("done", zip_longest(sorted(seen), sorted(log))), ("due", zip_longest(rows, stands))]
    wrong = [
        f"seed {seed}: {what}: {mine} instead of {theirs}"
        for what, both in pairs
        for mine, theirs in both
        if mine != theirs
    ]
    return wrong, Counter(_kind(each) for each in log)


def _kind(seen: Seen) -> str:
    _, what, which = seen
    return f"{what} {which.split()[1]}%" if what == "sla" else f"{what} {which}"


def campaign(seeds: range, wanted: tuple[Wishes, ...] = WISHES) -> tuple[list[str], Counter[str]]:
    """All differences, and what was done by itself."""
    wrong: list[str] = []
    counts: Counter[str] = Counter(tickets=len(seeds))
    for seed in seeds:
        differences, done = compared(seed, wanted)
        wrong += differences
        counts += done
    return wrong, counts
