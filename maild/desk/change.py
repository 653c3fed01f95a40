"""One act on one ticket, written whole: message, events, row, timers and mails in the caller's transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from maild.commands.script import Reasoned
from maild.desk.notify import Occasion, write_notices
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.notices import Moment, Notice, notices_for
from maild.store import Tx, messages, tickets
from maild.store.outbox import NewMail
from maild.tickets.events import Event, MessageFiled, Opened, numbered
from maild.tickets.fold import fold
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket
from maild.tickets.timers import running

ANSWERS = ("answer", "outreach", "supplier_message")


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what to which ticket, and because of what. `before` None opens ticket `number`."""

    number: int
    before: Ticket | None
    changes: tuple[Reasoned, ...]
    actor: str
    cause: str
    now: datetime
    agent: Agent | None = None
    author: str | None = None
    may_answer: bool = False
    quiet: bool = False
    late: bool = False
    already_sent: bool = False
    mails: tuple[Notice, ...] = ()


def history_of(act: Act, filed: tuple[int, ...]) -> tuple[Event, ...]:
    """The act's events, numbered; `MessageFiled.message` is a place in `filed` and becomes that message's id; pure."""
    start = act.before.seq if act.before else 0
    events = []
    for each in act.changes:
        change = each.change
        if isinstance(change, MessageFiled) and filed:
            change = replace(change, message=filed[change.message])
        events.append(Event(act.now, act.actor, change, each.reason, act.cause))
    return tuple(numbered(events, start))


def moment_of(act: Act, events: tuple[Event, ...], after: Ticket, book: Rulebook) -> Moment:
    """What the notices look at; pure."""
    return Moment(
        before=act.before,
        after=after,
        events=events,
        directory=book.directory,
        workflow=book.workflow,
        actor=act.agent,
        author=act.author,
        may_answer=act.may_answer,
        quiet=act.quiet,
        already_sent=act.already_sent,
        sees=lambda agent: book.may_see(agent, after, act.now),
    )


def carry_out(tx: Tx, room: Room, act: Act, file_messages: Callable[[], tuple[int, ...]] | None = None) -> Ticket:
    """Writes an act; `file_messages` files its messages first and gives their ids."""
    filed = file_messages() if file_messages else ()
    message = filed[0] if filed else None
    events = history_of(act, filed)
    after = fold(act.number, act.before, events)
    tickets.save(tx, act.before, after)
    tickets.append(tx, act.number, events)
    if act.before is None or act.before.phase is not after.phase or act.before.resolved_at != after.resolved_at:
        tickets.mirror_timers(tx, act.number, running(after, room.book.habits))
    occasion = Occasion(
        cause=act.cause,
        now=act.now,
        ticket=after,
        events=events,
        message=message,
        actor_title=_title(act, room),
        late=act.late,
        by_agent=act.agent is not None,
    )
    notices = (*act.mails, *notices_for(moment_of(act, events, after, room.book)))
    written = write_notices(tx, notices, occasion, room.book)
    _learn_answer_id(tx, message, written)
    return after


def _title(act: Act, room: Room) -> str:
    if act.agent:
        return act.agent.title
    opened = next((each.change for each in act.changes if isinstance(each.change, Opened)), None)
    person = opened.requester if opened else None
    return (person.name or person.address) if person else (act.author or "maild")


def _learn_answer_id(tx: Tx, message: int | None, written: list[NewMail]) -> None:
    """The customer knows an agent's answer by the id that it left with; the thread continues from there."""
    answer = next((mail for mail in written if mail.event in ANSWERS), None)
    if message is not None and answer is not None:
        messages.set_message_id(tx, message, answer.message_id)
