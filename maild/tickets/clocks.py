"""What a ticket carries of its clocks, and nothing that must be looked up for it (SPEC SL-2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from maild.tickets.promises import BREACH, NOTHING, START, Mark, Target
from maild.tickets.workflow import Phase

MICROSECOND = timedelta(microseconds=1)


class State(StrEnum):
    """What a clock does; MET: what was promised came, in time or not."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"


COUNTING = (State.RUNNING, State.PAUSED)
MOMENTS = ("since", "due_at", "next_at", "met_at")


@dataclass(frozen=True, slots=True)
class Clock:
    """One target's clock. `passed` is the last mark that was dealt with; `next_at` is when the next one is reached.

    `due_at` is when the target is or was due: None while the clock is paused, fixed from the breach on.
    """

    state: State = State.NONE
    allowed: timedelta | None = None
    used: timedelta = NOTHING
    since: datetime | None = None
    passed: Mark = START
    due_at: datetime | None = None
    next_at: datetime | None = None
    met_at: datetime | None = None

    @property
    def late(self) -> bool:
        """True from the breach on, also when it was met afterwards."""
        return self.passed >= BREACH

    @property
    def standing(self) -> str:
        """`none`, `running`, `paused`, `met` or `breached`."""
        return "breached" if self.late else self.state.value

    @property
    def left(self) -> timedelta | None:
        """What was left when the clock was last stopped or planned; less than nothing when it is overdue."""
        return None if self.allowed is None else self.allowed - self.used


@dataclass(frozen=True, slots=True)
class Clocks:
    """All that a ticket carries of its clocks. `aside`: merged, spam or deleted, so nothing is due or achieved."""

    policy: str
    priority: str
    phase: Phase
    first_response: Clock = Clock()
    next_response: Clock = Clock()
    resolution: Clock = Clock()
    aside: bool = False
    breached: tuple[Target, ...] = ()

    def of(self, target: Target) -> Clock:
        """The clock of a target."""
        match target:
            case Target.FIRST_RESPONSE:
                return self.first_response
            case Target.NEXT_RESPONSE:
                return self.next_response
            case Target.RESOLUTION:
                return self.resolution

    @property
    def next_at(self) -> datetime | None:
        """When the ticket must be looked at again: the one timer of all its clocks."""
        return min((clock.next_at for clock in map(self.of, Target) if clock.next_at), default=None)


@dataclass(frozen=True, slots=True)
class Lapse:
    """A clock reached a mark; `at` is when, however late it is seen."""

    at: datetime
    target: Target
    mark: Mark


def to_record(clocks: Clocks) -> dict[str, Any]:
    """The clocks as JSON values: spans in microseconds, moments in ISO 8601."""
    return {
        "policy": clocks.policy,
        "priority": clocks.priority,
        "phase": clocks.phase.value,
        "aside": clocks.aside,
        "breached": [target.value for target in clocks.breached],
        **{target.value: _recorded(clocks.of(target)) for target in Target},
    }


def from_record(record: dict[str, Any]) -> Clocks:
    """The inverse of `to_record`."""
    return Clocks(
        policy=record["policy"],
        priority=record["priority"],
        phase=Phase(record["phase"]),
        aside=record["aside"],
        breached=tuple(Target(name) for name in record["breached"]),
        first_response=_read(record[Target.FIRST_RESPONSE]),
        next_response=_read(record[Target.NEXT_RESPONSE]),
        resolution=_read(record[Target.RESOLUTION]),
    )


def _recorded(clock: Clock) -> dict[str, Any]:
    moments = {name: getattr(clock, name) for name in MOMENTS}
    return {
        "state": clock.state.value,
        "allowed": None if clock.allowed is None else clock.allowed // MICROSECOND,
        "used": clock.used // MICROSECOND,
        "passed": [clock.passed.after // MICROSECOND, clock.passed.percent],
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
    }


def _read(record: dict[str, Any]) -> Clock:
    after, percent = record["passed"]
    allowed = record["allowed"]
    return Clock(
        state=State(record["state"]),
        allowed=None if allowed is None else allowed * MICROSECOND,
        used=record["used"] * MICROSECOND,
        passed=Mark(after * MICROSECOND, percent),
        **{name: datetime.fromisoformat(record[name]) if record[name] else None for name in MOMENTS},
    )
