"""Which ticket a mail belongs to: the strongest reference that counts (SPEC ID-1)."""

from collections.abc import Iterator
from dataclasses import dataclass

from maild.desk.references import Pointers
from maild.mail.tokens import Token, TokenKind
from maild.rules import Raised
from maild.store import Tx, inbound, outbox, sent, tickets
from maild.store.inbound import relay_id
from maild.tickets.ticket import Standing, Ticket
from maild.tickets.workflow import Phase

MERGES_FOLLOWED = 10
TICKET_KINDS = (TokenKind.PUBLIC, TokenKind.NOTICE, TokenKind.INTERNAL, TokenKind.SUPPLIER)


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket that a mail belongs to, why, and by which kind of reference."""

    ticket: Ticket
    because: str
    signed: bool
    kind: TokenKind | None = None


def find_match(
    tx: Tx, author: str, found: Pointers, *, of_agent: bool, lock: bool
) -> tuple[Match | None, tuple[str, ...]]:
    """The first reference that counts. An unsigned one counts only for those who belong to the ticket (ID-1)."""
    passed_over: list[str] = []
    tried: set[tuple[int, bool]] = set()
    for number, because, token in _candidates(tx, found):
        if (number, token is not None) in tried:
            continue
        tried.add((number, token is not None))
        ticket = _where_it_went(tx, number, lock=lock)
        if ticket is None:
            continue
        # An agent's mail finds its ticket whatever proves him: without proof `decide` holds it anyway.
        if token is not None or ticket.belongs(author) or _supplies(ticket, author) or of_agent:
            return Match(ticket, because, token is not None, token.kind if token else None), tuple(passed_over)
        passed_over.append(f"{because} names ticket {number}, but {author or 'nobody'} is no participant of it")
    return None, tuple(passed_over)


def _where_it_went(tx: Tx, number: int, *, lock: bool) -> Ticket | None:
    """The ticket, or the one that it was merged into: later replies follow (TI-6)."""
    ticket = tickets.load(tx, number, lock=lock)
    for _ in range(MERGES_FOLLOWED):
        if ticket is None or ticket.merged_into is None:
            break
        ticket = tickets.load(tx, ticket.merged_into, lock=lock)
    return ticket


def _supplies(ticket: Ticket, author: str) -> bool:
    known = ticket.participant(author)
    return known is not None and known.standing is Standing.SUPPLIER


def alert_match(tx: Tx, alert: Raised, *, lock: bool) -> Match | None:
    """The ticket on which this trouble is being worked, the newest first; a solved one is not woken (UN-4c)."""
    for _, number in sorted(inbound.tickets_of_ids(tx, (alert.reference,)), key=lambda pair: -pair[1]):
        ticket = tickets.load(tx, number, lock=lock)
        if ticket is not None and ticket.phase not in (Phase.RESOLVED, Phase.CLOSED):
            return Match(ticket, f"the alert {alert.name} with the key '{alert.key}'", signed=False)
    return None


def _candidates(tx: Tx, found: Pointers) -> Iterator[tuple[int, str, Token | None]]:
    for reference in found.of_kind(*TICKET_KINDS):
        yield reference.token.number, reference.where, reference.token
    for reference in found.of_kind(TokenKind.BOUNCE):
        row = outbox.one(tx, reference.token.number)
        if row is not None and row.ticket is not None:
            yield row.ticket, "our signed return path", reference.token
    for message_id, number in _in_order(found.ids, sent.ticket_of_ids(tx, found.ids)):
        yield number, f"the Message-ID {message_id} that we sent", None
    for message_id, number in _in_order(found.ids, inbound.tickets_of_ids(tx, found.ids)):
        yield number, f"the known Message-ID {message_id}", None
    by_relay = {relay_id(each.strip("<>").partition("@")[0]): each for each in found.ids}
    for learnt, number in inbound.tickets_of_ids(tx, tuple(by_relay)):
        yield number, f"the Message-ID {by_relay[learnt]} that a relay gave to our mail", None
    for number in found.numbers:
        yield number, "the subject", None


def _in_order(ids: tuple[str, ...], rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    place = {each: index for index, each in enumerate(ids)}
    return sorted(rows, key=lambda row: place[row[0]])
