"""One-click links: `mailto:` with a command in the body and an address that is signed for one person (SPEC AG-5).

The address is the one that answering a notification has: it works only together with the From of the person whom it was
made for, and expires; strong verbs need more. So a forwarded notification is no danger.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from maild.desk.rulebook import Rulebook
from maild.mail.mailto import mailto
from maild.mail.tokens import TokenKind, plus_address
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase

SCORES = (1, 2, 3, 4, 5)
AT_WORK = ("take", "note", "waiting", "resolve", "close", "assign")
SLEEPING = ("open", "note", "close")
CLOSED = ("open", "note")


@dataclass(frozen=True, slots=True)
class ActionLinks:
    """Makes links for one person; `inbox` is the address of ours that they go to."""

    book: Rulebook
    address: str
    inbox: str
    now: datetime

    def of(self, number: int | None, names: Iterable[str]) -> list[dict[str, str]]:
        """{name, href} for command words about a ticket."""
        return [{"name": name, "href": self.href(number, f"#{name}")} for name in names]

    def href(self, number: int | None, body: str, kind: TokenKind = TokenKind.NOTICE) -> str:
        """One link. Commands that want an argument end with a space: the agent types on."""
        to = self.inbox
        if number is not None and self.book.plus_addressing:
            to = plus_address(self.inbox, self.book.signer.sign(kind, number, self.address, self.now))
        subject = f"[{self.book.label(number)}]" if number is not None else ""
        return mailto(to, subject, _typed_on(body))


def _typed_on(body: str) -> str:
    word = body.removeprefix("#")
    if word == "note":
        return "#note\r\n\r\n"
    return f"{body} " if word in ("assign", "merge") else f"{body}\r\n\r\n"


def actions_on(ticket: Ticket, agent_name: str) -> tuple[str, ...]:
    """What one most likely does next."""
    if ticket.phase is Phase.CLOSED:
        return CLOSED
    names = SLEEPING if ticket.phase is Phase.RESOLVED else AT_WORK
    return tuple(name for name in names if not (name == "take" and ticket.assignee == agent_name))


def customer_links(ticket: Ticket, book: Rulebook, now: datetime, *, shared: bool) -> dict[str, object]:
    """What a customer may click: solved, still broken, a rating, his category, no more mails (CU-2 to CU-4)."""
    links = ActionLinks(book, ticket.requester.address, ticket.inbox, now)

    def href(body: str) -> str:
        return links.href(ticket.number, body, TokenKind.PUBLIC)

    done = ticket.phase in (Phase.RESOLVED, Phase.CLOSED)
    wanted = book.category_required and ticket.category is None
    return {
        "solved_href": href("#solved") if ticket.phase is Phase.RESOLVED else "",
        "broken_href": href("#broken") if done else "",
        "ratings": [{"score": score, "href": href(f"#rate {score}")} for score in SCORES] if done else [],
        "categories": [{"name": name, "href": href(f"#category {name}")} for name in book.categories] if wanted else [],
        "unsubscribe_href": href("#unsubscribe") if shared else "",
    }
