"""The same commands as by mail, from the command line: `maild ticket do TICK-1001 '#close'`."""

from maild.commands import COMMANDS, Outcome, Visibility, read_script, run_script
from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.leaks import cleaned_for_customer
from maild.desk.room import Room
from maild.errors import PermanentError
from maild.mail.model import Mailbox
from maild.store import messages, tickets
from maild.store.messages import NewMessage
from maild.tickets.decide import on_public_answer
from maild.tickets.events import Assigned, MessageFiled, StatusChanged
from maild.tickets.people import Agent
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
    text = cleaned_for_customer(outcome.text, room.book) if public else outcome.text
    filed = MessageFiled(0, "out" if public else "note", visibility.value, "normal", "agent", agent.name)
    commanded = {type(each.change) for each in outcome.changes}
    implied = on_public_answer(ticket, room.book.workflow, room.book.habits, agent.name) if public else []
    by_itself = [
        Reasoned(each, "answered")
        for each in implied
        if not (isinstance(each, StatusChanged | Assigned) and type(each) in commanded)
    ]
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
