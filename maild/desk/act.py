"""The same commands as by mail, from the command line: `maild ticket do TICK-1001 '#close'`."""

from maild.commands import COMMANDS, Outcome, Visibility, read_script, run_script
from maild.commands.script import Reasoned
from maild.desk.answering import by_answering
from maild.desk.change import Act, carry_out
from maild.desk.leaks import cleaned_for_customer
from maild.desk.room import Room
from maild.errors import PermanentError
from maild.mail.model import Mailbox
from maild.store import messages, tickets
from maild.store.messages import NewMessage
from maild.tickets.events import MessageFiled
from maild.tickets.people import Agent
from maild.tickets.roles import Verb, may
from maild.tickets.ticket import Ticket


class WrongLines(PermanentError):
    """The commands cannot be done; nothing was."""


def act_on(room: Room, number: int, text: str, agent: Agent) -> Ticket:
    """Runs a script (and files its words) on a ticket; all or nothing."""
    now = room.clock()
    script = read_script(text)
    with room.store.begin() as tx:
        ticket = tickets.load(tx, number, lock=True)
        if ticket is None:
            raise PermanentError(f"there is no ticket {room.book.label(number)}")
        outcome = run_script(script, COMMANDS, ticket, agent, room.book.vocabulary, now)
        if outcome.wrong:
            raise WrongLines("; ".join(f"{each.written}: {each.what} ({each.hint})" for each in outcome.wrong))
        changes, new = _words(room, ticket, outcome, agent)
        if not changes:
            return ticket
        act = Act(number, ticket, changes, f"agent:{agent.name}", "command line", now, agent=agent)
        file = (lambda: (messages.insert(tx, room.blobs, number, new, None, None),)) if new else None
        return carry_out(tx, room, act, file)


def _words(
    room: Room, ticket: Ticket, outcome: Outcome, agent: Agent
) -> tuple[tuple[Reasoned, ...], NewMessage | None]:
    if not outcome.text:
        return outcome.changes, None
    visibility = outcome.visibility or Visibility.PUBLIC
    public = visibility is Visibility.PUBLIC
    needed = Verb.ANSWER if public else Verb.NOTE
    if not may(agent, needed):
        raise WrongLines(f"the role {agent.role} of {agent.name} may not {needed.value}")
    text = cleaned_for_customer(outcome.text, room.book) if public else outcome.text
    filed = MessageFiled(0, "out" if public else "note", visibility.value, "normal", "agent", agent.name)
    by_itself = by_answering(ticket, outcome, room.book, agent, public=public)
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
    return (Reasoned(filed, ""), *by_itself, *outcome.changes), new
