"""What commands do beyond their own ticket, in the same transaction as the mail that asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from maild.commands.effects import (
    Block,
    Choose,
    ComeBack,
    Destroy,
    Effect,
    GoAway,
    MergeInto,
    OpenFor,
    OpenForMany,
    Relate,
    SplitOff,
    TakeOut,
    TellLinked,
)
from maild.commands.reader import Row, Section
from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.decide_customer import standing
from maild.desk.decision import Letter
from maild.desk.handing_on import hand_on_urgent
from maild.desk.room import Room
from maild.errors import PermanentError
from maild.mail.alignment import ANYBODYS
from maild.mail.model import Mailbox
from maild.records import replace
from maild.store import Tx, agents, messages, tickets
from maild.store.agents import AgentState
from maild.store.messages import NewMessage
from maild.tickets.decide import on_public_answer, step
from maild.tickets.events import (
    Assigned,
    Change,
    FollowersChanged,
    Linked,
    Merged,
    MessageFiled,
    MessagesMoved,
    Opened,
    ParticipantJoined,
    ParticipantLeft,
    StatusChanged,
    Unlinked,
)
from maild.tickets.links import MERGED_FROM, SAME_TROUBLE, SPLIT_FROM, SPLIT_TO
from maild.tickets.people import Agent
from maild.tickets.ticket import Standing, Ticket
from maild.tickets.workflow import Phase

Told = tuple[str, Section]


@dataclass(frozen=True, slots=True)
class Doing:
    """Who asked, on which ticket, by what; `message` are his words, for linked tickets."""

    ticket: Ticket | None
    agent: Agent
    cause: str
    now: datetime
    message: NewMessage | None = None


def carry_out_effects(tx: Tx, room: Room, effects: tuple[Effect, ...], doing: Doing) -> list[Told]:
    """Does them in order; gives what the agent should be told beyond his own ticket."""
    return [told for effect in effects for told in _one(tx, room, effect, doing)]


def _one(tx: Tx, room: Room, effect: Effect, doing: Doing) -> list[Told]:
    match effect:
        case MergeInto() | TakeOut() | SplitOff() | Relate() | TellLinked() | Destroy():
            assert doing.ticket is not None, "these commands stand on a ticket"
            return _on_ticket(tx, room, effect, doing, doing.ticket)
        case Block(address):
            agents.block(tx, address, doing.agent.name, doing.now)
            return [("#block", Section(f"mails from {address} are kept out from now on"))]
        case GoAway(until):
            _keep(tx, doing, lambda state: replace(state, away=True, away_until=until))
            return hand_on_urgent(tx, room, doing.agent, until, doing.cause, doing.now)
        case ComeBack():
            _keep(tx, doing, lambda state: replace(state, away=False, away_until=None))
            return []
        case Choose(event, choice):
            _keep(tx, doing, lambda state: replace(state, choices=_chosen(state, event, choice)))
            return []
        case OpenFor(requester):
            return [_opened(doing.ticket, requester, room)] if doing.ticket else []
        case OpenForMany():
            return []  # the decision has made letters of it
        case other:
            assert_never(other)


def _opened(ticket: Ticket, requester: Mailbox, room: Room) -> Told:
    """Where the answers of the customer will come."""
    row = Row((room.book.label(ticket.number), ticket.subject, requester.address), ticket.number, ("show", "note"))
    return "#for", Section(f"{room.book.label(ticket.number)} is open, {requester.address} was written to", rows=(row,))


def _keep(tx: Tx, doing: Doing, change: Callable[[AgentState], AgentState]) -> None:
    name = doing.agent.name
    agents.keep_state(tx, name, change(agents.states(tx).get(name, AgentState())))


def _chosen(state: AgentState, event: str, choice: str) -> tuple[tuple[str, str], ...]:
    """A choice for all forgets the single ones before it."""
    kept = () if event == "*" else tuple(pair for pair in state.choices if pair[0] != event)
    return (*kept, (event, choice))


def _on_ticket(
    tx: Tx,
    room: Room,
    effect: MergeInto | TakeOut | SplitOff | Relate | TellLinked | Destroy,
    doing: Doing,
    ticket: Ticket,
) -> list[Told]:
    match effect:
        case MergeInto(number):
            return _merge(tx, room, doing, ticket, number)
        case TakeOut(number):
            return _take_out(tx, room, doing, ticket, number)
        case SplitOff():
            return _split(tx, room, doing, ticket, effect)
        case Relate(number, relation, gone):
            _relate(tx, room, doing, ticket, number, relation, gone=gone)
            return []
        case TellLinked(resolve):
            return _tell_linked(tx, room, doing, ticket, resolve=resolve)
        case Destroy():
            room.blobs.forget(tx, _destroyed(tx, ticket.number))
            return []
        case other:
            assert_never(other)


def _act(tx: Tx, room: Room, doing: Doing, ticket: Ticket, changes: list[Change], *, quiet: bool = True) -> Ticket:
    """One more ticket changes because of the same mail; `quiet`: nobody is told of it."""
    act = Act(
        ticket.number,
        ticket,
        tuple(Reasoned(change, "") for change in changes),
        f"agent:{doing.agent.name}",
        doing.cause,
        doing.now,
        agent=doing.agent,
        quiet=quiet,
    )
    return carry_out(tx, room, act)


def _locked(tx: Tx, room: Room, number: int) -> Ticket:
    found = tickets.load(tx, number, lock=True)
    if found is None:
        raise PermanentError(f"there is no ticket {room.book.label(number)}")
    return found


def _merge(tx: Tx, room: Room, doing: Doing, ticket: Ticket, number: int) -> list[Told]:
    """Messages and people go over; the history stays where it happened and is shown with the other's."""
    primary = _locked(tx, room, number)
    moved = messages.move_all(tx, ticket.number, number)
    if moved:
        _act(tx, room, doing, _locked(tx, room, ticket.number), [MessagesMoved(-moved, number)])
    people = [
        (ticket.requester, Standing.PARTICIPANT),
        *((each.mailbox, each.standing) for each in ticket.participants),
    ]
    changes: list[Change] = [Linked(MERGED_FROM, ticket.number)]
    changes += [MessagesMoved(moved, ticket.number)] if moved else []
    changes += [
        ParticipantJoined(box.address, box.name, _beside(box, standing_, primary))
        for box, standing_ in people
        if not primary.belongs(box.address) and not room.book.directory.is_ours(box.address)
    ]
    followers = tuple(dict.fromkeys((*primary.followers, *ticket.followers)))
    changes += [FollowersChanged(primary.followers, followers)] if followers != primary.followers else []
    _act(tx, room, doing, primary, changes)
    label = room.book.label
    return [("#merge", Section(f"{label(ticket.number)} is part of {label(number)} now; messages moved: {moved}"))]


def _beside(box: Mailbox, standing_: Standing, primary: Ticket) -> Standing:
    """People of another company than the requester's don't learn of each other by a merge."""
    here, there = (each.rpartition("@")[2] for each in (primary.requester.address, box.address))
    colleagues = here == there and here not in ANYBODYS
    return Standing.MERGED if standing_ is Standing.PARTICIPANT and not colleagues else standing_


def _take_out(tx: Tx, room: Room, doing: Doing, ticket: Ticket, number: int) -> list[Told]:
    """The inverse: whoever came with that ticket and wrote nothing since leaves with it."""
    other = _locked(tx, room, number)
    homes = [number, *(link.number for link in other.links if link.kind == MERGED_FROM)]
    moved = messages.move_home(tx, ticket.number, homes, number)
    still_here = messages.authors(tx, ticket.number)
    came = {other.requester.address, *(each.address for each in other.participants)}
    leave = [each for each in ticket.participants if each.address in came and each.address not in still_here]
    here: list[Change] = [Unlinked(MERGED_FROM, number)]
    here += [MessagesMoved(-moved, number)] if moved else []
    here += [ParticipantLeft(each.address, each.name, each.standing) for each in leave]
    _act(tx, room, doing, _locked(tx, room, ticket.number), here)
    active = room.book.workflow.in_phase(Phase.ACTIVE)
    there: list[Change] = [Merged(ticket.number, None)]
    there += [MessagesMoved(moved, ticket.number)] if moved else []
    there += step(other, active) if active else []
    _act(tx, room, doing, other, there)
    return [("#unmerge", Section(f"{room.book.label(number)} stands alone again; messages moved back: {moved}"))]


def _split(tx: Tx, room: Room, doing: Doing, ticket: Ticket, split: SplitOff) -> list[Told]:
    number = tickets.next_number(tx, room.book.first_number)
    if not messages.split_off(tx, split.message, ticket.number, number):
        raise PermanentError("the message is not on this ticket any more")
    start = room.book.workflow.first
    opened = Opened(
        subject=split.subject,
        requester=split.requester,
        status=start.name,
        phase=start.phase,
        priority=ticket.priority,
        inbox=ticket.inbox,
        category=ticket.category,
        language=ticket.language,
        teams=ticket.teams,
        answerable=ticket.answerable,
        **standing(split.requester.address, room.book),
    )
    filed = MessageFiled(split.message, "in", "public", "normal", "customer", split.requester.address)
    changes = (opened, filed, Linked(SPLIT_FROM, ticket.number))
    _open(tx, room, doing, number, changes)
    _act(tx, room, doing, _locked(tx, room, ticket.number), [MessagesMoved(-1, number), Linked(SPLIT_TO, number)])
    row = Row((room.book.label(number), split.subject, split.requester.address), number, ("show", "take"))
    return [("#split", Section(f"{room.book.label(number)} is a ticket of its own", rows=(row,)))]


def _open(tx: Tx, room: Room, doing: Doing, number: int, changes: tuple[Change, ...]) -> Ticket:
    act = Act(
        number,
        None,
        tuple(Reasoned(change, "") for change in changes),
        f"agent:{doing.agent.name}",
        doing.cause,
        doing.now,
        agent=doing.agent,
        author=None,
    )
    return carry_out(tx, room, act)


def _relate(tx: Tx, room: Room, doing: Doing, ticket: Ticket, number: int, relation: str, *, gone: bool) -> None:
    other = _locked(tx, room, number)
    there = any((each.kind, each.number) == (relation, ticket.number) for each in other.links)
    if there == gone:
        change = Unlinked(relation, ticket.number) if gone else Linked(relation, ticket.number)
        _act(tx, room, doing, other, [change])


def _tell_linked(tx: Tx, room: Room, doing: Doing, ticket: Ticket, *, resolve: bool) -> list[Told]:
    """Every ticket about the same trouble that is not closed and that the agent may see."""
    numbers = sorted({link.number for link in ticket.links if link.kind in SAME_TROUBLE})
    seen = [
        other for number in numbers if room.book.may_see(doing.agent, other := _locked(tx, room, number), doing.now)
    ]
    wanted = [other.number for other in seen if other.phase is not Phase.CLOSED and other.merged_into is None]
    return [_tell(tx, room, doing, number, resolve=resolve) for number in wanted]


def _tell(tx: Tx, room: Room, doing: Doing, number: int, *, resolve: bool) -> Told:
    """One linked ticket: its customer gets the words in a mail of his own, which names only his own ticket."""
    ticket = _locked(tx, room, number)
    label = room.book.label(number)
    resolved = room.book.workflow.in_phase(Phase.RESOLVED)
    changes: list[Change] = []
    words = doing.message if doing.message is not None and doing.message.new_text else None
    if words is not None:
        changes.append(MessageFiled(0, "out", "public", "normal", "agent", doing.agent.name))
        answered = on_public_answer(ticket, room.book.workflow, room.book.habits, doing.agent.name)
        changes += [each for each in answered if not (resolve and isinstance(each, StatusChanged))]
    if resolve and resolved and room.book.workflow.allows(ticket.status, resolved.name):
        changes += step(ticket, resolved)
    if not changes:
        return label, Section("nothing to do")
    act = Act(
        number,
        ticket,
        tuple(Reasoned(change, "told with the linked tickets") for change in changes),
        f"agent:{doing.agent.name}",
        doing.cause,
        doing.now,
        agent=doing.agent,
    )
    new = replace(words, to=(), cc=(), subject=ticket.subject) if words is not None else None
    file = (lambda: (messages.insert(tx, room.blobs, number, new, None, None),)) if new is not None else None
    after = carry_out(tx, room, act, file)
    what = "told and resolved" if words and resolve else ("told" if words else "resolved")
    return label, Section(f"{ticket.requester.address}: {what}, now {after.status}")


def _destroyed(tx: Tx, number: int) -> frozenset[str]:
    hashes = messages.contents_of(tx, number)
    messages.destroy(tx, number)
    return hashes


def open_letters(tx: Tx, room: Room, letters: tuple[Letter, ...], doing: Doing) -> list[Told]:
    """`#bulk`: one ticket a line, each begun by the same canned words and waiting for its customer."""
    rows = [_letter(tx, room, each, doing) for each in letters]
    if not rows:
        return []
    columns = ("number", "customer", "subject")
    return [
        ("#bulk", Section(f"{len(rows)} tickets opened, {len(rows)} mails written", columns=columns, rows=tuple(rows)))
    ]


def _letter(tx: Tx, room: Room, letter: Letter, doing: Doing) -> Row:
    book = room.book
    number = tickets.next_number(tx, book.first_number)
    start = book.workflow.in_phase(Phase.WAITING) or book.workflow.first
    opened = Opened(
        subject=letter.subject,
        requester=letter.requester,
        status=start.name,
        phase=start.phase,
        priority=book.default_priority,
        inbox=book.address,
        **standing(letter.requester.address, book),
    )
    filed = MessageFiled(0, "out", "public", "normal", "agent", doing.agent.name)
    changes = (opened, filed, Assigned(None, doing.agent.name))
    new = NewMessage(
        at=doing.now,
        direction="out",
        visibility="public",
        kind="normal",
        author=Mailbox(doing.agent.email, doing.agent.title),
        to=(letter.requester,),
        cc=(),
        subject=letter.subject,
        text=letter.text,
        new_text=letter.text,
        message_id=None,
        via="bulk",
    )
    act = Act(
        number,
        None,
        tuple(Reasoned(change, "") for change in changes),
        f"agent:{doing.agent.name}",
        f"{doing.cause}/{number}",
        doing.now,
        agent=doing.agent,
    )
    carry_out(tx, room, act, lambda: (messages.insert(tx, room.blobs, number, new, None, None),))
    return Row((book.label(number), str(letter.requester), letter.subject), number, ("show",))
