"""What customers are promised, as values: business time per priority and target, and the marks on the way (SL-1)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from maild.tickets.calendars import ALWAYS, Calendar, NoBusinessTime, add
from maild.tickets.workflow import Phase

NOTHING = timedelta(0)
HUNDRED = 100


class Target(StrEnum):
    """What is promised by a time."""

    FIRST_RESPONSE = "first_response"  # the first public answer of an agent
    NEXT_RESPONSE = "next_response"  # a public answer to the oldest unanswered mail after that
    RESOLUTION = "resolution"


class Reopening(StrEnum):
    """What becomes of the resolution's clock when a resolved ticket wakes."""

    CONTINUE = "continue"  # it goes on with what was left
    RESTART = "restart"  # it begins anew


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A point on a clock: so much of the target, and so long after it. In the order in which a clock reaches them."""

    after: timedelta = NOTHING
    percent: int = HUNDRED

    def reached_at(self, allowed: timedelta) -> timedelta:
        """The business time on the clock at this mark."""
        return allowed * self.percent / HUNDRED + self.after


START = Mark(percent=0)
BREACH = Mark()


@dataclass(frozen=True, slots=True)
class Promise:
    """The business time that one priority is given for each target; None promises nothing."""

    first_response: timedelta | None = None
    next_response: timedelta | None = None
    resolution: timedelta | None = None

    def of(self, target: Target) -> timedelta | None:
        """The time for a target."""
        match target:
            case Target.FIRST_RESPONSE:
                return self.first_response
            case Target.NEXT_RESPONSE:
                return self.next_response
            case Target.RESOLUTION:
                return self.resolution


@dataclass(frozen=True, slots=True)
class Policy:
    """One service level. `warnings`: percent of a target after which somebody is warned; `steps`: the ladder's marks.

    `resolving_answers`: a ticket that is resolved without a word counts as answered; otherwise these clocks only stand
    still while it is resolved.
    """

    name: str
    promises: tuple[tuple[str, Promise], ...] = ()
    calendar: Calendar = ALWAYS
    warnings: tuple[int, ...] = (75,)
    steps: tuple[tuple[Target, Mark], ...] = ()
    pauses: frozenset[Phase] = frozenset({Phase.WAITING, Phase.HOLD})
    reopening: Reopening = Reopening.CONTINUE
    resolving_answers: bool = True
    _promises: dict[str, Promise] = field(init=False, repr=False, compare=False)
    _marks: dict[Target, tuple[Mark, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_promises", dict(self.promises))
        object.__setattr__(self, "_marks", {target: self._of(target) for target in Target})

    def _of(self, target: Target) -> tuple[Mark, ...]:
        warnings = {Mark(percent=percent) for percent in self.warnings}
        steps = {mark for aim, mark in self.steps if aim is target}
        return tuple(sorted(warnings | steps | {BREACH}))

    def allows(self, priority: str, target: Target) -> timedelta | None:
        """The business time that a priority is given; None when nothing is promised."""
        promise = self._promises.get(priority)
        return promise.of(target) if promise else None

    def longest(self) -> timedelta:
        """The most business time that anybody may have to wait for: a calendar must reach it."""
        allowed = ((target, promise.of(target)) for _, promise in self.promises for target in Target)
        reached = (mark.reached_at(length) for target, length in allowed if length for mark in self._marks[target])
        return max(reached, default=NOTHING)

    def mark_after(self, target: Target, passed: Mark) -> Mark | None:
        """The next mark of a target's clock."""
        return next((mark for mark in self._marks[target] if mark > passed), None)


def problem(policy: Policy, now: datetime) -> str | None:
    """What is wrong with a policy that can never be kept or broken, in words for an admin."""
    try:
        add(policy.calendar, now, policy.longest())
    except NoBusinessTime as error:
        return str(error)
    return None


def _promise(response: timedelta, resolution: timedelta) -> Promise:
    return Promise(response, response, resolution)


DEFAULT_PROMISES = (
    ("urgent", _promise(timedelta(minutes=15), timedelta(hours=4))),
    ("high", _promise(timedelta(hours=2), timedelta(days=1))),
    ("normal", _promise(timedelta(hours=24), timedelta(days=3))),
    ("low", _promise(timedelta(days=3), timedelta(days=7))),
)
DEFAULT_POLICY = Policy("standard", DEFAULT_PROMISES)
