"""What the desk tells at all, and how each agent wants to be told: mail, digest, off; quiet hours (SPEC OUT-5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from maild.notices.notice import Audience
from maild.records import replace

EVERY = "*"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class Choice(StrEnum):
    """How an agent hears of an event."""

    MAIL = "mail"
    DIGEST = "digest"
    OFF = "off"


# What an agent may choose about: an event that is not here is always told, at once.
AGENT_EVENTS = (
    "new_ticket",
    "customer_reply",
    "supplier_reply",
    "note",
    "answer_copy",
    "assignment",
    "change",
    "rated",
    "sla_warning",
    "sla_breach",
    "reminder",
    "undelivered",
    "delayed",
)
# Answers to what the agent himself has just written, or questions about it: a digest would come too late.
# A mail whose time of the day he chose himself, such as the digest, waits for nothing else either.
PROMPT = frozenset({"was_this_you", "held", "commands_refused", "transcript", "digest", "your_desk"})
# Never off: somebody would wait for ever, or a forgery would go unseen.
STRONG = PROMPT | {"assignment", "undelivered", "delayed"}
# What the desk as a whole may switch off: an agent's own words and answers to a question always leave.
SWITCHABLE: dict[Audience, tuple[str, ...]] = {
    Audience.CUSTOMER: (
        "acknowledgement",
        "status",
        "resolved",
        "closed",
        "merged",
        "category_wanted",
        "waiting_reminder",
    ),
    Audience.AGENT: tuple(event for event in AGENT_EVENTS if event not in STRONG),
}


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the local day without mail; `end` before `start` is over midnight. The two differ."""

    start: time
    end: time

    def covers(self, wall: time) -> bool:
        """True when the local clock shows a quiet time."""
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


@dataclass(frozen=True, slots=True)
class Preferences:
    """One agent's wishes. `choices`: event (or `*` for all others) and how; `digest_at`: local times, never empty.

    `morning_at`: when he is told what lies on his desk; None: never.
    """

    choices: tuple[tuple[str, Choice], ...] = ()
    quiet: Quiet | None = None
    digest_at: tuple[time, ...] = (time(8),)
    morning_at: time | None = None
    timezone: ZoneInfo = field(default=ZoneInfo("UTC"))


def choice(prefs: Preferences, event: str) -> Choice:
    """How he wants to hear of an event; strong ones are never off, prompt ones always a mail of their own."""
    if event in PROMPT:
        return Choice.MAIL
    wishes = dict(prefs.choices)
    wish = wishes.get(event) or wishes.get(EVERY, Choice.MAIL)
    return Choice.MAIL if wish is Choice.OFF and event in STRONG else wish


def with_choice(prefs: Preferences, event: str, wish: Choice) -> Preferences:
    """The same wishes but for one event (or `*`)."""
    return replace(prefs, choices=(*(each for each in prefs.choices if each[0] != event), (event, wish)))


def held_until(prefs: Preferences, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` is in (UTC), or None when it is not quiet.

    Wall clocks count: where the end falls into an hour that is skipped or comes twice, the first moment after `now`
    at which the local clock shows the end or later.
    """
    local = now.astimezone(prefs.timezone)
    if prefs.quiet is None or not prefs.quiet.covers(local.time()):
        return None
    return min(_after(now, local.date(), (prefs.quiet.end,), prefs.timezone, folds=(0, 1)))


def next_digest(prefs: Preferences, now: datetime) -> datetime:
    """The next moment of a digest (UTC), always later than `now`; an hour that comes twice has one digest."""
    local = now.astimezone(prefs.timezone)
    return min(_after(now, local.date(), prefs.digest_at, prefs.timezone, folds=(0,)))


def day_due(at: time | None, zone: ZoneInfo, now: datetime) -> date | None:
    """The local day whose mail is due by `now`; None before its time, and where none is wanted."""
    local = now.astimezone(zone)
    return local.date() if at is not None and local.time() >= at else None


def sent_at(prefs: Preferences, event: str, now: datetime) -> datetime | None:
    """When a notification of this event leaves: `now`, at the end of quiet hours, with the next digest, or never."""
    match choice(prefs, event):
        case Choice.OFF:
            return None
        case Choice.DIGEST:
            return next_digest(prefs, now)
        case Choice.MAIL:
            return now if event in PROMPT else held_until(prefs, now) or now


def _after(
    now: datetime, today: date, walls: tuple[time, ...], zone: ZoneInfo, *, folds: tuple[int, ...]
) -> Iterator[datetime]:
    """Moments later than `now` at which the local clock shows one of these times, yesterday to in two days."""
    for days in range(-1, 3):
        for wall in walls:
            at = datetime.combine(today + days * DAY, wall)
            yield from (found for fold in folds if (found := _moment(at.replace(fold=fold), zone)) > now)


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the local clock shows this (`wall.fold` tells two such moments apart), or the end of the gap around it."""
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    other = wall.replace(tzinfo=zone, fold=1 - wall.fold).astimezone(UTC)
    shown = found.astimezone(zone).replace(tzinfo=None, fold=0)
    return found if shown == wall.replace(fold=0) else _end_of_gap(min(found, other), max(found, other), zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the local clock was put forward, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + SECOND * ((after - before) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


@dataclass(frozen=True, slots=True)
class DeskChoices:
    """What the desk has switched off, for an audience as a whole: pairs of audience and event.

    `risk_mail_at`: when admins are told which tickets are at risk; None: never.
    """

    off: frozenset[tuple[Audience, str]] = frozenset()
    risk_mail_at: time | None = None

    def told(self, audience: Audience, event: str) -> bool:
        """False when the desk never tells this audience of the event."""
        return (audience, event) not in self.off
