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
# In the order in which they are likely: a text mail has the first ones only, as each fills two lines of a phone.
UNOWNED = ("take", "note", "assign", "waiting", "resolve", "close")
AT_WORK = ("note", "waiting", "resolve", "close", "assign")
ANOTHERS = ("note", "take", "waiting", "resolve", "close", "assign")
SLEEPING = ("open", "note", "close")
CLOSED = ("open", "note")
IN_TEXT = 3
# What is written for a link's name, where that is more than the command of this name.
BODIES = {"begin": "#take\n#show", "assign": "#assign ", "merge": "#merge ", "cause": "#cause "}


@dataclass(frozen=True, slots=True)
class ActionLinks:
    """Makes links for one person; `inbox` is the address of ours that they go to."""

    book: Rulebook
    address: str
    inbox: str
    now: datetime

    def of(self, number: int | None, names: Iterable[str], *, in_text: int = IN_TEXT) -> list[dict[str, str]]:
        """{name, href} for command words about a ticket; those after the first `in_text` have form "html"."""
        to, subject = self._head(number, TokenKind.NOTICE)
        return [
            {"name": name, "href": mailto(to, subject, BODIES.get(name, f"#{name}"))}
            | ({"form": "html"} if place >= in_text else {})
            for place, name in enumerate(names)
        ]

    def href(self, number: int | None, body: str, kind: TokenKind = TokenKind.NOTICE) -> str:
        """One link that writes this body. One that ends with a space wants an argument: the agent types on."""
        return mailto(*self._head(number, kind), body)

    def _head(self, number: int | None, kind: TokenKind) -> tuple[str, str]:
        """(address, subject), the same for all links of a mail."""
        to = self.inbox
        if number is not None and self.book.plus_addressing:
            to = plus_address(self.inbox, self.book.signer.sign(kind, number, self.address, self.now))
        return to, f"[{self.book.label(number)}]" if number is not None else ""


def actions_on(ticket: Ticket, agent_name: str) -> tuple[str, ...]:
    """What one most likely does next."""
    if ticket.phase is Phase.CLOSED:
        return CLOSED
    if ticket.phase is Phase.RESOLVED:
        return SLEEPING
    theirs = ANOTHERS if ticket.assignee is not None else UNOWNED
    names = AT_WORK if ticket.assignee == agent_name else theirs
    return tuple("open" if name == "waiting" and ticket.phase is Phase.WAITING else name for name in names)


def customer_links(
    ticket: Ticket, book: Rulebook, now: datetime, *, shared: bool, reader: str | None = None
) -> dict[str, object]:
    """What a customer may click: solved, still broken, a rating, his category, no more mails (CU-2 to CU-4).

    `reader`, when it is another than the requester, may only say that it is still broken, and leave.
    """
    asked = reader in (None, ticket.requester.address)
    links = ActionLinks(book, reader or ticket.requester.address, ticket.inbox, now)

    def href(body: str) -> str:
        return links.href(ticket.number, body, TokenKind.PUBLIC)

    done = ticket.phase in (Phase.RESOLVED, Phase.CLOSED)
    wanted = book.category_required and ticket.category is None and asked
    return {
        "solved_href": href("#solved") if ticket.phase is Phase.RESOLVED and asked else "",
        "broken_href": href("#broken") if done else "",
        "ratings": [{"score": score, "href": href(f"#rate {score}")} for score in SCORES] if done and asked else [],
        "categories": [{"name": name, "href": href(f"#category {name}")} for name in book.categories] if wanted else [],
        "unsubscribe_href": href("#unsubscribe") if shared or not asked else "",
    }
