"""An agent hands a customer's mail over by forwarding it, or lets the desk read along as he writes (SPEC UN-5)."""

from datetime import datetime

from maild.assignment import place
from maild.commands.script import Reasoned
from maild.desk.decide_customer import NO_SUBJECT, message_of
from maild.desk.decision import Decision
from maild.desk.facts import Facts
from maild.desk.leaks import cleaned_for_customer
from maild.desk.placing import placement
from maild.desk.rulebook import Rulebook
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail, Mailbox
from maild.records import replace
from maild.rules import Setting, keyword_setting
from maild.store.messages import NewMessage
from maild.tickets.events import Assigned, Change, MessageFiled, Opened, ParticipantJoined
from maild.tickets.ticket import Standing
from maild.tickets.workflow import Phase


def hands_over(mail: InboundMail, facts: Facts) -> bool:
    """A forward that points at a ticket by nothing of ours: not one of our own notifications (AG-1)."""
    return mail.forwarded is not None and not facts.pointers.signed


def writes_to_customer(mail: InboundMail, facts: Facts, book: Rulebook) -> bool:
    """To somebody outside, with the desk on Cc or Bcc only, and about no ticket yet."""
    desk_in_to = any(book.directory.is_ours(box.address) for box in mail.to)
    return facts.match is None and not desk_in_to and bool(book.directory.outsiders(mail.to))


def decide_handed_over(mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook, now: datetime) -> Decision:
    """The ticket is the original sender's; the agent's own words are a note. A known mail joins its ticket."""
    original, agent = mail.forwarded, facts.agent
    assert original is not None and agent is not None
    note = _note(mail, envelope, now, original.words) if original.words.strip() else None
    filed = MessageFiled(0, "in", "public", mail.kind.value, "customer", original.author.address)
    noted = MessageFiled(1, "note", "internal", mail.kind.value, "agent", agent.name)
    if facts.match is not None:
        words = _note(mail, envelope, now, original.words or original.text)
        return Decision(
            "filed",
            facts.match.because,
            ticket=facts.match.ticket,
            changes=(Reasoned(replace(noted, message=0), "forwarded"),),
            message=words,
            actor=f"agent:{agent.name}",
            agent=agent,
            because=(facts.match.because, "the forwarded mail is known: a note on its ticket"),
        )
    setting = keyword_setting(book.keywords, original.subject, original.text)
    opened = _opened(original.author, original.subject, facts, book, setting, mail.language)
    changes: list[Change] = [opened, filed, *([noted] if note else [])]
    message = replace(
        message_of(mail, envelope, now, direction="in", visibility="public"),
        author=original.author,
        subject=original.subject,
        text=original.text,
        new_text=original.text,
        message_id=original.message_id,
    )
    placed = placement(changes, original.text, facts.candidates, book, now)
    reason = "; ".join([f"forwarded by {agent.name}", *placed.in_vain])
    return Decision(
        "filed",
        "a new ticket for the sender of a forwarded mail",
        changes=(*(Reasoned(change, reason if change is opened else "") for change in changes), *placed.changes),
        message=message,
        note=note,
        actor=f"agent:{agent.name}",
        agent=agent,
        taken_by=placed.taken_by,
        because=(f"{agent.name} forwarded a mail of {original.author.address}", *placed.because),
    )


def decide_outreach(mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook, now: datetime) -> Decision:
    """The customer's ticket begins with the agent's words, which his own mail client has sent already."""
    agent = facts.agent
    assert agent is not None
    outside = book.directory.outsiders((*mail.to, *mail.cc))
    opened = _opened(outside[0], mail.subject, facts, book, Setting(), mail.language)
    waiting = book.workflow.in_phase(Phase.WAITING) or book.workflow.first
    opened = replace(opened, status=waiting.name, phase=waiting.phase)
    joins: list[Change] = [
        ParticipantJoined(box.address, box.name, Standing.PARTICIPANT) for box in outside[1 : book.most_participants]
    ]
    filed = MessageFiled(0, "out", "public", mail.kind.value, "agent", agent.name)
    changes: list[Change] = [opened, *joins, filed, Assigned(None, agent.name)]
    message = message_of(mail, envelope, now, direction="out", visibility="public")
    return Decision(
        "filed",
        "an agent wrote to a customer and let the desk read along",
        changes=tuple(Reasoned(change, "") for change in changes),
        message=replace(message, new_text=cleaned_for_customer(mail.new_text, book)),
        already_sent=True,
        actor=f"agent:{agent.name}",
        agent=agent,
        because=(f"{agent.name} wrote to {outside[0].address} with the desk on Cc or Bcc",),
    )


def _opened(
    requester: Mailbox, subject: str, facts: Facts, book: Rulebook, setting: Setting, language: str | None
) -> Opened:
    return Opened(
        subject=subject or NO_SUBJECT,
        requester=requester,
        status=book.workflow.first.name,
        phase=book.workflow.first.phase,
        priority=setting.priority or facts.inbox.priority or book.default_priority,
        inbox=facts.inbox_address,
        category=setting.category or facts.inbox.category,
        language=facts.inbox.language or language,
        teams=(setting.team,) if setting.team else place(facts.inbox, book.directory).teams,
    )


def _note(mail: InboundMail, envelope: Envelope, now: datetime, text: str) -> NewMessage:
    note = message_of(mail, envelope, now, direction="note", visibility="internal")
    return replace(note, text=text, new_text=text, attachments=())
