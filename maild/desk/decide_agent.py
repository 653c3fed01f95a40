"""A proven agent's mail on a ticket: commands, a note, or an answer to the customer (SPEC AG-1, AG-2)."""

import re
from datetime import datetime

from maild.commands import COMMANDS, Outcome, Script, Visibility, WrongLine, read_script, run_script
from maild.commands.effects import Relate
from maild.commands.script import Reasoned
from maild.desk.answering import by_answering, mentioned, misspelt_canned, with_canned, with_values
from maild.desk.decide_customer import message_of
from maild.desk.decision import Decision, Letter, mail_to_agent, shown_mail
from maild.desk.facts import Facts
from maild.desk.leaks import cleaned_for_customer, files_for_customer, leaked_file, leaked_note
from maild.desk.outreach import letters_of, opened_for
from maild.desk.rulebook import Rulebook
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail
from maild.mail.tokens import TokenKind
from maild.mail.trust import Trust
from maild.records import replace
from maild.tickets.events import Event, FollowersChanged, Linked, MessageFiled, Opened, Refused
from maild.tickets.fold import fold
from maild.tickets.links import OPENED, OPENED_FROM
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

FORWARD = re.compile(r"\s*(fwd?|wg|tr|rv|i|enc|vs|vb|doorst)\s*:", re.IGNORECASE)


def decide_agent(
    mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook, now: datetime, *, inbound: int, released: bool
) -> Decision:
    """Everything in the mail is right and happens, or nothing does and the agent gets his text back."""
    agent = facts.agent
    assert agent is not None
    script = read_script(mail.new_text)
    ticket = facts.match.ticket if facts.match else None
    if ticket is not None and not book.may_see(agent, ticket, now):
        return _unseen(script, agent, ticket, book, inbound)
    words = book.vocabulary(now, facts.known, strong=released or _is_strong(facts, book))
    opened = opened_for(script, mail, facts, book, words)
    base = fold(0, None, [Event(now, f"agent:{agent.name}", opened)]) if opened else ticket
    outcome = run_script(script, COMMANDS, base, agent, with_values(words, base, agent, book))
    letters, wrong = letters_of(outcome, script, mail, book, words, agent)
    wrong = outcome.wrong or wrong or misspelt_canned(script, book)
    if wrong:
        return _refused(script, wrong, agent, ticket, inbound)
    if base is None:
        return _desk_only(script, outcome, agent, letters)
    outcome = replace(outcome, text=with_canned(outcome.text, base, agent, book))
    visibility = outcome.visibility or (Visibility.PUBLIC if opened else _default_visibility(facts))
    # A logo in a signature is no answer; a file that somebody attached is.
    brought = any(not file.inline for file in mail.attachments)
    says_something = bool(outcome.text or brought) and not letters
    needed = VERBS[visibility]
    if says_something and not book.may(agent, needed):
        return _forbidden(script, agent, ticket, needed, inbound)
    if says_something and visibility is not Visibility.INTERNAL and not released:
        doubt = _doubt(mail, outcome.text, facts, book)
        if doubt:
            return _held(mail, agent, ticket, doubt, inbound)
    if opened and not says_something:
        written = next(line.written for line in script.lines if line.word == "for")
        line = WrongLine(written, "the words to the customer are missing", "write them below the line")
        return _refused(script, (line,), agent, ticket, inbound)
    done = _done(mail, envelope, facts, book, now, script, outcome, visibility, base, says_something=says_something)
    return _as_opening(done, opened, ticket) if opened else replace(done, letters=letters)


VERBS = {Visibility.PUBLIC: Verb.ANSWER, Visibility.INTERNAL: Verb.NOTE, Visibility.SUPPLIER: Verb.SUPPLIER}


def _is_strong(facts: Facts, book: Rulebook) -> bool:
    """A signed address may have been forwarded: it proves less than a login or a mail server's word (ID-3)."""
    return facts.trust.level is Trust.AUTHENTICATED or not book.agents_need_proof


def _desk_only(script: Script, outcome: Outcome, agent: Agent, letters: tuple[Letter, ...]) -> Decision:
    """Questions to the desk, and what an agent says of himself: no ticket is changed."""
    return Decision(
        "filed",
        "questions to the desk",
        actor=f"agent:{agent.name}",
        agent=agent,
        effects=outcome.effects,
        asks=outcome.asks,
        letters=letters,
        command_lines=tuple(line.written for line in script.lines),
        because=("commands to the desk itself",),
    )


def _unseen(script: Script, agent: Agent, ticket: Ticket, book: Rulebook, inbound: int) -> Decision:
    """For him the ticket does not exist; it remembers that he tried (A5)."""
    first = script.lines[0].written if script.lines else (script.text.splitlines() or ["(files)"])[0]
    wrong = (WrongLine(first, f"there is no ticket {book.label(ticket.number)}", "look it up with #list or #search"),)
    decided = _refused(script, wrong, agent, None, inbound)
    change = Reasoned(Refused(agent.name, "a ticket that his role does not see"), "")
    return replace(decided, state="filed", ticket=ticket, changes=(change,), actor=f"agent:{agent.name}")


def _as_opening(decision: Decision, opened: Opened, ticket: Ticket | None) -> Decision:
    """The words begin a ticket of their own; when they were an answer to another one, both know of each other."""
    links = [Reasoned(Linked(OPENED_FROM, ticket.number), "")] if ticket else []
    return replace(
        decision,
        reason="an agent opened a ticket for a customer",
        ticket=None,
        changes=(Reasoned(opened, ""), *decision.changes, *links),
        effects=(*decision.effects, *([Relate(ticket.number, OPENED)] if ticket else [])),
    )


def _default_visibility(facts: Facts) -> Visibility:
    """A reply to a note's notification is a note; whatever names a note's token first decides (AG-1, F1)."""
    kinds = {reference.token.kind for reference in facts.pointers.signed}
    if TokenKind.INTERNAL in kinds:
        return Visibility.INTERNAL
    return Visibility.SUPPLIER if TokenKind.SUPPLIER in kinds else Visibility.PUBLIC


def _doubt(mail: InboundMail, text: str, facts: Facts, book: Rulebook) -> str | None:
    """Why this should not leave without asking (AG-1, F2)."""
    if FORWARD.match(mail.subject):
        return "it looks like a forwarded notification"
    ticket = facts.match.ticket if facts.match else None
    known = {ticket.requester.address, *(each.address for each in ticket.participants)} if ticket else set()
    strangers = [box.address for box in book.directory.outsiders((*mail.to, *mail.cc)) if box.address not in known]
    if strangers:
        return f"it also went to {', '.join(strangers[:3])}, who is not on this ticket"
    file = leaked_file(mail.attachments)
    if file:
        return f"it carries a mail of ours as a file: {file}"
    leaked = leaked_note(text, facts.notes)
    if leaked and leaked in book.marker:
        return "it quotes our notification"
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
    ticket: Ticket,
    *,
    says_something: bool,
) -> Decision:
    agent, match = facts.agent, facts.match
    assert agent is not None
    because = match.because if match else "a mail to the desk"
    changes = list(outcome.changes)
    message = None
    if says_something:
        outside = visibility is not Visibility.INTERNAL
        text = cleaned_for_customer(outcome.text, book) if outside else outcome.text
        direction = "out" if outside else "note"
        filed = MessageFiled(0, direction, visibility.value, mail.kind.value, "agent", agent.name)
        public = visibility is Visibility.PUBLIC
        changes = [
            *(each for each in changes if isinstance(each.change, FollowersChanged)),
            # Whoever writes takes part, whatever list of followers a command of his has made.
            Reasoned(filed, ""),
            *by_answering(ticket, outcome, book, agent, public=public),
            *(each for each in changes if not isinstance(each.change, FollowersChanged)),
            *(mentioned(ticket, outcome, book, agent) if not outside else ()),
        ]
        message = message_of(mail, envelope, now, direction=direction, visibility=visibility.value)
        # A public answer leaves as a mail of ours: the id that his mail client gave it is nobody else's business (F4).
        if outside:
            files = files_for_customer(message.attachments)
            message = replace(message, message_id=None, attachments=files)
        message = replace(message, new_text=text)
    return Decision(
        "filed",
        because,
        ticket=match.ticket if match else None,
        changes=tuple(changes),
        message=message,
        visibility=visibility,
        actor=f"agent:{agent.name}",
        agent=agent,
        author=mail.author.address if mail.author else None,
        effects=outcome.effects,
        asks=outcome.asks,
        command_lines=tuple(line.written for line in script.lines),
        because=(because, _words(visibility, says_something=says_something)),
    )


def _words(visibility: Visibility, *, says_something: bool) -> str:
    if not says_something:
        return "commands only: no answer goes to the customer"
    return {
        Visibility.PUBLIC: "an answer to the customer",
        Visibility.INTERNAL: "an internal note",
        Visibility.SUPPLIER: "a mail to the supplier",
    }[visibility]


def _refused(
    script: Script, wrong: tuple[WrongLine, ...], agent: Agent, ticket: Ticket | None, inbound: int
) -> Decision:
    """Nothing happens, and the agent gets his text back with the wrong lines marked (AG-2)."""
    marked = {each.written: each for each in wrong}
    lines = [_given_back(line.written, marked.get(line.written)) for line in script.lines]
    lines += [_given_back(row, marked.get(row.strip())) for row in ["", *script.text.splitlines()]]
    notice = mail_to_agent("commands_refused", agent, TokenKind.NOTICE, {"lines": lines, "number": inbound})
    reason = "; ".join(f"{each.written}: {each.what}" for each in wrong)
    return Decision("ignored", reason, ticket=ticket, agent=agent, mails=(notice,), wrong=wrong, because=(reason,))


def _given_back(row: str, wrong: WrongLine | None) -> dict[str, object]:
    return {"text": row, "wrong": wrong is not None, "hint": _hint(wrong) if wrong else ""}


def _hint(wrong: WrongLine) -> str:
    return f"{wrong.what} – {wrong.hint}" if wrong.hint else wrong.what


def _forbidden(script: Script, agent: Agent, ticket: Ticket | None, needed: Verb, inbound: int) -> Decision:
    what = f"your role ({agent.role}) may not {needed.value}"
    first = script.text.splitlines()[0] if script.text else "(files)"
    wrong = (WrongLine(first, what, "ask an admin of this desk"),)
    decided = _refused(script, wrong, agent, ticket, inbound)
    if ticket is None:
        return decided
    change = Reasoned(Refused(agent.name, what), "")
    return replace(decided, state="filed", changes=(change,), actor=f"agent:{agent.name}")


def _shown(mail: InboundMail, doubt: str, inbound: int) -> dict[str, object]:
    return {"problem": f"{doubt[:1].upper()}{doubt[1:]}.", "number": inbound, "message": shown_mail(mail)}


def _held(mail: InboundMail, agent: Agent, ticket: Ticket | None, doubt: str, inbound: int) -> Decision:
    notice = mail_to_agent("held", agent, TokenKind.CONFIRM, _shown(mail, doubt, inbound))
    reason = f"an answer of {agent.name} is held: {doubt}"
    return Decision("held", reason, ticket=ticket, agent=agent, mails=(notice,), because=(reason,))
