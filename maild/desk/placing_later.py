"""What came while nobody was available is somebody's as soon as somebody is (SPEC AS-1).

Who could take tickets is looked at with each tick. Only when somebody is there who was not before (he came to work, is
`#back`, closed a ticket), or the hours of an entry begin, those that wait are asked for again, the oldest first.
"""

import json
import logging
from datetime import datetime, timedelta

from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.placing import ACTOR, Placement, placement_of
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.desk.staffing import available, candidates_of
from maild.errors import StorageBroken, TransientError
from maild.records import replace
from maild.store import Tx, assignment, messages, meta, tickets
from maild.tickets.calendars import is_open
from maild.tickets.events import Assigned
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase

log = logging.getLogger("maild.tick")
READY = "ready-to-take"
NOT_OLDER = timedelta(days=7)
MOST = 500


def place_waiting(room: Room, now: datetime) -> list[tuple[int, str]]:
    """Gives (ticket, its new agent). The first look at a desk only remembers: what lay there before is left alone."""
    if not room.book.assignment:
        return []
    with room.store.read() as tx:
        ready, known = _ready(tx, room.book, now), meta.get(tx, READY)
    before = frozenset(json.loads(known)) if known is not None else ready
    placed = _place_all(room, now) if ready - before else []
    if known is None or ready != before:
        with room.store.begin() as tx:
            meta.forget(tx, READY)
            meta.set_once(tx, READY, json.dumps(sorted(ready)))
    return placed


def _ready(tx: Tx, book: Rulebook, now: datetime) -> frozenset[str]:
    """The agents who are available, and the entries that are asked at this hour."""
    open_now = (rule.hours is None or is_open(rule.hours, now) for rule in book.assignment)
    return frozenset(
        [
            *(f"agent {name}" for name in available(tx, book, now)),
            *(f"entry {place}" for place, is_asked in enumerate(open_now) if is_asked),
        ]
    )


def _place_all(room: Room, now: datetime) -> list[tuple[int, str]]:
    with room.store.read() as tx:
        waiting = assignment.waiting(tx, now - NOT_OLDER, MOST)
    placed = []
    for number in waiting:
        try:
            agent = _place(room, number, now)
        except (TransientError, StorageBroken):
            raise
        except Exception:  # one bad ticket must never stop the others
            log.exception("cannot be given to anybody ticket=%d", number)
            continue
        if agent is not None:
            placed.append((number, agent))
            room.mail_waits.set()
            if not _anybody_left(room, now):
                break
    return placed


def _anybody_left(room: Room, now: datetime) -> bool:
    """Who closes a ticket while hundreds wait has room for one: the others need not be asked for."""
    with room.store.read() as tx:
        return bool(available(tx, room.book, now))


def _place(room: Room, number: int, now: datetime) -> str | None:
    """Asked without a lock first, for most may be nobody's still; then for good."""
    with room.store.read() as tx:
        if _found(tx, room, tickets.load(tx, number), now, lock=False) is None:
            return None
    with room.store.begin() as tx:
        ticket = tickets.load(tx, number, lock=True)
        found = _found(tx, room, ticket, now, lock=True)
        if ticket is None or found is None or found.taken_by is None:
            return None
        changes = tuple(_with_reason(each) for each in found.changes)
        carry_out(tx, room, Act(number, ticket, changes, ACTOR, f"assignment:{number}/{ticket.seq + 1}", now))
        assignment.take_turn(tx, found.taken_by)
        return found.taken_by


def _found(tx: Tx, room: Room, ticket: Ticket | None, now: datetime, *, lock: bool) -> Placement | None:
    """Whose it is now; None: nobody's, or it is not ours to give, as somebody had it already."""
    if ticket is None or ticket.assignee is not None or ticket.phase is not Phase.NEW or ticket.spam or ticket.deleted:
        return None
    if any(isinstance(event.change, Assigned) for event in tickets.history(tx, ticket.number)):
        return None
    said = messages.of_ticket(tx, ticket.number)
    people = candidates_of(tx, ticket.requester.address, room.book, now, lock=lock)
    found = placement_of(ticket, said[0].new_text if said else "", people, room.book, now)
    return found if found.taken_by is not None else None


def _with_reason(change: Reasoned) -> Reasoned:
    return replace(change, reason=f"nobody was available before; {change.reason}")
