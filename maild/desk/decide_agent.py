"""A proven agent's mail on a ticket: commands, a note, or an answer to the customer (SPEC AG-1, AG-2)."""

import re
from dataclasses import replace
from datetime import datetime

from maild.commands import COMMANDS, Visibility, read_script, run_script
from maild.commands.script import Outcome, Reasoned, Script, WrongLine
from maild.desk.answering import by_answering
from maild.desk.decide_customer import message_of
from maild.desk.decision import Decision, mail_to_agent, shown_mail
from maild.desk.facts import Facts
from maild.desk.leaks import cleaned_for_customer, leaked_note
from maild.desk.rulebook import Rulebook
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail
from maild.mail.tokens import TokenKind
from maild.tickets.events import MessageFiled, Refused
from maild.tickets.people import Agent
from maild.tickets.roles import Verb, may
from maild.tickets.ticket import Ticket

FORWARD = re.compile(r"\s*(fwd?|wg|tr|rv|i|enc|vs|vb|doorst)\s*:", re.IGNORECASE)


def decide_agent(
    mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook, now: datetime, *, inbound: int, released: bool
) -> Decision:
    """Everything in the mail is right and happens, or nothing does and the agent gets his text back."""
    agent = facts.agent
    assert agent is not None
    script = read_script(mail.new_text)
    if facts.match is None:
        wrong = (
            WrongLine(script.lines[0].written, "this mail belongs to no ticket", "answer one of its notifications"),
        )
        return _refused(script, wrong, agent, None, inbound)
    ticket = facts.match.ticket
    outcome = run_script(script, COMMANDS, ticket, agent, book.vocabulary, now)
    if outcome.wrong:
        return _refused(script, outcome.wrong, agent, ticket, inbound)
    visibility = outcome.visibility or _default_visibility(facts)
    says_something = bool(outcome.text or mail.attachments)
    needed = Verb.ANSWER if visibility is Visibility.PUBLIC else Verb.NOTE
    if says_something and not may(agent, needed):
        return _forbidden(script, agent, ticket, needed, inbound)
    if says_something and visibility is Visibility.PUBLIC and not released:
        doubt = _doubt(mail, outcome.text, facts, book)
        if doubt:
            return _held(mail, agent, doubt, inbound)
    return _done(mail, envelope, facts, book, now, script, outcome, visibility, says_something=says_something)


def _default_visibility(facts: Facts) -> Visibility:
    """A reply to a note's notification is a note; whatever names a note's token first decides (AG-1, F1)."""
    kinds = {reference.token.kind for reference in facts.pointers.signed}
    return Visibility.INTERNAL if TokenKind.INTERNAL in kinds else Visibility.PUBLIC


def _doubt(mail: InboundMail, text: str, facts: Facts, book: Rulebook) -> str | None:
    """Why this should not go to the customer without asking (AG-1, F2)."""
    if FORWARD.match(mail.subject):
        return "it looks like a forwarded notification"
    assert facts.match is not None
    ticket = facts.match.ticket
    known = {ticket.requester.address, *(each.address for each in ticket.participants)}
    strangers = [box.address for box in book.directory.outsiders((*mail.to, *mail.cc)) if box.address not in known]
    if strangers:
        return f"it also went to {', '.join(strangers[:3])}, who is not on this ticket"
    leaked = leaked_note(text, facts.notes)
    return f"it repeats words of an internal note: “{leaked}…”" if leaked else None


def _done(
    mail: InboundMail,
    envelope: Envelope,
    facts: Facts,
    book: Rulebook,
    now: datetime,
    script: Script,
    outcome: Outcome,
    visibility: Visibility,
    *,
    says_something: bool,
) -> Decision:
    agent, match = facts.agent, facts.match
    assert agent is not None and match is not None
    changes = list(outcome.changes)
    message = None
    if says_something:
        public = visibility is Visibility.PUBLIC
        text = cleaned_for_customer(outcome.text, book) if public else outcome.text
        direction = "out" if public else "note"
        filed = MessageFiled(0, direction, visibility.value, mail.kind.value, "agent", agent.name)
        changes = [Reasoned(filed, ""), *by_answering(match.ticket, outcome, book, agent, public=public), *changes]
        message = message_of(mail, envelope, now, direction=direction, visibility=visibility.value)
        # A public answer leaves as a mail of ours: the id that his mail client gave it is nobody else's business (F4).
        message = replace(message, new_text=text, message_id=None if public else message.message_id)
    return Decision(
        "filed",
        match.because,
        ticket=match.ticket,
        changes=tuple(changes),
        message=message,
        visibility=visibility,
        actor=f"agent:{agent.name}",
        agent=agent,
        author=mail.author.address if mail.author else None,
        command_lines=tuple(line.written for line in script.lines),
        because=(match.because, _words(visibility, says_something=says_something)),
    )


def _words(visibility: Visibility, *, says_something: bool) -> str:
    if not says_something:
        return "commands only: no answer goes to the customer"
    return "an answer to the customer" if visibility is Visibility.PUBLIC else "an internal note"


def _refused(
    script: Script, wrong: tuple[WrongLine, ...], agent: Agent, ticket: Ticket | None, inbound: int
) -> Decision:
    """Nothing happens, and the agent gets his text back with the wrong lines marked (AG-2)."""
    marked = {each.written: each for each in wrong}
    lines: list[dict[str, object]] = [
        {
            "text": line.written,
            "wrong": line.written in marked,
            "hint": _hint(marked[line.written]) if line.written in marked else "",
        }
        for line in script.lines
    ]
    lines += [{"text": row, "wrong": False, "hint": ""} for row in ["", *script.text.splitlines()]]
    notice = mail_to_agent("commands_refused", agent, TokenKind.NOTICE, {"lines": lines, "number": inbound})
    reason = "; ".join(f"{each.written}: {each.what}" for each in wrong)
    return Decision("ignored", reason, ticket=ticket, agent=agent, mails=(notice,), wrong=wrong, because=(reason,))


def _hint(wrong: WrongLine) -> str:
    return f"{wrong.what} – {wrong.hint}" if wrong.hint else wrong.what


def _forbidden(script: Script, agent: Agent, ticket: Ticket, needed: Verb, inbound: int) -> Decision:
    what = f"your role ({agent.role}) may not {needed.value}"
    first = script.text.splitlines()[0] if script.text else "(files)"
    wrong = (WrongLine(first, what, "ask an admin of this desk"),)
    decided = _refused(Script((), script.text), wrong, agent, ticket, inbound)
    change = Reasoned(Refused(agent.name, what), "")
    return replace(decided, state="filed", changes=(change,), actor=f"agent:{agent.name}")


def _shown(mail: InboundMail, doubt: str, inbound: int) -> dict[str, object]:
    return {"problem": f"{doubt[:1].upper()}{doubt[1:]}.", "number": inbound, "message": shown_mail(mail)}


def _held(mail: InboundMail, agent: Agent, doubt: str, inbound: int) -> Decision:
    notice = mail_to_agent("held", agent, TokenKind.CONFIRM, _shown(mail, doubt, inbound))
    reason = f"an answer of {agent.name} is held: {doubt}"
    return Decision("held", reason, agent=agent, mails=(notice,), because=(reason,))
