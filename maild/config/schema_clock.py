"""The tables of the clock: business hours, and what is promised within them (SPEC SL-1)."""

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, TypeAdapter

from maild.config.expressions import QueryText
from maild.config.hours import span_of_day
from maild.config.values import Duration, Section, Text, Texts, Zone, one_or_many
from maild.tickets.calendars import WHOLE_DAY, Frame
from maild.tickets.escalation import Rung
from maild.tickets.ladder import Step
from maild.tickets.promises import BREACH, HUNDRED, Mark, Reopening, Target
from maild.tickets.workflow import Phase

EVERY_YEAR = 4  # a leap year, so that 02-29 may be written


def _frame(value: object) -> Frame:
    if isinstance(value, Frame):
        return value
    opens, closes = span_of_day(value)
    if opens == closes and (opens != time(0) or "24:00" not in str(value)):
        raise ValueError('opens and closes at the same time; write "00:00-24:00" for the whole day')
    return WHOLE_DAY if opens == closes else Frame(opens, closes)


def _apart(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    ordered = sorted(frames, key=lambda frame: frame.opens)
    for earlier, later in pairwise(ordered):
        if earlier.closes <= earlier.opens or later.opens < earlier.closes:
            raise ValueError("has hours that overlap")
    return tuple(ordered)


def _day(value: object) -> date:
    """A date, or `12-24`: that day of every year (the year is EVERY_YEAR then)."""
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    text = value.strip() if isinstance(value, str) else ""
    try:
        return date.fromisoformat(text if len(text) > len("12-24") else f"{EVERY_YEAR:04}-{text}")
    except ValueError:
        raise ValueError('must be a date such as "2026-12-24", or "12-24" for every year') from None


Day = Annotated[date, PlainValidator(_day)]
Days = Annotated[tuple[Day, ...], BeforeValidator(one_or_many)]
AFrame = Annotated[Frame, PlainValidator(_frame)]
Frames = Annotated[tuple[AFrame, ...], BeforeValidator(one_or_many), AfterValidator(_apart)]
Percent = Annotated[float, Field(ge=0.01, le=0.99)]
Percents = Annotated[tuple[Percent, ...], BeforeValidator(one_or_many)]
Phases = Annotated[
    tuple[Literal[Phase.NEW, Phase.ACTIVE, Phase.WAITING, Phase.HOLD], ...], BeforeValidator(one_or_many)
]


class HoursEntry(Section):
    """The frames of each day of the week; a day that is not named is closed."""

    mon: Frames = ()
    tue: Frames = ()
    wed: Frames = ()
    thu: Frames = ()
    fri: Frames = ()
    sat: Frames = ()
    sun: Frames = ()

    def week(self) -> tuple[tuple[Frame, ...], ...]:
        """Monday to Sunday."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class CalendarEntry(Section):
    """When somebody is there."""

    name: Text
    hours: HoursEntry
    timezone: Zone | None = None
    holidays: Days = ()
    half_days: dict[Day, Frames] = Field(default_factory=dict)
    country: Text | None = None
    subdivision: Text | None = None


class PromiseEntry(Section):
    """The business time of one priority."""

    first_response: Duration | None = None
    next_response: Duration | None = None
    resolution: Duration | None = None


def _mark(value: object) -> Mark:
    """`75%`, `breach`, or a length after the breach."""
    text = str(value).strip().lower()
    if text == "breach":
        return BREACH
    if text.endswith("%"):
        digits = text[:-1].strip()
        if not (digits.isascii() and digits.isdigit() and 0 < int(digits) < HUNDRED):
            raise ValueError('must be a part of the time such as "75%", below 100%')
        return Mark(percent=int(digits))
    return Mark(after=LENGTH.validate_python(value))


LENGTH: TypeAdapter[timedelta] = TypeAdapter(Duration)
AMark = Annotated[Mark, PlainValidator(_mark)]


class StepEntry(Section):
    """One step of escalation: when a clock comes there, this is done (SPEC SL-4)."""

    name: Text
    target: Target = Target.FIRST_RESPONSE
    after: AMark = BREACH
    raise_priority: bool = False
    team: Text | None = None
    assign: Text | None = None
    tags: Texts = ()
    tell: Texts = ()

    def rung(self) -> Rung:
        """As the ladder has it."""
        step = Step(self.name, self.target, self.after)
        return Rung(step, self.raise_priority, self.team, self.assign, self.tags, self.tell)


class SlaEntry(Section):
    """One service level, for the tickets that a query finds."""

    name: Text
    when: QueryText = ""
    calendar: Text | None = None
    targets: dict[str, PromiseEntry] = Field(default_factory=dict)
    warn_at: Percents = (0.75,)
    pause_in: Phases = (Phase.WAITING, Phase.HOLD)
    reopen: Reopening = Reopening.CONTINUE
    resolving_answers: bool = True
    steps: tuple[StepEntry, ...] = ()
