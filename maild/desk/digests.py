"""Notices that agents want to be told together: one mail when it is time (SPEC OUT-5)."""

from datetime import datetime

from maild.desk.card import local_time
from maild.desk.decision import mail_to_agent
from maild.desk.links import ActionLinks, actions_on
from maild.desk.notify import Occasion, write_notices
from maild.desk.room import Room
from maild.mail.tokens import TokenKind
from maild.store import Tx, agents, tickets
from maild.store.agents import Waiting
from maild.tickets.people import Agent


def send_digests(room: Room, now: datetime) -> int:
    """Every digest that is due, each with its rows in one transaction; gives how many mails were written."""
    with room.store.read() as tx:
        due = agents.due_digests(tx, now)
    written = 0
    for name in due:
        with room.store.begin() as tx:
            taken = agents.take_digest(tx, name, now)
            agent = room.book.directory.agent_named(name)
            if taken and agent is not None:
                _write(tx, room, agent, taken, now)
                written += 1
    if written:
        room.mail_waits.set()
    return written


def _write(tx: Tx, room: Room, agent: Agent, taken: list[Waiting], now: datetime) -> None:
    items = [item for each in taken if (item := _item(tx, room, agent, each, now)) is not None]
    if not items:
        return
    notice = mail_to_agent("digest", agent, TokenKind.NOTICE, {"items": items})
    cause = f"digest:{agent.name}/{taken[0].id}-{taken[-1].id}"
    write_notices(tx, [notice], Occasion(cause=cause, now=now, ticket=None), room.book)


def _item(tx: Tx, room: Room, agent: Agent, waiting: Waiting, now: datetime) -> dict[str, object] | None:
    """A ticket that he may no longer see is no longer told."""
    book, ticket = room.book, tickets.load(tx, waiting.ticket)
    if ticket is None or not book.may_see(agent, ticket, now):
        return None
    links = ActionLinks(book, agent.email, ticket.inbox, now)
    return {
        "number": book.label(ticket.number),
        "subject": ticket.subject,
        "words": waiting.words,
        "at": local_time(waiting.at, book.timezone),
        "actor": waiting.actor,
        "actions": links.of(ticket.number, ("show", *actions_on(ticket, agent.name)), in_text=1),
    }
