"""Three desks with their calendars, and what people do to tickets there in a year: by chance, the same for one seed."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from maild.mail.model import Mailbox
from maild.tickets.calendars import Calendar, Frame
from maild.tickets.events import Change, Event, MessageFiled, Opened, PriorityChanged, SpamMarked, StatusChanged
from maild.tickets.ladder import after_breach, after_percent, marks
from maild.tickets.promises import Policy, Promise, Reopening, Target
from maild.tickets.workflow import Phase
from tests.clock import oracle

HOUR, DAY = 60, 24 * 60
PRIORITIES = ("urgent", "high", "normal", "low")
PROMISED = {  # minutes: first response, next response, resolution
    "urgent": (15, 20, 4 * HOUR),
    "high": (2 * HOUR, 3 * HOUR, DAY),
    "normal": (DAY, DAY, 3 * DAY),
    "low": (3 * DAY, None, 7 * DAY),
}
FIVE: oracle.Frames = ((540, 750), (780, 1020))
HALF_DAY: oracle.Frames = ((540, 720),)
OFFICE = (FIVE, FIVE, FIVE, FIVE, ((540, 900),), (), ())
NIGHTS = (((1320, 1800),),) * 7
SHOP = (((480, 1200),),) * 5 + (((600, 840),), ())
GERMAN: dict[date, oracle.Frames] = {
    date(2026, month, day): () for month, day in ((1, 1), (4, 3), (4, 6), (5, 1), (5, 14), (12, 25), (12, 26))
}
GERMAN |= {date(2026, 12, 24): HALF_DAY, date(2026, 12, 31): HALF_DAY, date(2027, 1, 1): ()}
AMERICAN: dict[date, oracle.Frames] = {
    date(2026, month, day): () for month, day in ((1, 1), (5, 25), (7, 3), (9, 7), (11, 26), (12, 25))
}
# around the four changes of the clocks, Easter and the end of the year
EVENTFUL = (
    date(2026, 3, 28),
    date(2026, 10, 24),
    date(2026, 3, 7),
    date(2026, 10, 31),
    date(2026, 4, 2),
    date(2026, 12, 23),
)


@dataclass(frozen=True)
class Desk:
    """A policy, and the same in the oracle's words."""

    policy: Policy
    rules: oracle.Rules


@dataclass(frozen=True)
class Story:
    """What people do to one ticket: (minute, act)."""

    desk: int
    priority: str
    opened: int
    acts: tuple[tuple[int, tuple[str, ...]], ...]
    until: int


def _frames(minutes: oracle.Frames) -> tuple[Frame, ...]:
    return tuple(Frame(_time(start), _time(end)) for start, end in minutes)


def _time(minute: int) -> time:
    return time(*divmod(minute % DAY, 60))


def _desk(
    zone: str,
    week: tuple[oracle.Frames, ...],
    days: dict[date, oracle.Frames],
    pauses: frozenset[Phase],
    reopening: Reopening,
    *,
    resolving_answers: bool,
) -> Desk:
    calendar = Calendar(
        zone, ZoneInfo(zone), tuple(map(_frames, week)), tuple((day, _frames(days[day])) for day in days)
    )
    steps = (
        after_percent("look", Target.RESOLUTION, 80),
        after_breach("lead", Target.RESOLUTION),
        after_breach("boss", Target.RESOLUTION, timedelta(hours=2)),
        after_breach("again", Target.FIRST_RESPONSE, timedelta(minutes=45)),
    )
    policy = Policy(
        name=zone,
        promises=tuple((priority, _promise(PROMISED[priority])) for priority in PRIORITIES),
        calendar=calendar,
        warnings=(60,),
        steps=marks(steps),
        pauses=pauses,
        reopening=reopening,
        resolving_answers=resolving_answers,
    )
    promised = {
        (priority, name): length
        for priority in PRIORITIES
        for name, length in zip((oracle.FIRST, oracle.NEXT, oracle.RESOLUTION), PROMISED[priority], strict=True)
        if length is not None
    }
    reached = {
        oracle.FIRST: ((60, 0), (100, 0), (100, 45)),
        oracle.NEXT: ((60, 0), (100, 0)),
        oracle.RESOLUTION: ((60, 0), (80, 0), (100, 0), (100, 120)),
    }
    business = oracle.business_minutes(zone, week, days)
    still = frozenset(phase.value for phase in pauses)
    restarts = reopening is Reopening.RESTART
    return Desk(policy, oracle.Rules(business, promised, reached, still, restarts, resolving_answers))


def _promise(minutes: tuple[int | None, ...]) -> Promise:
    return Promise(*(None if each is None else timedelta(minutes=each) for each in minutes))


@cache
def desks() -> tuple[Desk, ...]:
    """An office in Berlin, its night shift, and a shop in New York."""
    both = frozenset({Phase.WAITING, Phase.HOLD})
    waiting = frozenset({Phase.WAITING})
    return (
        _desk("Europe/Berlin", OFFICE, GERMAN, both, Reopening.CONTINUE, resolving_answers=True),
        _desk("Europe/Berlin", NIGHTS, GERMAN, waiting, Reopening.RESTART, resolving_answers=True),
        _desk("America/New_York", SHOP, AMERICAN, both, Reopening.CONTINUE, resolving_answers=False),
    )


MAILS = (
    *(("mail", "customer", "public"),) * 4,
    *(("mail", "agent", "public"),) * 4,
    *(("mail", "unverified", "public"), ("mail", "agent", "internal"), ("mail", "robot", "public")),
    ("mail", "supplier", "supplier"),
)
PHASES = ("active", "active", "waiting", "waiting", "hold", "resolved", "resolved", "closed")
GAPS = (0, 1, 14, 15, 16, 30, 120, 8 * HOUR, DAY, DAY, 3 * DAY, 9 * DAY)


def story(seed: int) -> Story:
    """One ticket's story."""
    random = Random(seed)
    start = _start(random)
    acts: list[tuple[int, tuple[str, ...]]] = [
        (start, ("mail", random.choice(("customer", "customer", "customer", "robot", "agent")), "public"))
    ]
    minute = start
    for _ in range(random.randint(2, 14)):
        gap = random.choice(GAPS)
        minute += gap if random.random() < 0.3 else random.randint(0, gap)
        acts += [(minute, act) for act in _acts(random)]
    return Story(random.randrange(3), random.choice(PRIORITIES), start, tuple(acts), minute + 45 * DAY)


def _start(random: Random) -> int:
    if random.random() < 0.5:
        day = (random.choice(EVENTFUL) - oracle.EPOCH.date()).days + random.randint(-3, 2)
    else:
        day = random.randrange(364)
    return max(day, 0) * DAY + random.randrange(DAY)


def _acts(random: Random) -> list[tuple[str, ...]]:
    chance = random.random()
    if chance < 0.45:
        return [random.choice(MAILS)]
    if chance < 0.60:  # a customer's reply wakes the ticket, in one act
        return [("mail", "customer", "public"), ("phase", "active")]
    if chance < 0.70:  # an answer by mail with commands above it
        return [("priority", random.choice(PRIORITIES)), ("mail", "agent", "public"), ("phase", random.choice(PHASES))]
    if chance < 0.80:
        return [("priority", random.choice(PRIORITIES))]
    if chance < 0.97:
        return [("phase", random.choice(PHASES))]
    return [("aside", random.choice(("yes", "no")))]


def events_of(told_story: Story) -> list[Event]:
    """A story in the product's words."""
    changes: list[tuple[int, Change]] = [(told_story.opened, _opening(told_story.priority))]
    phase, priority = "new", told_story.priority
    for minute, act in told_story.acts:
        changes.append((minute, _change(act, phase, priority)))
        phase = act[1] if act[0] == "phase" else phase
        priority = act[1] if act[0] == "priority" else priority
    return [Event(oracle.moment(minute), "system:test", change) for minute, change in changes]


def _opening(priority: str) -> Opened:
    jane = Mailbox("jane@customer.test", "Jane")
    return Opened("Printer on fire", jane, "new", Phase.NEW, priority, "support@acme.test")


def _change(act: tuple[str, ...], phase: str, priority: str) -> Change:
    match act:
        case ("mail", by, visibility):
            return MessageFiled(1, "in", visibility, "normal", by, "somebody")
        case ("priority", new):
            return PriorityChanged(priority, new)
        case ("aside", word):
            return SpamMarked(old=word != "yes", new=word == "yes")
        case (_, new):
            return StatusChanged(phase, new, Phase(new))
        case _:
            raise AssertionError(act)
