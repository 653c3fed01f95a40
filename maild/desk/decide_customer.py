"""A mail from the customers' side: a new ticket, a message on one, or a linked follow-up (SPEC ID-1, ID-2, TI-3)."""

import re
from datetime import datetime
from typing import Any

from maild.assignment import place
from maild.commands import read_script
from maild.commands.customers import Meant, Said, read_customer
from maild.commands.script import Reasoned
from maild.desk.decision import Decision
from maild.desk.facts import Facts
from maild.desk.match import Match
from maild.desk.placing import placement
from maild.desk.rulebook import Rulebook
from maild.mail.envelope import Envelope
from maild.mail.model import Attachment, InboundMail, Mailbox
from maild.mail.tokens import TokenKind
from maild.mail.trust import Trust
from maild.notices import Audience, Marking, Notice
from maild.records import replace
from maild.rules import Raised, keyword_setting
from maild.rules.links import found
from maild.store.messages import NewMessage
from maild.tickets.decide import needs_follow_up, on_customer_reply, step
from maild.tickets.events import Change, MessageFiled, Opened, ParticipantJoined, ReferencesChanged, TagsChanged
from maild.tickets.organisations import is_vip, organisation_of
from maild.tickets.ticket import Standing, Ticket
from maild.tickets.workflow import Phase

MOST_REFERENCES = 20
UNKNOWN = Mailbox("unknown@invalid", "unknown sender")
NO_SUBJECT = "(no subject)"


def decide_customer(
    mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook, now: datetime, *, answerable: bool
) -> Decision:
    """Files the mail on its ticket, or opens one."""
    mail, mails = _without_refused_files(mail, book, answerable=answerable)
    match = facts.match
    if facts.alert is not None and match is not None:
        decided = _alert(mail, envelope, facts.alert, match, book, now)
    elif match is None:
        decided = _open(mail, envelope, facts, book, now, answerable=answerable)
    elif not envelope.quiet and _too_late(mail, match, book, now):
        decided = _open(mail, envelope, facts, book, now, answerable=answerable)
        words = f"{book.label(match.ticket.number)} is closed for too long: a linked follow-up"
        decided = replace(decided, follow_up_of=match.ticket.number).explained(words)
    else:
        decided = _reply(mail, envelope, facts, match, book, now)
    return replace(decided, mails=(*decided.mails, *mails), lives=facts.unreachable)


def _too_late(mail: InboundMail, match: Match, book: Rulebook, now: datetime) -> bool:
    """A mail to a ticket that may not wake any more begins a new one; a rating of it is welcome at any time."""
    if not needs_follow_up(match.ticket, book.workflow, book.habits, now):
        return False
    said = _lines(mail, match, book, mail.author.address) if mail.author else None
    return said is None or said.wakes


def message_of(mail: InboundMail, envelope: Envelope, now: datetime, *, direction: str, visibility: str) -> NewMessage:
    """The mail as it stands on a ticket; old mails that are imported keep their own date (IN-7)."""
    return NewMessage(
        at=mail.date if envelope.quiet and mail.date else now,
        direction=direction,
        visibility=visibility,
        kind=mail.kind.value,
        author=mail.author or mail.claimed,
        to=mail.to,
        cc=mail.cc,
        subject=mail.subject,
        text=mail.text,
        new_text=mail.new_text,
        message_id=mail.message_id,
        via=envelope.via.value,
        attachments=mail.attachments,
    )


def _open(
    mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook, now: datetime, *, answerable: bool
) -> Decision:
    requester = mail.author or mail.claimed or UNKNOWN
    if book.directory.is_ours(requester.address):
        requester = UNKNOWN
    setting = keyword_setting(book.keywords, mail.subject, mail.new_text)
    teams = (setting.team,) if setting.team else place(facts.inbox, book.directory).teams
    start = book.workflow.in_phase(Phase.CLOSED) if envelope.quiet else None
    status = start or book.workflow.first
    opened = Opened(
        subject=_own_subject(mail.subject, book) or NO_SUBJECT,
        requester=requester,
        status=status.name,
        phase=status.phase,
        priority=setting.priority or facts.inbox.priority or book.default_priority,
        inbox=facts.inbox_address,
        category=setting.category or facts.inbox.category,
        language=_language(requester.address, facts, mail, book),
        teams=teams,
        answerable=answerable,
        **standing(requester.address, book),
    )
    changes: list[Change] = [opened, *_joins(mail, requester, book), _filed(requester.address, "customer", mail)]
    if setting.tags:
        changes.append(TagsChanged((), setting.tags))
    references = found(f"{mail.subject}\n{mail.new_text}", book.links)
    if references:
        changes.append(ReferencesChanged((), references))
    others = [f"also written to {address}" for address in facts.other_inboxes]
    placed = placement(changes, mail.new_text, facts.candidates, book, now)
    reason = "; ".join([*facts.passed_over, *others, *setting.because, *placed.in_vain])
    return Decision(
        "filed",
        "a new ticket",
        changes=(*(Reasoned(change, reason if change is opened else "") for change in changes), *placed.changes),
        message=message_of(mail, envelope, now, direction="in", visibility="public"),
        actor=f"customer:{requester.address}",
        author=requester.address,
        taken_by=placed.taken_by,
        because=("nothing points at a ticket that it may join: a new one", *placed.because),
    )


def _language(address: str, facts: Facts, mail: InboundMail, book: Rulebook) -> str | None:
    """The inbox's, the organisation's, or that of the mail (CU-5)."""
    organisation = organisation_of(address, book.organisations)
    return facts.inbox.language or (organisation.language if organisation else None) or mail.language


def standing(address: str, book: Rulebook) -> dict[str, Any]:
    """What the config says of a customer: his organisation, and whether he is a VIP."""
    organisation = organisation_of(address, book.organisations)
    vip = is_vip(address, book.organisations, book.vips)
    return {"organisation": organisation.name if organisation else None, "vip": vip}


def _from_another_desk(mail: InboundMail, match: Match, book: Rulebook) -> bool:
    """Another helpdesk's own acknowledgement: it puts its number before our subject and refers to nothing."""
    if match.signed or mail.in_reply_to or mail.references:
        return False
    tokens = re.findall(r"\[[^\[\]]{0,60}\d{3,}[^\[\]]{0,20}\]", mail.subject)
    foreign = [each for each in tokens if each.upper() != f"[{book.label(match.ticket.number).upper()}]"]
    return any(each not in match.ticket.subject for each in foreign)


def _own_subject(subject: str, book: Rulebook) -> str:
    """A new ticket does not carry another one's number around in its subject."""
    return " ".join(re.sub(rf"\[{re.escape(book.prefix)}-\d{{1,12}}\]", " ", subject, flags=re.IGNORECASE).split())


def _reply(
    mail: InboundMail, envelope: Envelope, facts: Facts, match: Match, book: Rulebook, now: datetime
) -> Decision:
    author = mail.author or mail.claimed or UNKNOWN
    belongs = mail.author is not None and match.ticket.belongs(author.address)
    changes: list[Change] = []
    said = _lines(mail, match, book, author.address) if belongs else None
    if belongs:
        changes += _new_joins(mail, match, facts, book)
        changes.append(_filed(author.address, "customer", mail))
        if said is not None:
            changes += said.changes
        elif not (envelope.quiet or mail.auto_submitted or mail.bulk or _from_another_desk(mail, match, book)):
            changes += on_customer_reply(match.ticket, book.workflow)
        changes += _new_references(mail, match.ticket, book)
    else:
        known = facts.agent is not None or match.ticket.participant(author.address) is not None
        if not known and mail.author is not None:
            changes.append(ParticipantJoined(author.address, author.name, Standing.UNVERIFIED))
        changes.append(_filed(author.address, "unverified", mail))
    words = "" if belongs else f"{author.address} is not known on this ticket: kept as unverified until #add"
    return Decision(
        "filed",
        match.because,
        ticket=match.ticket,
        changes=tuple(Reasoned(change, words if isinstance(change, ParticipantJoined) else "") for change in changes),
        message=message_of(mail, envelope, now, direction="in", visibility="public"),
        actor=f"customer:{author.address}",
        author=author.address,
        mails=_told(said, author, match) if said is not None else (),
        idle=said is not None and (said.left or said.wants_status),
        because=tuple(filter(None, (match.because, words))),
    )


def _lines(mail: InboundMail, match: Match, book: Rulebook, author: str) -> Meant | None:
    """Commands of a customer, who must have answered a mail of ours: a subject alone may be guessed (CU-4)."""
    if not match.signed or mail.auto_submitted or mail.bulk:
        return None
    script = read_script(mail.new_text)
    return read_customer(script, Said(match.ticket, author, book.workflow, book.categories, script.text))


def _told(said: Meant, author: Mailbox, match: Match) -> tuple[Notice, ...]:
    """Answers to what a customer asked of the desk itself, to him alone."""
    events = [name for name, wanted in (("your_status", said.wants_status), ("unsubscribed", said.left)) if wanted]
    language = match.ticket.language
    return tuple(
        Notice(name, Audience.CUSTOMER, (author,), marking=Marking.REPLY, answers=TokenKind.PUBLIC, language=language)
        for name in events
    )


def _new_references(mail: InboundMail, ticket: Ticket, book: Rulebook) -> list[Change]:
    """Order numbers and the like that the mail names and the ticket does not have yet (UN-6)."""
    named = found(f"{mail.subject}\n{mail.new_text}", book.links)
    fresh = tuple(pair for pair in named if pair not in ticket.references)
    return [ReferencesChanged(ticket.references, (*ticket.references, *fresh)[:MOST_REFERENCES])] if fresh else []


def _alert(
    mail: InboundMail, envelope: Envelope, alert: Raised, match: Match, book: Rulebook, now: datetime
) -> Decision:
    """One more mail about the same trouble; its end resolves the ticket (UN-4c)."""
    author = (mail.author or mail.claimed or UNKNOWN).address
    changes: list[Change] = [MessageFiled(0, "in", "public", mail.kind.value, "robot", author)]
    resolved = book.workflow.in_phase(Phase.RESOLVED) or book.workflow.in_phase(Phase.CLOSED)
    if alert.over and resolved is not None:
        changes += step(match.ticket, resolved)
    reason = f"the alert {alert.name} is over" if alert.over else ""
    return Decision(
        "filed",
        match.because,
        ticket=match.ticket,
        changes=tuple(Reasoned(change, reason if change is not changes[0] else "") for change in changes),
        message=message_of(mail, envelope, now, direction="in", visibility="public"),
        actor=f"robot:{author}",
        because=(match.because,),
    )


def _filed(author: str, by: str, mail: InboundMail) -> MessageFiled:
    return MessageFiled(0, "in", "public", mail.kind.value, by, author)


def _joins(mail: InboundMail, requester: Mailbox, book: Rulebook) -> list[Change]:
    """Who else the customer wrote to takes part, at most so many (RELIABILITY B6)."""
    outside = book.directory.outsiders((*mail.to, *mail.cc))
    others = {box.address: box for box in outside if box.address != requester.address}
    chosen = list(others.values())[: book.most_participants]
    return [ParticipantJoined(box.address, box.name, Standing.PARTICIPANT) for box in chosen]


def _new_joins(mail: InboundMail, match: Match, facts: Facts, book: Rulebook) -> list[Change]:
    """Cc of a reply adds somebody only when the reply is proven: a forged one must not leak a ticket (A2)."""
    if not match.signed and facts.trust.level is Trust.CLAIMED:
        return []
    room = max(0, book.most_participants - len(match.ticket.participants))
    fresh = [box for box in book.directory.outsiders((*mail.to, *mail.cc)) if _is_new(box, match.ticket)]
    return [ParticipantJoined(box.address, box.name, Standing.PARTICIPANT) for box in fresh[:room]]


def _is_new(box: Mailbox, ticket: Ticket) -> bool:
    return not ticket.belongs(box.address)


def _without_refused_files(
    mail: InboundMail, book: Rulebook, *, answerable: bool
) -> tuple[InboundMail, tuple[Notice, ...]]:
    """Files over the limit stay in the raw mail only, and their sender is told (UN-3)."""
    kept = tuple(file for file in mail.attachments if file.size <= book.attachment_bytes)
    refused = tuple(file for file in mail.attachments if file.size > book.attachment_bytes)
    if not refused:
        return mail, ()
    names = ", ".join(_sized(file) for file in refused)
    limit = f"{book.attachment_bytes // (1024 * 1024)} MB"
    text = f"{mail.text}\n\n[Not kept, larger than {limit}: {names}]".strip()
    mail = replace(mail, attachments=kept, text=text)
    if not answerable or mail.author is None:
        return mail, ()
    problem = f"{names} – larger than the {limit} that we can take."
    told = Notice(
        "attachment_refused",
        Audience.CUSTOMER,
        (mail.author,),
        marking=Marking.REPLY,
        answers=TokenKind.PUBLIC,
        language=mail.language,
        extra={"problem": problem},
    )
    return mail, (told,)


def _sized(file: Attachment) -> str:
    return f"{file.name} ({file.size / (1024 * 1024):.1f} MB)"
