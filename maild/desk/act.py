"""The same commands as by mail, from the command line: `maild ticket do TICK-1001 '#close'`."""

from dataclasses import dataclass

from maild.commands import COMMANDS, Outcome, Script, Visibility, read_script, run_script
from maild.commands.effects import OpenFor, OpenForMany
from maild.commands.script import Reasoned
from maild.desk.answering import by_answering, mentioned, with_canned
from maild.desk.beyond import beyond
from maild.desk.change import Act, carry_out
from maild.desk.doing import Doing, Told
from maild.desk.known import known_for
from maild.desk.leaks import cleaned_for_customer
from maild.desk.room import Room
from maild.errors import PermanentError
from maild.mail.model import Mailbox
from maild.records import replace
from maild.store import Tx, messages, tickets
from maild.store.messages import NewMessage
from maild.tickets.events import MessageFiled
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

VERBS = {Visibility.PUBLIC: Verb.ANSWER, Visibility.INTERNAL: Verb.NOTE, Visibility.SUPPLIER: Verb.SUPPLIER}
ONLY_BY_MAIL = "#for and #bulk are written in a mail to the desk"


class WrongLines(PermanentError):
    """The commands cannot be done; nothing was."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The ticket now, and what the desk told beyond it."""

    ticket: Ticket
    told: list[Told]


def act_on(room: Room, number: int, text: str, agent: Agent) -> Acted:
    """Runs a script (and files its words) on a ticket; all or nothing."""
    with room.store.begin() as tx:
        ticket = tickets.load(tx, number, lock=True)
        if ticket is None or not room.book.may_see(agent, ticket, room.clock()):
            raise PermanentError(f"there is no ticket {room.book.label(number)}")
        return _run(tx, room, ticket, read_script(text), agent)


def _run(tx: Tx, room: Room, ticket: Ticket, script: Script, agent: Agent) -> Acted:
    now = room.clock()
    known = known_for(tx, script, ticket, agent, room.book, now, lock=True)
    outcome = run_script(script, COMMANDS, ticket, agent, room.book.vocabulary(now, known, strong=True))
    if outcome.wrong:
        raise WrongLines("; ".join(f"{each.written}: {each.what} ({each.hint})" for each in outcome.wrong))
    if any(isinstance(each, OpenFor | OpenForMany) for each in outcome.effects):
        raise WrongLines(ONLY_BY_MAIL)
    outcome = replace(outcome, text=with_canned(outcome.text, ticket, agent, room.book))
    changes, new = _words(room, ticket, outcome, agent)
    # Message-IDs are made of the cause: another act on this ticket must have another one.
    after, cause = ticket, f"command line/{ticket.seq + 1}"
    if changes:
        act = Act(ticket.number, ticket, changes, f"agent:{agent.name}", cause, now, agent=agent)
        file = (lambda: (messages.insert(tx, room.blobs, ticket.number, new, None, None),)) if new else None
        after = carry_out(tx, room, act, file)
    told = beyond(tx, room, outcome.effects, (), outcome.asks, Doing(after, agent, cause, now, new))
    return Acted(tickets.load(tx, ticket.number) or after, told)


def _words(
    room: Room, ticket: Ticket, outcome: Outcome, agent: Agent
) -> tuple[tuple[Reasoned, ...], NewMessage | None]:
    if not outcome.text:
        return outcome.changes, None
    visibility = outcome.visibility or Visibility.PUBLIC
    outside = visibility is not Visibility.INTERNAL
    if not room.book.may(agent, VERBS[visibility]):
        raise WrongLines(f"the role {agent.role} of {agent.name} may not {VERBS[visibility].value}")
    text = cleaned_for_customer(outcome.text, room.book) if outside else outcome.text
    filed = MessageFiled(0, "out" if outside else "note", visibility.value, "normal", "agent", agent.name)
    by_itself = by_answering(ticket, outcome, room.book, agent, public=visibility is Visibility.PUBLIC)
    named = mentioned(ticket, outcome, room.book, agent) if not outside else []
    new = NewMessage(
        at=room.clock(),
        direction=filed.direction,
        visibility=visibility.value,
        kind="normal",
        author=Mailbox(agent.email, agent.title),
        to=(),
        cc=(),
        subject=ticket.subject,
        text=text,
        new_text=text,
        message_id=None,
        via="cli",
    )
    return (Reasoned(filed, ""), *by_itself, *outcome.changes, *named), new
