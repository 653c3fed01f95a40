"""The clocks of a ticket in one act, pure: what lapsed before it, and where they stand after it (SPEC SL-1 to SL-4).

An act writes down its clocks in an event, so that the ticket's row is the fold of its history whatever the config says
later; and what lapsed while nobody looked is recorded first, once, in the order in which it should have been seen.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from maild.commands.script import Reasoned
from maild.desk.rulebook import Rulebook
from maild.tickets import sla
from maild.tickets.clocks import Clocks, Lapse
from maild.tickets.escalation import Rung, climbed
from maild.tickets.events import Change, ClocksChanged, Event, Opened, SlaReached
from maild.tickets.ladder import reached
from maild.tickets.promises import Policy
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase

CLOCK = "system:clock"
MINUTE = timedelta(minutes=1)


def lapsed_before(ticket: Ticket | None, book: Rulebook, now: datetime) -> tuple[Reasoned, ...]:
    """What the clocks came to since somebody looked last: warnings, breaches, and the steps of the ladder."""
    if ticket is None or ticket.clocks is None:
        return ()
    policy = book.policy_of(ticket, now)
    lapses = sla.lapsed(ticket.clocks, policy, now)
    told = [Reasoned(_recorded(lapse), _words(lapse), CLOCK) for lapse in lapses]
    rungs = {rung.step.name: rung for rung in book.ladders.get(policy.name, ())}
    steps = reached((rung.step for rung in rungs.values()), lapses)
    return (*told, *_climbed(ticket, [rungs[each.step.name] for each in steps], book))


def _climbed(ticket: Ticket, rungs: Iterable[Rung], book: Rulebook) -> list[Reasoned]:
    """Each step on the ticket as the steps before left it."""
    found: list[Reasoned] = []
    for rung in rungs:
        changes, ticket = climbed(ticket, rung, book.priorities)
        found += [Reasoned(change, f"escalation {rung.step.name}", f"sla:{rung.step.name}") for change in changes]
    return found


def _recorded(lapse: Lapse) -> SlaReached:
    return SlaReached(lapse.target.value, lapse.mark.percent, lapse.mark.after // MINUTE, lapse.at)


def _words(lapse: Lapse) -> str:
    target = lapse.target.value.replace("_", " ")
    if lapse.mark.after:
        return f"{target}: late by {lapse.mark.after}"
    return f"{target}: {lapse.mark.percent} % of the time" if lapse.mark.percent < 100 else f"{target}: too late"


def clocks_after(
    before: Ticket | None, after: Ticket, events: Iterable[Event], book: Rulebook, now: datetime
) -> ClocksChanged | None:
    """Where the clocks stand after the events of an act; None when they did not move."""
    clocks = _told(before, after, events, book, now)
    if clocks is None or (before is not None and clocks == before.clocks):
        return None
    return ClocksChanged(clocks)


def _told(
    before: Ticket | None, after: Ticket, events: Iterable[Event], book: Rulebook, now: datetime
) -> Clocks | None:
    clocks = before.clocks if before else None
    policy = book.policy_of(before, now) if before and clocks else book.policy_for(after, now)
    for event in events:
        if isinstance(event.change, Opened):
            # Old mails that are imported, closed at once, were promised nothing.
            clocks = None if event.change.phase is Phase.CLOSED else sla.opened(event.change, event.at, policy)
        elif clocks is not None and not isinstance(event.change, SlaReached):
            clocks = sla.after(clocks, event, policy)
        elif clocks is not None and isinstance(event.change, SlaReached):
            clocks = _passed(clocks, event.change, policy)
    wanted = book.policy_for(after, now)
    if clocks is not None and wanted.name != policy.name:
        clocks = sla.replanned(clocks, policy, wanted, now)
    if clocks is not None and clocks.next_at is not None and clocks.next_at <= now:
        # The moment was planned by a calendar or a policy that is another one now.
        clocks = sla.planned(clocks, wanted)
    return clocks


def _passed(clocks: Clocks, change: SlaReached, policy: Policy) -> Clocks:
    due = (lapse for lapse in sla.lapsed(clocks, policy, change.due_at) if _recorded(lapse) == change)
    return next((sla.passing(clocks, lapse, policy) for lapse in due), clocks)


def numbered_with(
    changes: Iterable[Change], events: tuple[Event, ...], cause: str, now: datetime, last: int
) -> tuple[Event, ...]:
    """The clock's own events behind those of an act; `last` is the place of the newest event so far."""
    own = [Event(now, CLOCK, change, "", cause, last + place) for place, change in enumerate(changes, 1)]
    return (*events, *own)


def told_by_steps(events: Iterable[Event], book: Rulebook) -> tuple[str, ...]:
    """The agents and teams that the steps behind these events name."""
    names = {event.actor.removeprefix("sla:") for event in events if event.actor.startswith("sla:")}
    rungs = (rung for ladder in book.ladders.values() for rung in ladder if rung.step.name in names)
    return tuple(dict.fromkeys(each for rung in rungs for each in rung.tell))
