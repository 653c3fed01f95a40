"""Rules that time sets off: those that are due find their tickets, and each ticket is one transaction (SPEC RU-1).

What a rule would not change is left alone, so that a repeated or interrupted run does nothing twice; and on one ticket
a rule acts at most once a day.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from maild.clock import rfc3339
from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.notify import Occasion
from maild.desk.reacting import report, scene_of
from maild.desk.room import Room
from maild.errors import PermanentError
from maild.rules.engine import Failed, Reaction, Rule, run
from maild.rules.schedule import Every, is_due
from maild.store import Tx, find, meta, tickets
from maild.tickets.events import Event
from maild.tickets.query import both, parse_query
from maild.tickets.ticket import Ticket

BATCH = 200
RAN = "rule-ran:"


def run_due_rules(room: Room, now: datetime) -> list[tuple[int, str, str]]:
    """Every rule of time that is due; gives (ticket, rule, what it did)."""
    done: list[tuple[int, str, str]] = []
    timed = [rule for rule in room.book.rules if rule.every is not None]
    for rule in timed:
        if _take(room, rule, now):
            done += _guarded(room, rule, now)
    return done


def foreseen_rules(room: Room, until: datetime) -> list[tuple[int, str, str]]:
    """What the rules of time would do until then to the tickets as they are now, each rule once; writes nothing."""
    done: list[tuple[int, str, str]] = []
    for rule in room.book.rules:
        if rule.every is not None and _would_be_due(room, rule, rule.every, until):
            done += [(ticket.number, rule.name, words) for ticket, words in _would_run(room, rule, until)]
    return done


def _would_be_due(room: Room, rule: Rule, every: Every, until: datetime) -> bool:
    """One that was never seen before is taken by the next tick, as if it had run then."""
    last, zone = _last(room, rule), _zone(room)
    return is_due(every, last, until, zone) or (last is None and is_due(every, room.clock(), until, zone))


def _would_run(room: Room, rule: Rule, now: datetime) -> Iterator[tuple[Ticket, str]]:
    for ticket in _found(room, rule, now):
        reaction = _tried(room, rule, ticket, now)
        if _acts(reaction) and not _did_today(room, rule, ticket.number, now):
            yield ticket, "; ".join(reaction.log)


def _did_today(room: Room, rule: Rule, number: int, now: datetime) -> bool:
    with room.store.read() as tx:
        return _acted_today(tx, room, rule, number, now)


def _last(room: Room, rule: Rule) -> datetime | None:
    """When it was taken last."""
    with room.store.read() as tx:
        text = meta.get(tx, f"{RAN}{rule.name}")
    return datetime.fromisoformat(text) if text else None


def _zone(room: Room) -> ZoneInfo:
    return ZoneInfo(room.book.timezone)


def _take(room: Room, rule: Rule, now: datetime) -> bool:
    """True when the rule must run now. One that was never seen before waits for its time of the day."""
    assert rule.every is not None
    key = f"{RAN}{rule.name}"
    last = _last(room, rule)
    due = is_due(rule.every, last, now, _zone(room))
    if due or last is None:
        with room.store.begin() as tx:
            meta.forget(tx, key)
            meta.set_once(tx, key, rfc3339(now) or "")
    return due


def _guarded(room: Room, rule: Rule, now: datetime) -> list[tuple[int, str, str]]:
    """A query that means nothing any more ends this rule's run, not the tick."""
    try:
        return list(_run(room, rule, now))
    except PermanentError as error:
        with room.store.begin() as tx:
            occasion = Occasion(cause=_cause(rule, now), now=now, ticket=None)
            report(tx, room, (Failed(rule.name, str(error)),), occasion)
        return []


def _run(room: Room, rule: Rule, now: datetime) -> Iterator[tuple[int, str, str]]:
    for ticket in _found(room, rule, now):
        # Most tickets need nothing: only for the others a transaction is worth its flush.
        if _acts(_tried(room, rule, ticket, now)):
            words = _one(room, rule, ticket.number, now)
            yield from [(ticket.number, rule.name, words)] if words else []


def _found(room: Room, rule: Rule, now: datetime) -> Iterator[Ticket]:
    last = 0
    while found := _batch(room, rule, now, last):
        yield from found
        last = found[-1].number
        if rule.when.limit is not None:
            break


def _batch(room: Room, rule: Rule, now: datetime, last: int) -> list[Ticket]:
    """The next tickets by number; a query with an order and a limit means its own first ones."""
    more = "" if rule.when.limit is not None else f"number:>{last} sort:number"
    with room.store.read() as tx:
        return find.find(tx, both(rule.when, parse_query(more)), room.book.setting(now), BATCH)


def _tried(room: Room, rule: Rule, ticket: Ticket, now: datetime) -> Reaction:
    return run(rule, ticket, scene_of(room.book, now), _cause(rule, now))


def _acts(reaction: Reaction) -> bool:
    return bool(reaction.events or reaction.wishes)


def _one(room: Room, rule: Rule, number: int, now: datetime) -> str | None:
    """What the rule did to a ticket that it still finds; None when nothing."""
    with room.store.begin() as tx:
        ticket = tickets.load(tx, number, lock=True)
        if ticket is None or not _still_found(tx, room, rule, number, now) or _acted_today(tx, room, rule, number, now):
            return None
        reaction = _tried(room, rule, ticket, now)
        if not _acts(reaction):
            return None
        changes = tuple(Reasoned(event.change, event.reason, event.actor) for event in reaction.events)
        act = Act(number, ticket, changes, rule.actor, _cause(rule, now), now, ruled=reaction)
        carry_out(tx, room, act)
    return "; ".join(reaction.log)


def _still_found(tx: Tx, room: Room, rule: Rule, number: int, now: datetime) -> bool:
    query = both(rule.when, parse_query(f"number:{number}"))
    return bool(find.find(tx, query, room.book.setting(now), 1))


def _acted_today(tx: Tx, room: Room, rule: Rule, number: int, now: datetime) -> bool:
    zone = ZoneInfo(room.book.timezone)
    today = now.astimezone(zone).date()

    def is_same(event: Event) -> bool:
        return event.actor == rule.actor and event.at.astimezone(zone).date() == today

    return any(map(is_same, tickets.history(tx, number)))


def _cause(rule: Rule, now: datetime) -> str:
    return f"{rule.actor}/{rfc3339(now)}"
