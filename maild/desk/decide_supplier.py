"""A supplier's mail: in the thread with him, unseen by the customer, and it moves nothing by itself (SPEC TI-7)."""

from datetime import datetime

from maild.commands.script import Reasoned
from maild.desk.decide_customer import UNKNOWN, message_of
from maild.desk.decision import Decision
from maild.desk.facts import Facts
from maild.desk.match import Match
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail
from maild.mail.tokens import TokenKind
from maild.tickets.events import MessageFiled
from maild.tickets.ticket import Standing


def is_suppliers(mail: InboundMail, match: Match) -> bool:
    """By the signed address of that thread, or because its sender is a supplier of the ticket."""
    known = match.ticket.participant(mail.author.address) if mail.author else None
    return match.kind is TokenKind.SUPPLIER or (known is not None and known.standing is Standing.SUPPLIER)


def decide_supplier(mail: InboundMail, envelope: Envelope, facts: Facts, now: datetime) -> Decision:
    """Filed for the desk's own people."""
    match = facts.match
    assert match is not None
    author = (mail.author or mail.claimed or UNKNOWN).address
    filed = MessageFiled(0, "in", "supplier", mail.kind.value, "supplier", author)
    return Decision(
        "filed",
        match.because,
        ticket=match.ticket,
        changes=(Reasoned(filed, ""),),
        message=message_of(mail, envelope, now, direction="in", visibility="supplier"),
        actor=f"supplier:{author}",
        author=author,
        because=(match.because, "a supplier's mail: the customer does not see it"),
    )
