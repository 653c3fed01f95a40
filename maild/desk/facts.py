"""What the store knows about a mail before anything is decided: who, which ticket, seen before, how often."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from maild.assignment import Candidate
from maild.commands import Known, read_script
from maild.desk.known import known_for
from maild.desk.match import Match, alert_match, find_match
from maild.desk.references import Pointers, pointers
from maild.desk.rulebook import Rulebook
from maild.desk.staffing import candidates_of
from maild.ids import derived_id
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail, Kind, Mailbox
from maild.mail.tokens import TokenKind, plus_part
from maild.mail.trust import Trust, Trusted, weigh
from maild.records import replace
from maild.rules import Raised, as_the_customer, raised, without_list_marks
from maild.store import Tx, agents, inbound, messages, outbox, sent, tickets
from maild.tickets.decide import needs_follow_up
from maild.tickets.people import Agent, Inbox, OnlyCc
from maild.tickets.workflow import Phase

LIKENESS_LOOKS_AT = 4000


@dataclass(frozen=True, slots=True)
class Facts:
    """All that deciding needs from the store, as values."""

    identity: str
    pointers: Pointers
    inbox: Inbox
    inbox_address: str
    agent: Agent | None
    trust: Trusted
    match: Match | None = None
    passed_over: tuple[str, ...] = ()
    other_inboxes: tuple[str, ...] = ()
    duplicate_of: int | None = None
    duplicate_ticket: int | None = None
    is_own: bool = False
    only_cc: OnlyCc = OnlyCc.TICKET
    unreachable: bool = False
    automatic_hour: int = 0
    automatic_day: int = 0
    tickets_hour: int = 0
    reopens_day: int = 0
    same_text_hour: int = 0
    likeness: str = ""
    alert: Raised | None = None
    asked_lately: int = 0
    confirms: int | None = None
    bounced_row: int | None = None
    bounced_recipient: str | None = None
    sent_to: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    known: Known = field(default_factory=Known)
    blocked_by: str | None = None
    candidates: tuple[Candidate, ...] = ()  # who could get the ticket that this mail opens


def identity(mail: InboundMail, envelope: Envelope) -> str:
    """One key for one mail by whatever way it comes (RELIABILITY 1.4)."""
    if mail.message_id:
        return derived_id("id", mail.message_id, mail.digest)
    minute = "" if mail.date else envelope.received_at.strftime("%Y-%m-%dT%H:%M")
    return derived_id("none", mail.digest, envelope.mail_from or "", minute)


def likeness(mail: InboundMail) -> str:
    """Who says what: the same for a robot's mails that differ in ids, dates and tokens only (RELIABILITY B1)."""
    author = mail.author or mail.claimed
    subject = re.sub(r"\[[^\]]{0,80}\]|\b(re|aw|sv|fw|fwd)\s?:|\d+", " ", mail.subject.casefold())
    words = " ".join((subject + " " + mail.new_text[:LIKENESS_LOOKS_AT]).casefold().split())
    return derived_id("like", author.address if author else "", words)


def unread_identity(source: str) -> str:
    """The key of a mail that could not be read: its raw bytes."""
    return derived_id("raw", source)


def as_meant(mail: InboundMail, book: Rulebook) -> InboundMail:
    """The mail with what the admin says of its sender: contact forms speak for customers, our lists mark nothing."""
    return as_the_customer(without_list_marks(mail, book.own_lists), book.forms)


def gather_without_store(mail: InboundMail, envelope: Envelope, book: Rulebook, now: datetime) -> Facts:
    """Facts that need no store: for `explain` without a database, and the first half of `gather`."""
    found = pointers(mail, envelope, book.signer, book.prefix)
    agent = book.directory.agent_at(mail.author.address if mail.author else None)
    addressed = _addressed(mail, envelope, book)
    inbox = addressed[0][0]
    return Facts(
        identity=identity(mail, envelope),
        pointers=found,
        inbox=inbox,
        inbox_address=addressed[0][1],
        other_inboxes=tuple(address for _, address in addressed[1:]),
        agent=agent,
        trust=_trust(mail, envelope, agent, found, book, now),
        is_own=_is_own(mail, book),
        only_cc=inbox.on_cc if _stands_only_on_cc(inbox, mail, book) else OnlyCc.TICKET,
        confirms=_confirmed(found, agent, book),
        likeness=likeness(mail),
        alert=raised(mail, book.alerts),
    )


def gather(tx: Tx, mail: InboundMail, envelope: Envelope, book: Rulebook, now: datetime, *, lock: bool) -> Facts:
    """All facts; `lock` when a decision will be written in this transaction."""
    facts = gather_without_store(mail, envelope, book, now)
    seen = inbound.find_identity(tx, facts.identity)
    if seen is not None:
        return replace(facts, duplicate_of=seen.inbound, duplicate_ticket=seen.ticket)
    author, of_agent = mail.author.address if mail.author else "", facts.agent is not None
    match, passed_over = find_match(tx, author, facts.pointers, of_agent=of_agent, lock=lock)
    if match is None and facts.alert is not None:
        match = alert_match(tx, facts.alert, lock=lock)
    facts = replace(facts, match=match, passed_over=passed_over)
    if mail.kind is Kind.BOUNCE:
        facts = _with_bounce(tx, facts)
    facts = _with_candidates(tx, mail, envelope, facts, book, now, lock=lock)
    return _with_counts(tx, mail, _with_known(tx, mail, facts, book, now, lock=lock), now)


def _with_candidates(
    tx: Tx, mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook, now: datetime, *, lock: bool
) -> Facts:
    """Only where the admin has somebody assigned, and for a mail that may open a ticket; an old one is nobody's."""
    opens = facts.match is None or needs_follow_up(facts.match.ticket, book.workflow, book.habits, now)
    if not book.assignment or envelope.quiet or not opens or mail.kind is Kind.BOUNCE:
        return facts
    author = mail.forwarded.author if facts.agent and mail.forwarded else (mail.author or mail.claimed or Mailbox(""))
    return replace(facts, candidates=candidates_of(tx, author.address, book, now, lock=lock))


def _with_known(tx: Tx, mail: InboundMail, facts: Facts, book: Rulebook, now: datetime, *, lock: bool) -> Facts:
    """For an agent what his commands speak of, for everybody else whether an agent blocked him."""
    if facts.agent is None:
        author = (mail.author or mail.claimed or Mailbox("")).address
        return replace(facts, blocked_by=agents.blocked_by(tx, author) if author else None)
    script = read_script(mail.new_text)
    if not script.lines:
        return facts
    ticket = facts.match.ticket if facts.match else None
    return replace(facts, known=known_for(tx, script, ticket, facts.agent, book, now, lock=lock))


def _is_own(mail: InboundMail, book: Rulebook) -> bool:
    """By our signature: on its Message-ID, or, where a relay wrote another one, on its Reply-To (ID-5)."""
    if mail.message_id and book.signer.read_message_id(mail.message_id):
        return True
    from_us = mail.author is not None and book.directory.is_ours(mail.author.address)
    return from_us and any(book.signer.verify(plus_part(box.address)[1]) for box in mail.reply_to)


def _addressed(mail: InboundMail, envelope: Envelope, book: Rulebook) -> list[tuple[Inbox, str]]:
    """The inboxes that the mail was written to, with the address used, in config order (IN-6).

    By envelope recipient, Delivered-To, X-Original-To, then To, then Cc: the first of these that names one decides.
    """
    to, cc = (box.address for box in mail.to), (box.address for box in mail.cc)
    for addresses in (envelope.rcpt_to, mail.delivered_to, to, cc):
        named = {plus_part(each)[0]: inbox for each in addresses if (inbox := book.directory.inbox_at(each))}
        if named:
            order = {inbox: place for place, inbox in enumerate(book.directory.inboxes)}
            used = {inbox: address for address, inbox in reversed(named.items())}
            return sorted(used.items(), key=lambda pair: order[pair[0]])
    first = book.directory.inboxes[0]
    return [(first, first.address)]


def _stands_only_on_cc(inbox: Inbox, mail: InboundMail, book: Rulebook) -> bool:
    on_cc = any(book.directory.inbox_at(box.address) is inbox for box in mail.cc)
    return on_cc and not any(book.directory.is_ours(box.address) for box in mail.to)


def _trust(
    mail: InboundMail, envelope: Envelope, agent: Agent | None, found: Pointers, book: Rulebook, now: datetime
) -> Trusted:
    author = mail.author.address if mail.author else None
    login = book.directory.agent_named(envelope.authenticated_as) if envelope.authenticated_as else None
    return weigh(
        author,
        login_owns_address=bool(login and author and login.owns(author)),
        results=mail.authentication,
        trusted_path=envelope.trusted,
        trusted_ids=book.trusted_ids,
        signed_for_address=bool(author) and _signed_for(author or "", agent, found, book, now),
    )


def unproven_agent(mail: InboundMail, envelope: Envelope, book: Rulebook, now: datetime) -> str | None:
    """The agent's address that a mail is said to be from while nothing proves the mail itself (SPEC ID-3).

    Only then is the DNS worth asking; what customers send, and old mails that are imported, costs no question.
    """
    agent = book.directory.agent_at(mail.author.address if mail.author else None)
    if agent is None or mail.author is None or envelope.quiet:
        return None
    found = pointers(mail, envelope, book.signer, book.prefix)
    trust = _trust(mail, envelope, agent, found, book, now)
    return None if trust.level is Trust.AUTHENTICATED else mail.author.address


def _signed_for(author: str, agent: Agent | None, found: Pointers, book: Rulebook, now: datetime) -> bool:
    """An agent's token must be bound to him, stand in an address he wrote to, and be young; his id alone leaks."""
    bound_to = agent.email if agent else author
    return any(
        book.signer.is_for(reference.token, bound_to) and now - reference.token.issued <= book.token_life
        for reference in found.signed
        if reference.where == "our signed reply address"
    )


def _confirmed(found: Pointers, agent: Agent | None, book: Rulebook) -> int | None:
    if agent is None:
        return None
    tokens = (reference.token for reference in found.of_kind(TokenKind.CONFIRM))
    return next((token.number for token in tokens if book.signer.is_for(token, agent.email)), None)


def _with_bounce(tx: Tx, facts: Facts) -> Facts:
    """To whom the mail went that a bounce speaks of: nobody else may be declared unreachable by it."""
    sent_to = set(sent.recipients_of(tx, facts.pointers.ids))
    for reference in facts.pointers.of_kind(TokenKind.BOUNCE):
        row: Any = outbox.one(tx, reference.token.number)
        if row is not None:
            facts = replace(facts, bounced_row=row.id, bounced_recipient=row.recipient)
            sent_to.add(row.recipient)
    return replace(facts, sent_to=frozenset(sent_to))


def _with_counts(tx: Tx, mail: InboundMail, facts: Facts, now: datetime) -> Facts:
    author = mail.author.address if mail.author else None
    facts = replace(facts, is_own=facts.is_own or bool(mail.message_id and sent.is_ours(tx, mail.message_id)))
    if author is None:
        return facts
    ticket = facts.match.ticket.number if facts.match else None
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    reach = sent.reach(tx, author, now)
    return replace(
        facts,
        unreachable=reach.unreachable,
        automatic_hour=reach.last_hour,
        automatic_day=reach.last_day,
        tickets_hour=0 if ticket else tickets.opened_since(tx, author, hour),
        reopens_day=tickets.reopened_since(tx, ticket, day) if ticket and _sleeps(facts) else 0,
        same_text_hour=inbound.alike_since(tx, facts.likeness, hour),
        asked_lately=sent.told_since(tx, "was_this_you", facts.agent.email, hour) if facts.agent else 0,
        notes=tuple(messages.internal_texts(tx, ticket)) if ticket and facts.agent else (),
    )


def _sleeps(facts: Facts) -> bool:
    return facts.match is not None and facts.match.ticket.phase in (Phase.RESOLVED, Phase.CLOSED)
