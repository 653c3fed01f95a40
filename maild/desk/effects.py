"""What commands do beyond their own ticket, in the same transaction as the mail that asked for it."""

from collections.abc import Callable
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
from maild.desk.change import carry_out
from maild.desk.decide_customer import standing
from maild.desk.decision import Letter
from maild.desk.doing import Doing, Told, act_of, change_also, locked
from maild.desk.handing_on import hand_on_urgent
from maild.desk.merging import merge, split, take_out
from maild.desk.room import Room
from maild.mail.model import Mailbox
from maild.records import replace
from maild.store import Tx, agents, messages, tickets
from maild.store.agents import AgentState
from maild.store.messages import NewMessage
from maild.tickets.decide import on_public_answer, step
from maild.tickets.events import (
    Assigned,
    Change,
    Linked,
    MessageFiled,
    Opened,
    StatusChanged,
    Unlinked,
)
from maild.tickets.links import SAME_TROUBLE
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase


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
            return merge(tx, room, doing, ticket, number)
        case TakeOut(number):
            return take_out(tx, room, doing, ticket, number)
        case SplitOff():
            return split(tx, room, doing, ticket, effect)
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


def _relate(tx: Tx, room: Room, doing: Doing, ticket: Ticket, number: int, relation: str, *, gone: bool) -> None:
    other = locked(tx, room, number)
    there = any((each.kind, each.number) == (relation, ticket.number) for each in other.links)
    if there == gone:
        change = Unlinked(relation, ticket.number) if gone else Linked(relation, ticket.number)
        change_also(tx, room, doing, other, [change])


def _tell_linked(tx: Tx, room: Room, doing: Doing, ticket: Ticket, *, resolve: bool) -> list[Told]:
    """Every ticket about the same trouble that is not closed and that the agent may see."""
    numbers = sorted({link.number for link in ticket.links if link.kind in SAME_TROUBLE})
    seen = [other for number in numbers if room.book.may_see(doing.agent, other := locked(tx, room, number), doing.now)]
    wanted = [other.number for other in seen if other.phase is not Phase.CLOSED and other.merged_into is None]
    return [_tell(tx, room, doing, number, resolve=resolve) for number in wanted]


def _tell(tx: Tx, room: Room, doing: Doing, number: int, *, resolve: bool) -> Told:
    """One linked ticket: its customer gets the words in a mail of his own, which names only his own ticket."""
    ticket = locked(tx, room, number)
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
    act = act_of(doing, number, ticket, changes, reason="told with the linked tickets")
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
    act = act_of(doing, number, None, changes, cause=f"{doing.cause}/{number}")
    carry_out(tx, room, act, lambda: (messages.insert(tx, room.blobs, number, new, None, None),))
    return Row((book.label(number), str(letter.requester), letter.subject), number, ("show",))
