"""One act on one ticket, written whole: message, events, row, timers and mails in the caller's transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from maild.commands.script import Reasoned
from maild.desk import webhooks
from maild.desk.clockwork import clocks_after, lapsed_before, numbered_with, told_by_steps
from maild.desk.notify import Occasion, write_notices
from maild.desk.reacting import (
    Letter,
    Texts,
    letter_of,
    may_leave,
    note_in_log,
    reaction_to,
    report,
    texts_of,
    told_by_rules,
)
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.desk.staffing import away_now
from maild.notices import Moment, Notice, notices_for
from maild.records import replace
from maild.rules import Reaction
from maild.store import Tx, agents, messages, tickets, timers
from maild.store.outbox import NewMail
from maild.tickets.events import Event, MessageFiled, Opened, numbered
from maild.tickets.fold import fold
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket
from maild.tickets.timers import running

ACKNOWLEDGEMENT = "acknowledgement"
ANSWERS = ("answer", "outreach", "supplier_message")


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what to which ticket, and because of what. `before` None opens ticket `number`.

    `ruled` is what a rule of time came to, whose changes these are: its wishes are fulfilled, too.
    """

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
    idle: bool = False
    mails: tuple[Notice, ...] = ()
    ruled: Reaction | None = None


def history_of(act: Act, filed: tuple[int, ...]) -> tuple[Event, ...]:
    """The act's events, numbered; `MessageFiled.message` is a place in `filed` and becomes that message's id; pure."""
    start = act.before.seq if act.before else 0
    events = []
    for each in act.changes:
        change = each.change
        if isinstance(change, MessageFiled) and filed:
            change = replace(change, message=filed[change.message])
        events.append(Event(act.now, each.actor or act.actor, change, each.reason, act.cause))
    return tuple(numbered(events, start))


def outcome_of(act: Act, filed: tuple[int, ...], book: Rulebook) -> tuple[tuple[Event, ...], Ticket]:
    """All events of an act and the ticket after them, but for rules that look at the words of a message; pure."""
    events, after, _ = outcome_with_rules(act, filed, book, tuple)
    return events, after


def outcome_with_rules(
    act: Act, filed: tuple[int, ...], book: Rulebook, texts: Texts
) -> tuple[tuple[Event, ...], Ticket, Reaction]:
    """What lapsed, what was done, what the admin's rules do about it, where the clocks stand then; pure."""
    events = history_of(replace(act, changes=(*lapsed_before(act.before, book, act.now), *act.changes)), filed)
    after = fold(act.number, act.before, events) if events else act.before
    assert after is not None, "a ticket begins with its opening"
    if act.ruled is not None:
        reaction = replace(act.ruled, ticket=after, events=())
    else:
        reaction = reaction_to(events, after, book, texts, act.now, quiet=act.quiet)
    events, after = (*events, *reaction.events), reaction.ticket
    moved = clocks_after(act.before, after, events, book, act.now)
    if moved is None:
        return events, after, reaction
    events = numbered_with((moved,), events, act.cause, act.now, after.seq)
    return events, fold(act.number, after, events[-1:]), reaction


def moment_of(
    act: Act, events: tuple[Event, ...], after: Ticket, book: Rulebook, away: frozenset[str] = frozenset()
) -> Moment:
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
        idle=act.idle,
        sees=lambda agent: book.may_see(agent, after, act.now),
        tells_sla=book.tells_sla,
        to_tell=told_by_steps(events, book),
        away=away,
    )


def carry_out(tx: Tx, room: Room, act: Act, file_messages: Callable[[], tuple[int, ...]] | None = None) -> Ticket:
    """Writes an act; `file_messages` files its messages first and gives their ids."""
    filed = file_messages() if file_messages else ()
    message = filed[0] if filed else None
    events, after, reaction = outcome_with_rules(act, filed, room.book, texts_of(tx, filed))
    if events:
        tickets.save(tx, act.before, after)
        tickets.append(tx, act.number, events)
    habits = room.book.habits
    were = running(act.before, habits) if act.before else ()
    timers.mirror(tx, act.number, were, running(after, habits))
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
    states = agents.states(tx)
    away = away_now(states, act.now) if act.before is None else frozenset()
    moment = moment_of(act, events, after, room.book, away)
    letter = _letter(tx, room, act, reaction, occasion)
    needless = {ACKNOWLEDGEMENT} if letter or after.spam else frozenset()
    notices = (*act.mails, *(each for each in notices_for(moment) if each.event not in needless))
    notices = (*notices, *told_by_rules(reaction, moment, notices))
    written = write_notices(tx, notices, occasion, room.book, states)
    _learn_answer_id(tx, message, written)
    note_in_log(reaction)
    report(tx, room, reaction.failed, occasion)
    webhooks.keep(tx, reaction, after, room.book, act.now)
    return _send(tx, room, act, after, letter) if letter else after


def _letter(tx: Tx, room: Room, act: Act, reaction: Reaction, occasion: Occasion) -> Letter | None:
    """A rule's automatic answer that may leave; to a mail only when it may be answered automatically at all."""
    by_stranger = act.agent is None and act.cause.startswith("inbound:")
    if occasion.ticket is None or (by_stranger and not act.may_answer):
        return None
    found = letter_of(reaction, occasion.ticket, room.book, act.now)
    return found if found and may_leave(tx, found, occasion, room.book) else None


def _send(tx: Tx, room: Room, act: Act, before: Ticket, letter: Letter) -> Ticket:
    """An act of its own: the mail that it answers and an agent's words keep their own ids."""
    cause = f"{act.cause}/{letter.actor}"
    own = Act(act.number, before, (letter.filed,), letter.actor, cause, act.now, mails=(letter.notice,))
    return carry_out(tx, room, own, lambda: (messages.insert(tx, room.blobs, act.number, letter.message, None, None),))


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
