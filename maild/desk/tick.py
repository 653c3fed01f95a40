"""What time does: due timers, one transaction per ticket, each exactly once. The cost is that of what is due."""

from dataclasses import dataclass
from datetime import datetime

from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.digests import send_digests
from maild.desk.room import Room
from maild.store import tickets
from maild.tickets.timers import Timer, expire

BATCH = 100


@dataclass(frozen=True, slots=True)
class Ticked:
    """One timer that did something (or would)."""

    ticket: int
    kind: str
    due_at: datetime
    words: str


def tick(room: Room, now: datetime) -> list[Ticked]:
    """Runs everything that is due by `now`."""
    done: list[Ticked] = []
    while True:
        with room.store.read() as tx:
            due = tickets.due_timers(tx, now, BATCH)
        if not due:
            send_digests(room, now)
            return done
        done += filter(None, [_one(room, number, timer, now) for number, timer in due])
        room.mail_waits.set()


def would_tick(room: Room, now: datetime) -> list[Ticked]:
    """What `tick` would do first, without writing."""
    with room.store.read() as tx:
        due = tickets.due_timers(tx, now, 10_000)
        planned = []
        for number, timer in due:
            ticket = tickets.load(tx, number)
            if ticket is not None:
                changes, reason = expire(ticket, timer, room.book.workflow)
                planned.append(Ticked(number, timer.kind.value, timer.due_at, reason if changes else "nothing to do"))
        return planned


def _one(room: Room, number: int, timer: Timer, now: datetime) -> Ticked | None:
    with room.store.begin() as tx:
        ticket = tickets.load(tx, number, lock=True)
        if ticket is None or not tickets.take_timer(tx, number, timer):
            return None
        changes, reason = expire(ticket, timer, room.book.workflow)
        cause = f"timer:{number}/{timer.kind.value}/{timer.due_at.isoformat()}"
        if changes:
            act = Act(number, ticket, tuple(Reasoned(change, reason) for change in changes), "system:clock", cause, now)
            carry_out(tx, room, act)
        return Ticked(number, timer.kind.value, timer.due_at, reason)
