"""A ticket's clocks: first response, next response, resolution (SPEC SL-1 to SL-3).

A clock counts business time: `used` until `since`, and what passes after `since` while it runs. A pause keeps what was
used; another priority gives another `allowed` and leaves `used` as it is. The marks ahead (warnings, the breach, steps
of the ladder) are passed in their order, each once, however late somebody looks. What is due never lies before the
moment at which it was planned: who makes a ticket urgent at noon is not late since the morning.
"""

from collections.abc import Iterable
from datetime import datetime

from maild.records import replace
from maild.tickets.calendars import add, between
from maild.tickets.clocks import COUNTING, Clock, Clocks, Lapse, State
from maild.tickets.events import (
    Deleted,
    Event,
    Merged,
    MessageFiled,
    Opened,
    PriorityChanged,
    SpamMarked,
    StatusChanged,
)
from maild.tickets.promises import BREACH, NOTHING, Mark, Policy, Reopening, Target
from maild.tickets.workflow import Phase

DONE = (Phase.RESOLVED, Phase.CLOSED)
RESPONSES = (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE)


def opened(change: Opened, at: datetime, policy: Policy) -> Clocks:
    """The clocks of a new ticket: first response and resolution run."""
    clocks = Clocks(policy.name, change.priority, Phase.NEW)
    for target in (Target.FIRST_RESPONSE, Target.RESOLUTION):
        clocks = _with(clocks, target, _begun(clocks, target, at, policy))
    return _phase(clocks, change.phase, at, policy)


def after(clocks: Clocks, event: Event, policy: Policy) -> Clocks:
    """The clocks after an event. What lapsed before it must have been passed already (`lapsed`, `passing`)."""
    match event.change:
        case MessageFiled() as change:
            return _message(clocks, change, event.at, policy)
        case StatusChanged(_, _, phase):
            return _phase(clocks, phase, event.at, policy)
        case PriorityChanged(_, new):
            return replanned(replace(clocks, priority=new), policy, policy, event.at)
        case Merged(_, new):
            return _halted_or_not(replace(clocks, aside=new is not None), event.at, policy)
        case SpamMarked(_, new):
            return _halted_or_not(replace(clocks, aside=new), event.at, policy)
        case Deleted():
            return _halted_or_not(replace(clocks, aside=True), event.at, policy)
        case _:
            return clocks


def lapsed(clocks: Clocks, policy: Policy, now: datetime) -> tuple[Lapse, ...]:
    """The marks that were reached by `now` and not passed yet, in the order of time.

    They are looked up in the policy as it is now: a row may still know the time of a warning that was since removed.
    """
    found: list[Lapse] = []
    for target in Target:
        clock = _planned(clocks.of(target), target, policy)
        while clock.next_at and clock.next_at <= now and (mark := policy.mark_after(target, clock.passed)):
            found.append(Lapse(clock.next_at, target, mark))
            clock = _planned(replace(clock, passed=mark), target, policy)
    return tuple(sorted(found, key=lambda lapse: lapse.at))


def planned(clocks: Clocks, policy: Policy) -> Clocks:
    """The clocks with their times as the policy's calendar and marks are now; what was used and allowed stays."""
    for target in Target:
        clocks = _with(clocks, target, _planned(clocks.of(target), target, policy))
    return clocks


def passing(clocks: Clocks, lapse: Lapse, policy: Policy) -> Clocks:
    """The clocks when a lapse has been recorded."""
    clock = clocks.of(lapse.target)
    if lapse.mark <= clock.passed:
        return clocks
    if lapse.mark >= BREACH and lapse.target not in clocks.breached:
        clocks = replace(clocks, breached=(*clocks.breached, lapse.target))
    return _with(clocks, lapse.target, _planned(replace(clock, passed=lapse.mark), lapse.target, policy))


def replanned(clocks: Clocks, old: Policy, new: Policy, now: datetime) -> Clocks:
    """The clocks under another priority or policy: what was used stays used; a broken promise stays the one it was."""
    clocks = replace(clocks, policy=new.name)
    for target in Target:
        clock = clocks.of(target)
        if clock.state in COUNTING and not clock.late:
            clock = replace(_banked(clock, old, now), allowed=new.allows(clocks.priority, target))
            clocks = _with(clocks, target, _planned(clock, target, new))
    return clocks


def told(events: Iterable[Event], policy: Policy, until: datetime) -> tuple[Clocks, tuple[Lapse, ...]]:
    """The clocks and every lapse of a whole history, as a desk has them that never sleeps."""
    clocks: Clocks | None = None
    lapses: list[Lapse] = []
    seen: datetime | None = None
    for event in events:
        if isinstance(event.change, Opened):
            clocks = opened(event.change, event.at, policy)
        assert clocks is not None, "a ticket begins with its opening"
        if event.at != seen:  # what happens in one instant is one act: nothing lapses in its middle
            clocks = _caught_up(clocks, policy, event.at, lapses)
        clocks, seen = after(clocks, event, policy), event.at
    assert clocks is not None, "a ticket begins with its opening"
    return _caught_up(clocks, policy, until, lapses), tuple(lapses)


def _caught_up(clocks: Clocks, policy: Policy, now: datetime, lapses: list[Lapse]) -> Clocks:
    for lapse in lapsed(clocks, policy, now):
        clocks = passing(clocks, lapse, policy)
        lapses.append(lapse)
    return clocks


def _message(clocks: Clocks, change: MessageFiled, at: datetime, policy: Policy) -> Clocks:
    if change.visibility != "public":
        return clocks
    if change.by == "agent":
        return _met(clocks, RESPONSES, at, policy)
    if change.by not in ("customer", "unverified") or clocks.first_response.state is not State.MET:
        return clocks  # machines start nothing; before the first answer its own clock covers every mail
    if clocks.next_response.state in COUNTING:
        return clocks
    target = Target.NEXT_RESPONSE
    return _halted_or_not(_with(clocks, target, _begun(clocks, target, at, policy)), at, policy)


def _phase(clocks: Clocks, phase: Phase, at: datetime, policy: Policy) -> Clocks:
    wakes = clocks.phase in DONE and phase not in DONE
    clocks = replace(clocks, phase=phase)
    if wakes and clocks.resolution.state is State.MET:
        clocks = _reopened(clocks, at, policy)
    if phase in DONE and not clocks.aside:
        clocks = _met(clocks, (Target.RESOLUTION, *(RESPONSES if policy.resolving_answers else ())), at, policy)
    return _halted_or_not(clocks, at, policy)


def _reopened(clocks: Clocks, at: datetime, policy: Policy) -> Clocks:
    target = Target.RESOLUTION
    if policy.reopening is Reopening.RESTART:
        return _with(clocks, target, _begun(clocks, target, at, policy))
    clock = replace(clocks.resolution, state=State.PAUSED, met_at=None)
    if not clock.late:
        clock = replace(clock, allowed=policy.allows(clocks.priority, target))
    return _with(clocks, target, _planned(clock, target, policy))


def _halted_or_not(clocks: Clocks, at: datetime, policy: Policy) -> Clocks:
    halted = clocks.aside or clocks.phase in DONE or clocks.phase in policy.pauses
    for target in Target:
        clock = clocks.of(target)
        if halted and clock.state is State.RUNNING:
            clock = replace(_banked(clock, policy, at), state=State.PAUSED, since=None)
        elif not halted and clock.state is State.PAUSED:
            clock = replace(clock, state=State.RUNNING, since=at)
        else:
            continue
        clocks = _with(clocks, target, _planned(clock, target, policy))
    return clocks


def _met(clocks: Clocks, targets: tuple[Target, ...], at: datetime, policy: Policy) -> Clocks:
    for target in targets:
        clock = clocks.of(target)
        if clock.state in COUNTING:
            met = replace(_banked(clock, policy, at), state=State.MET, since=None, next_at=None, met_at=at)
            clocks = _with(clocks, target, met)
    return clocks


def _begun(clocks: Clocks, target: Target, at: datetime, policy: Policy) -> Clock:
    clock = Clock(State.RUNNING, policy.allows(clocks.priority, target), since=at)
    return _planned(clock, target, policy)


def _banked(clock: Clock, policy: Policy, now: datetime) -> Clock:
    """What has run until now, put down as used."""
    if clock.state is not State.RUNNING or clock.since is None:
        return clock
    return replace(clock, used=clock.used + between(policy.calendar, clock.since, now), since=now)


def _planned(clock: Clock, target: Target, policy: Policy) -> Clock:
    """The clock with the times that follow from the rest of it; one that was met keeps the time it was met for."""
    if clock.state not in COUNTING:
        return clock
    mark = policy.mark_after(target, clock.passed)
    next_at = _moment(clock, mark, policy) if mark else None
    if clock.late:
        return replace(clock, next_at=next_at)
    return replace(clock, next_at=next_at, due_at=next_at if mark == BREACH else _moment(clock, BREACH, policy))


def _moment(clock: Clock, mark: Mark, policy: Policy) -> datetime | None:
    if clock.allowed is None or clock.since is None:
        return None
    return add(policy.calendar, clock.since, max(mark.reached_at(clock.allowed) - clock.used, NOTHING))


def _with(clocks: Clocks, target: Target, clock: Clock) -> Clocks:
    match target:
        case Target.FIRST_RESPONSE:
            return replace(clocks, first_response=clock)
        case Target.NEXT_RESPONSE:
            return replace(clocks, next_response=clock)
        case Target.RESOLUTION:
            return replace(clocks, resolution=clock)
