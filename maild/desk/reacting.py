"""The admin's rules at work in one act: what they look at, whom they tell, which letters they send (SPEC RU-1).

Deciding is `maild.rules.engine`; here are its words of the desk, and what becomes of a rule's wishes.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from maild.commands.canned import fill, named, values_of
from maild.commands.script import Reasoned
from maild.desk.notify import Occasion, rows_of, write_notices
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.mail.model import Mailbox
from maild.mail.tokens import TokenKind
from maild.notices import Audience, Marking, Moment, Notice
from maild.notices.notice import to_agent
from maild.rules.actions import Answer, Scene, Tell
from maild.rules.actions.notify import agents_of
from maild.rules.engine import Failed, Reaction, react
from maild.rules.triggers import RULE
from maild.store import Tx, messages, meta
from maild.store.messages import NewMessage
from maild.tickets.events import Event, MessageFiled
from maild.tickets.matching import Contains
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket
from maild.tickets.words import document, term

log = logging.getLogger("maild.rules")
FAILED = "rule-failed:"
Texts = Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Letter:
    """A rule's automatic answer: a message on the ticket, and the mail that brings it."""

    rule: str
    message: NewMessage
    filed: Reasoned
    notice: Notice

    @property
    def actor(self) -> str:
        """By whom it is."""
        return f"{RULE}{self.rule}"


def scene_of(book: Rulebook, now: datetime) -> Scene:
    """What rules know of this desk."""
    return Scene(book.setting(now), book.directory, book.fields)


def reaction_to(
    events: tuple[Event, ...], ticket: Ticket, book: Rulebook, texts: Texts, now: datetime, *, quiet: bool
) -> Reaction:
    """What the rules make of an act; `texts` are those of its messages. Old mails that are imported set off nothing."""
    if quiet or not book.rules or not events:
        return Reaction(ticket)
    return react(book.rules, events, ticket, scene_of(book, now), hearing(lambda: (ticket.subject, *texts())))


def hearing(texts: Texts) -> Contains:
    """Whether a word occurs in these texts, which are folded once, for the first rule that asks."""
    documents: list[str] = []

    def said(word: str) -> bool:
        wanted = term(word)
        if not documents:
            documents.extend(map(document, texts()))
        return wanted is not None and any(wanted.needle in each for each in documents)

    return said


def texts_of(tx: Tx, filed: tuple[int, ...]) -> Texts:
    """The new texts of an act's messages; read only when a rule asks for words."""
    return lambda: tuple(row.new_text for each in filed if (row := messages.one(tx, each)) is not None)


def told_by_rules(reaction: Reaction, moment: Moment, others: Iterable[Notice]) -> Iterator[Notice]:
    """Agents whom a rule names, unless this act tells them anyway: nobody gets two mails for one act (OUT-5)."""
    told = {box.address for notice in others for box in notice.recipients()}
    for wanted in reaction.wishes:
        if not isinstance(wanted.wish, Tell):
            continue
        for agent in agents_of(wanted.wish.whom, moment.after, moment.directory):
            if agent.email not in told and agent != moment.actor and moment.sees(agent):
                told.add(agent.email)
                yield _told(agent, wanted.rule)


def _told(agent: Agent, rule: str) -> Notice:
    notice = to_agent("change", agent)
    notice.extra["reason"] = f"rule {rule}"
    return notice


def letter_of(reaction: Reaction, ticket: Ticket, book: Rulebook, now: datetime) -> Letter | None:
    """The answer of the first rule that wants one: two mails for one act are too many. `ticket`: as the act left it."""
    if not ticket.answerable or ticket.spam or ticket.deleted:
        return None
    for wanted in reaction.wishes:
        words = named(wanted.wish.canned, book.canned, ticket.language) if isinstance(wanted.wish, Answer) else None
        if words is not None:
            text = fill(words, values_of(ticket, _nobody(book), book.label(ticket.number), book.name))
            return _letter(wanted.rule, text, ticket, now)
    return None


def _nobody(book: Rulebook) -> Agent:
    """In whose name automatic words are: the desk's."""
    return Agent("", book.address, display_name=book.name)


def _letter(rule: str, text: str, ticket: Ticket, now: datetime) -> Letter:
    message = NewMessage(
        at=now,
        direction="out",
        visibility="public",
        kind="auto_reply",
        author=Mailbox(ticket.inbox),
        to=(ticket.requester,),
        cc=(),
        subject=ticket.subject,
        text=text,
        new_text=text,
        message_id=None,
        via="rule",
    )
    notice = Notice(
        "answer",
        Audience.CUSTOMER,
        (ticket.requester,),
        marking=Marking.REPLY,
        answers=TokenKind.PUBLIC,
        language=ticket.language,
        extra={"message": _shown(text)},
    )
    # Not an agent's answer: it stops no clock and takes no ticket.
    filed = MessageFiled(0, "out", "public", "auto_reply", "robot", ticket.inbox)
    return Letter(rule, message, Reasoned(filed, f"rule {rule}", f"{RULE}{rule}"), notice)


def _shown(text: str) -> dict[str, object]:
    """The words as templates show a message: nobody in particular wrote them, so the desk alone signs."""
    return {"author_name": "", "author_address": "", "text": text, "at": "", "attachments": []}


def may_leave(tx: Tx, letter: Letter, occasion: Occasion, book: Rulebook) -> bool:
    """By the one gate for automatic mail: never to robots, and no more than the caps allow (OUT-7)."""
    if rows_of(tx, letter.notice, occasion, book, {}):
        return True
    log.warning("no automatic answer rule=%s to=%s cause=%s", letter.rule, letter.notice.to[0], occasion.cause)
    return False


def note_in_log(reaction: Reaction) -> None:
    """One line for each rule that fired."""
    for line in reaction.log:
        log.info("rule ticket=%d %s", reaction.ticket.number, line)


def report(tx: Tx, room: Room, failed: Iterable[Failed], occasion: Occasion) -> None:
    """Admins are told of a broken rule once, and again when it breaks in another way."""
    for each in failed:
        key = f"{FAILED}{each.rule}"
        log.error("a rule failed rule=%s what=%s cause=%s", each.rule, each.what, occasion.cause)
        if meta.get(tx, key) == each.what:
            continue
        meta.forget(tx, key)
        meta.set_once(tx, key, each.what)
        _tell_admins(tx, room, each, occasion)


def _tell_admins(tx: Tx, room: Room, failed: Failed, occasion: Occasion) -> None:
    problem = f"rule {failed.rule}: {failed.what}. It is skipped until it is put right; `maild check` may say more."
    notices = [
        Notice("trouble", Audience.ADMIN, (Mailbox(address),), extra={"problem": problem})
        for address in room.book.directory.admins
    ]
    cause = f"{occasion.cause}/{FAILED}{failed.rule}"
    write_notices(tx, notices, Occasion(cause=cause, now=occasion.now, ticket=None), room.book)
