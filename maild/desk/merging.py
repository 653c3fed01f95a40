"""`#merge`, `#unmerge`, `#split`: messages and people move, each ticket's history stays where it happened."""

from maild.commands.effects import SplitOff
from maild.commands.reader import Row, Section
from maild.desk.change import carry_out
from maild.desk.decide_customer import standing
from maild.desk.doing import Doing, Told, act_of, change_also, locked
from maild.desk.room import Room
from maild.errors import PermanentError
from maild.mail.alignment import ANYBODYS
from maild.mail.model import Mailbox
from maild.store import Tx, messages, tickets
from maild.tickets.decide import step
from maild.tickets.events import (
    Change,
    FollowersChanged,
    Linked,
    Merged,
    MessageFiled,
    MessagesMoved,
    Opened,
    ParticipantJoined,
    ParticipantLeft,
    Unlinked,
)
from maild.tickets.links import MERGED_FROM, SPLIT_FROM, SPLIT_TO
from maild.tickets.ticket import Standing, Ticket
from maild.tickets.workflow import Phase


def merge(tx: Tx, room: Room, doing: Doing, ticket: Ticket, number: int) -> list[Told]:
    """Messages and people go over; the history stays where it happened and is shown with the other's."""
    primary = locked(tx, room, number)
    moved = messages.move_all(tx, ticket.number, number)
    if moved:
        change_also(tx, room, doing, locked(tx, room, ticket.number), [MessagesMoved(-moved, number)])
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
    change_also(tx, room, doing, primary, changes)
    label = room.book.label
    return [("#merge", Section(f"{label(ticket.number)} is part of {label(number)} now; messages moved: {moved}"))]


def _beside(box: Mailbox, standing_: Standing, primary: Ticket) -> Standing:
    """People of another company than the requester's don't learn of each other by a merge."""
    here, there = (each.rpartition("@")[2] for each in (primary.requester.address, box.address))
    colleagues = here == there and here not in ANYBODYS
    return Standing.MERGED if standing_ is Standing.PARTICIPANT and not colleagues else standing_


def take_out(tx: Tx, room: Room, doing: Doing, ticket: Ticket, number: int) -> list[Told]:
    """The inverse: whoever came with that ticket and wrote nothing since leaves with it."""
    other = locked(tx, room, number)
    homes = [number, *(link.number for link in other.links if link.kind == MERGED_FROM)]
    moved = messages.move_home(tx, ticket.number, homes, number)
    still_here = messages.authors(tx, ticket.number)
    came = {other.requester.address, *(each.address for each in other.participants)}
    leave = [each for each in ticket.participants if each.address in came and each.address not in still_here]
    here: list[Change] = [Unlinked(MERGED_FROM, number)]
    here += [MessagesMoved(-moved, number)] if moved else []
    here += [ParticipantLeft(each.address, each.name, each.standing) for each in leave]
    change_also(tx, room, doing, locked(tx, room, ticket.number), here)
    active = room.book.workflow.in_phase(Phase.ACTIVE)
    there: list[Change] = [Merged(ticket.number, None)]
    there += [MessagesMoved(moved, ticket.number)] if moved else []
    there += step(other, active) if active else []
    change_also(tx, room, doing, other, there)
    return [("#unmerge", Section(f"{room.book.label(number)} stands alone again; messages moved back: {moved}"))]


def split(tx: Tx, room: Room, doing: Doing, ticket: Ticket, wish: SplitOff) -> list[Told]:
    """One message becomes a ticket of its own, of whoever wrote it."""
    number = tickets.next_number(tx, room.book.first_number)
    if not messages.split_off(tx, wish.message, ticket.number, number):
        raise PermanentError("the message is not on this ticket any more")
    start = room.book.workflow.first
    opened = Opened(
        subject=wish.subject,
        requester=wish.requester,
        status=start.name,
        phase=start.phase,
        priority=ticket.priority,
        inbox=ticket.inbox,
        category=ticket.category,
        language=ticket.language,
        teams=ticket.teams,
        answerable=ticket.answerable,
        **standing(wish.requester.address, room.book),
    )
    filed = MessageFiled(wish.message, "in", "public", "normal", "customer", wish.requester.address)
    changes = (opened, filed, Linked(SPLIT_FROM, ticket.number))
    carry_out(tx, room, act_of(doing, number, None, changes))
    change_also(tx, room, doing, locked(tx, room, ticket.number), [MessagesMoved(-1, number), Linked(SPLIT_TO, number)])
    row = Row((room.book.label(number), wish.subject, wish.requester.address), number, ("show", "take"))
    return [("#split", Section(f"{room.book.label(number)} is a ticket of its own", rows=(row,)))]
