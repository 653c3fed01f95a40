"""A person who looks at a ticket every minute and does what the desk does by itself: reminds, gives up, closes.

Slow, and written apart from the product: days are counted one by one on a calendar on the wall, and a clock on the wall
says when such a day is over. Time is a number of minutes since the oracle's EPOCH.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tests.clock import oracle

QUARTER = oracle.QUARTER
Days = Mapping[date, oracle.Frames]
Length = tuple[str, int]  # ("days", 3): on which the desk opens at all; ("minutes", 90)
Seen = tuple[int, str, str]  # minute, what, which
AT_WORK, DONE = ("new", "active"), ("resolved", "closed")
PLANS = ("action", "due", "followup")


class Wall:
    """A clock and a calendar on the wall of one desk."""

    def __init__(self, zone: str, week: tuple[oracle.Frames, ...], days: Days) -> None:
        self._week, self._days = week, days
        self._zone = ZoneInfo(zone)
        self._shown: dict[date, dict[int, int]] = {}
        for quarter in range(0, oracle.MINUTES, QUARTER):
            day, minute = self.shows(quarter)
            first = self._shown.setdefault(day, {})
            for each in range(QUARTER):
                first.setdefault(minute + each, quarter + each)

    def shows(self, minute: int) -> tuple[date, int]:
        """The date, and the minute of the day."""
        local = oracle.moment(minute).astimezone(self._zone)
        return local.date(), local.hour * 60 + local.minute

    def after(self, minute: int, days: int) -> int:
        """The same time of the day when so many days of work have begun since."""
        day, time = self.shows(minute)
        while days:
            day += timedelta(days=1)
            days -= bool(self._days.get(day, self._week[day.weekday()]))
        return self._at(day, time)

    def _at(self, day: date, time: int) -> int:
        """A time that a spring night leaves out is when a clock that nobody set forward shows it."""
        shown = self._shown[day]
        before = time
        while before not in shown:
            before -= 1
        return shown[before] + time - before


@dataclass(frozen=True)
class Wishes:
    """What the desk wants to be done by itself, and after how long."""

    close: Length | None = None
    remind: tuple[Length, ...] = ()
    give_up: Length | None = None
    gives_up_as: str = "resolved"
    silent: Length | None = None
    unassigned: Length | None = None
    category: Length | None = None
    raises: frozenset[tuple[str, int, int]] = frozenset()  # at these marks of the clocks the priority rises
    assigns: tuple[tuple[tuple[str, int, int], str], ...] = ()  # and at these the ticket is given to somebody


@dataclass
class Minder:
    """One ticket, and all that was done to it by itself."""

    watch: oracle.Watch
    wall: Wall
    wishes: Wishes
    priorities: tuple[str, ...]
    opened: int
    phase_since: int
    answered: int | None = None
    heard: int | None = None
    resolved: int | None = None
    assignee: str = ""
    category: str = ""
    plans: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    log: list[Seen] = field(default_factory=list)
    written: int = 0  # how many marks of the clocks

    @property
    def phase(self) -> str:
        return self.watch.phase

    def due(self) -> dict[str, int]:
        """When what will be done, if nothing happens any more."""
        return dict(self._due())

    def next_at(self) -> int:
        """No need to look into the calendar before this minute, unless somebody does something."""
        return min(self.due().values(), default=oracle.MINUTES)

    def _due(self) -> Iterator[tuple[str, int]]:
        wishes, last_word = self.wishes, max(self.opened, self.phase_since, self.answered or 0, self.heard or 0)
        if self.phase == "waiting":
            count = self.told.get("waiting", 0)
            if count < len(wishes.remind):
                yield "waiting", self._later(last_word, wishes.remind[count])
            if wishes.give_up:
                yield "give_up", self._later(last_word, wishes.give_up)
        if self.phase in AT_WORK and wishes.silent:
            silence = max(self.answered or 0, self.opened, self.phase_since)
            unit, length = wishes.silent
            yield "silent", self._later(silence, (unit, length * (self.told.get("silent", 0) + 1)))
        if self.phase in AT_WORK and wishes.unassigned and not self.assignee and "unassigned" not in self.told:
            yield "unassigned", self._later(self.phase_since, wishes.unassigned)
        if self.phase == "resolved" and wishes.close and self.resolved is not None:
            yield "auto_close", self._later(max(self.resolved, self.heard or 0), wishes.close)
        if self.phase not in DONE:
            if wishes.category and not self.category and "category" not in self.told:
                yield "category", self._later(self.opened, wishes.category)
            yield from ((which, at) for which, at in self.plans.items() if which not in self.told)

    def _later(self, minute: int, length: Length) -> int:
        unit, count = length
        return self.wall.after(minute, count) if unit == "days" else minute + count

    def tick(self, minute: int) -> None:
        """What is due is done, the oldest first, unless it has gone meanwhile; then again, until nothing is due."""
        while waiting := self._waiting(minute):
            for at, what in waiting:
                if (at, what) in self._waiting(minute):
                    self._does(what, minute)
            self.watch.look(minute)

    def _waiting(self, minute: int) -> list[tuple[int, str]]:
        found = [(at, what) for what, at in self._due() if at <= minute]
        found += [(mark[0], "sla") for mark in self.watch.seen[self.written :][:1]]
        return sorted(found)

    def _does(self, what: str, minute: int) -> None:
        self.write_marks(minute)
        if what == "sla":
            return
        if what in ("auto_close", "give_up"):
            self.goes_to("closed" if what == "auto_close" else self.wishes.gives_up_as, minute)
            self.log.append((minute, "status", self.phase))
        else:
            while any(each == what and at <= minute for each, at in self._due()):
                self.told[what] = self.told.get(what, 0) + 1  # what was missed meanwhile is said once
            self.log.append((minute, "reminder", what))

    def write_marks(self, minute: int) -> None:
        """Marks of the clocks that nobody has written down yet, and what the steps at them do."""
        fresh = sorted(self.watch.seen[self.written :], key=lambda mark: (mark[0], mark[1]))
        self.written = len(self.watch.seen)
        for at, name, percent, more in fresh:
            self.log.append((minute, "sla", f"{name} {percent} {more} {at}"))
        for _, name, percent, more in fresh:
            if (name, percent, more) in self.wishes.raises:
                self._raise(minute)
            taken_by = dict(self.wishes.assigns).get((name, percent, more), self.assignee)
            if taken_by != self.assignee:
                self._assign(taken_by)

    def _raise(self, minute: int) -> None:
        above = self.priorities[self.priorities.index(self.watch.priority) + 1 :]
        if above:
            self.watch.does(("priority", above[0]))
            self.log.append((minute, "priority", above[0]))

    def _assign(self, name: str) -> None:
        self.assignee = name
        self.told.pop("unassigned", None)

    def does(self, act: tuple[str, ...], minute: int) -> None:
        """What a person does."""
        match act:
            case ("phase", phase):
                self.goes_to(phase, minute)
            case ("mail", by, visibility):
                self.watch.does(act)
                self._mail(by, visibility, minute)
            case ("assign", name):
                self._assign(name)
            case ("category", name):
                self.category = name
            case ("plan", which, at):
                self.told.pop(which, None)
                self.plans.pop(which, None)
                if at:
                    self.plans[which] = int(at)
            case _:
                self.watch.does(act)

    def _mail(self, by: str, visibility: str, minute: int) -> None:
        if by in ("customer", "unverified"):
            self.heard = minute
            self.told.pop("waiting", None)
        if (by, visibility) == ("agent", "public"):
            self.answered = minute
            self.told.pop("waiting", None)
            self.told.pop("silent", None)

    def goes_to(self, phase: str, minute: int) -> None:
        if phase == self.phase:
            return
        self.watch.does(("phase", phase))
        self.phase_since = minute
        for what in ("waiting", "silent", "unassigned"):
            self.told.pop(what, None)
        if phase == "resolved":
            self.resolved = minute


def minded(
    minder: Minder, acts: Mapping[int, list[tuple[str, ...]]], until: int, down: Sequence[range]
) -> tuple[list[Seen], list[tuple[int, dict[str, int]]]]:
    """All that the desk does by itself, and what is due after each moment at which people did something.

    In the minutes of `down` nobody looks by himself; what people do meanwhile is done, and the marks that were reached
    before it are written down then.
    """
    stands: list[tuple[int, dict[str, int]]] = []
    watch, business, next_at = minder.watch, minder.watch.rules.business, minder.opened
    for minute in range(minder.opened, until + 1):
        looks = minute >= next_at or len(watch.seen) > minder.written
        if looks and minute > minder.opened and not any(minute in outage for outage in down):
            minder.tick(minute)
            next_at = minder.next_at()
        if minute in acts:
            minder.write_marks(minute)
            for act in acts[minute]:
                minder.does(act, minute)
            stands.append((minute, minder.due()))
            next_at = minder.next_at()
        watch.look(minute)
        if minute < until and business[minute] and not watch.stands_still():
            watch.minute_passes()
            watch.look(minute + 1)
    return minder.log, stands
