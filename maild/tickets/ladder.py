"""Escalation: a ladder of steps on a ticket's clocks, after N percent, at the breach, or so long after it (SPEC SL-4).

Steps hang on marks of the same clocks as warnings and the breach: they wait while a clock is paused, move with it when
the priority changes, and are reached once. What a step does (priority, team, people, tags) its name tells the rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.tickets.clocks import Clocks, Lapse
from maild.tickets.promises import Mark, Policy, Target
from maild.tickets.sla import lapsed


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `name` is the admin's."""

    name: str
    target: Target
    mark: Mark


@dataclass(frozen=True, slots=True)
class Reached:
    """A step that a ticket has come to, and when it should have been taken."""

    step: Step
    at: datetime


def after_percent(name: str, target: Target, percent: int) -> Step:
    """A step before the breach."""
    return Step(name, target, Mark(percent=percent))


def after_breach(name: str, target: Target, length: timedelta = timedelta(0)) -> Step:
    """A step at the breach, or so much business time later while nothing has come."""
    return Step(name, target, Mark(after=length))


def marks(steps: Iterable[Step]) -> tuple[tuple[Target, Mark], ...]:
    """What a policy must know of its ladder (`Policy.steps`)."""
    return tuple((step.target, step.mark) for step in steps)


def reached(steps: Iterable[Step], lapses: Iterable[Lapse]) -> tuple[Reached, ...]:
    """The steps that stand at these lapses, in the order of the lapses."""
    by_mark: dict[tuple[Target, Mark], list[Step]] = {}
    for step in steps:
        by_mark.setdefault((step.target, step.mark), []).append(step)
    return tuple(Reached(step, lapse.at) for lapse in lapses for step in by_mark.get((lapse.target, lapse.mark), ()))


def due_between(
    steps: Iterable[Step], clocks: Clocks, policy: Policy, after: datetime, until: datetime
) -> tuple[Reached, ...]:
    """The steps that fall due after one moment and not after another, if nothing happens to the ticket until then."""
    return tuple(each for each in reached(steps, lapsed(clocks, policy, until)) if each.at > after)
