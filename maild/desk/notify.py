"""From notices to rows of the outbox: who may get it, from whom it comes, what it answers, where a reply goes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from maild.commands.told import told
from maild.desk.card import change_rows, expected, ticket_card
from maild.desk.links import ActionLinks, actions_on, customer_links
from maild.desk.rulebook import Rulebook
from maild.desk.shown import shown_facts
from maild.gate.answering import NO_REPLY
from maild.mail.model import Mailbox
from maild.mail.tokens import TokenKind, plus_address
from maild.notices import Audience, Marking, Notice
from maild.notices.choices import Choice, Preferences, choice, sent_at, with_choice
from maild.records import replace
from maild.store import Tx, agents, messages, outbox, sent
from maild.store.agents import AgentState, Waiting
from maild.store.outbox import NewMail
from maild.tickets.events import ClocksChanged, Event
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why mails are written: the act's cause, its events and its words; `number` is what tokens of it name."""

    cause: str
    now: datetime
    ticket: Ticket | None
    events: tuple[Event, ...] = ()
    message: int | None = None
    actor_title: str = "maild"
    number: int | None = None
    answered_ids: tuple[str, ...] = ()
    late: bool = False
    by_agent: bool = False


def write_notices(
    tx: Tx,
    notices: Iterable[Notice],
    occasion: Occasion,
    book: Rulebook,
    states: dict[str, AgentState] | None = None,
) -> list[NewMail]:
    """Puts every notice that may go out into the outbox, or aside for a digest; gives the rows.

    `states` is what agents said of themselves, where the caller has read it already.
    """
    wanted = tuple(notices)
    shown = shown_facts(tx, wanted, occasion.ticket, book, occasion.now)
    rows: list[NewMail] = []
    waiting: list[Waiting] = []
    asked = states is None and any(each.audience is Audience.AGENT for each in wanted)
    wishes = agents.states(tx) if asked else states or {}
    for notice in wanted:
        leaves_at, agent = _leaves_at(notice, occasion, book, wishes)
        if leaves_at is None:
            continue
        if agent is not None and occasion.ticket is not None and _for_digest(notice, agent, book, wishes):
            waiting.append(_waiting(notice, occasion, book, agent, leaves_at))
            continue
        found = rows_of(tx, notice, occasion, book, shown)
        rows += [replace(row, leaves_at=leaves_at) for row in found] if leaves_at > occasion.now else found
    outbox.insert(tx, rows, occasion.now)
    agents.wait_for_digest(tx, waiting)
    return rows


def _leaves_at(
    notice: Notice, occasion: Occasion, book: Rulebook, wishes: dict[str, AgentState]
) -> tuple[datetime | None, Agent | None]:
    """(when, to which agent); None: never, because the desk or the agent does not want it."""
    if not book.choices.told(notice.audience, notice.event):
        return None, None
    agent = book.directory.agent_at(notice.to[0].address) if notice.audience is Audience.AGENT else None
    if agent is None:
        return occasion.now, None
    return sent_at(preferences_of(agent, book, wishes), notice.event, occasion.now), agent


def _for_digest(notice: Notice, agent: Agent, book: Rulebook, wishes: dict[str, AgentState]) -> bool:
    return choice(preferences_of(agent, book, wishes), notice.event) is Choice.DIGEST


def preferences_of(agent: Agent, book: Rulebook, wishes: dict[str, AgentState]) -> Preferences:
    """What the config says, and over it what the agent said himself by `#notify`."""
    found = book.preferences.get(agent.name) or Preferences(timezone=ZoneInfo(book.timezone))
    own = wishes.get(agent.name)
    for event, wish in own.choices if own else ():
        found = with_choice(found, event, Choice(wish))
    return found


def _waiting(notice: Notice, occasion: Occasion, book: Rulebook, agent: Agent, due_at: datetime) -> Waiting:
    assert occasion.ticket is not None
    changes = (event.change for event in occasion.events if not isinstance(event.change, ClocksChanged))
    words = "; ".join(told(change, book) for change in changes) or notice.event.replace("_", " ")
    number = occasion.ticket.number
    return Waiting(agent.name, occasion.now, due_at, number, notice.event, occasion.actor_title, words[:500])


def rows_of(tx: Tx, notice: Notice, occasion: Occasion, book: Rulebook, shown: dict[str, Any]) -> list[NewMail]:
    """One row for each recipient that may get this mail; all rows of one notice are one mail."""
    notice = replace(
        notice,
        to=tuple(box for box in notice.to if _may_get(tx, box.address, notice, occasion, book)),
        cc=tuple(box for box in notice.cc if _may_get(tx, box.address, notice, occasion, book)),
    )
    if not notice.to:
        notice = replace(notice, to=notice.cc, cc=())
    if not notice.to:
        return []
    mail = _mail(tx, notice, occasion, book, shown)
    return [replace(mail, recipient=box.address) for box in notice.recipients()]


def _may_get(tx: Tx, address: str, notice: Notice, occasion: Occasion, book: Rulebook) -> bool:
    """The one gate for automatic mail on its way out; an agent's own words always pass (ID-5)."""
    if book.directory.is_ours(address) or address.endswith("@invalid"):
        return False
    if notice.audience is not Audience.CUSTOMER or notice.marking is Marking.WORDS:
        return True
    if NO_REPLY.match(address):
        return False
    reach = sent.reach(tx, address, occasion.now)
    # What a person did is no loop, however often he does it: the caps are for what machines set off.
    return not reach.unreachable and (occasion.by_agent or _under_caps(reach, book))


def _under_caps(reach: sent.Reach, book: Rulebook) -> bool:
    return (
        reach.last_hour < book.automatic_per_hour
        and reach.last_day < book.automatic_per_day
        and reach.in_a_row < book.automatic_in_a_row
    )


def _mail(tx: Tx, notice: Notice, occasion: Occasion, book: Rulebook, shown: dict[str, Any]) -> NewMail:
    ticket, first = occasion.ticket, notice.to[0]
    number = occasion.number if notice.answers is TokenKind.CONFIRM else (ticket.number if ticket else 0)
    inbox = ticket.inbox if ticket else book.address
    signs = number is not None and (ticket is not None or notice.answers is TokenKind.CONFIRM)
    token = book.signer.sign(notice.answers, number or 0, first.address, occasion.now)
    cause = f"{occasion.cause}/{notice.event}/{first.address}"
    answered, references = _thread(tx, notice, occasion, book)
    return NewMail(
        event=notice.event,
        audience=notice.audience.value,
        marking=notice.marking.value,
        language=notice.language or book.language,
        recipient=first.address,
        sender=Mailbox(inbox, book.name),
        to=notice.to,
        cc=notice.cc,
        reply_to=plus_address(inbox, token) if signs and book.plus_addressing else inbox,
        message_id=book.signer.message_id(notice.answers, number or 0, first.address, cause, book.domain, occasion.now),
        in_reply_to=answered,
        references=references,
        context=_context(notice, occasion, book, shown, token if signs else ""),
        ticket=ticket.number if ticket else None,
        message=occasion.message if notice.shows_message else None,
    )


def _thread(tx: Tx, notice: Notice, occasion: Occasion, book: Rulebook) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(In-Reply-To, References): customers see their own thread; an agent's mails of one ticket hang on one root."""
    if occasion.ticket is None or notice.answers is TokenKind.CONFIRM:
        return occasion.answered_ids[-1:], occasion.answered_ids
    if notice.audience.is_outside:
        side = "supplier" if notice.audience is Audience.SUPPLIER else "public"
        known = messages.last_ids(tx, occasion.ticket.number, side)
        return known[-1:], known
    root = (thread_root(book, occasion.ticket.number),)
    return root, root


def thread_root(book: Rulebook, number: int) -> str:
    """An id that no mail has, but every notification of a ticket refers to: mail clients group by it."""
    return f"<{book.label(number).lower()}.thread@{book.domain}>"


def _context(notice: Notice, occasion: Occasion, book: Rulebook, shown: dict[str, Any], token: str) -> dict[str, Any]:
    """What the words are made of, as it is now: a later change must not rewrite this mail."""
    ticket, inside = occasion.ticket, not notice.audience.is_outside
    changes = change_rows(occasion.events, notice.audience) if notice.event != "acknowledgement" else []
    reasons = [event.reason for event in occasion.events if event.reason]
    context: dict[str, Any] = {
        "ticket": ticket_card(ticket, book, notice.audience) if ticket else None,
        "changes": changes,
        "actor": occasion.actor_title if inside else book.name,
        "reason": "; ".join(dict.fromkeys(reasons)) if inside else "",
        "reference": f"ref {token}" if token else "",
        "late": occasion.late,
        "expected": expected(ticket, book) if ticket and notice.event == "acknowledgement" else "",
    }
    if ticket is not None and notice.audience is Audience.CUSTOMER:
        reader = notice.to[0].address
        context |= customer_links(ticket, book, occasion.now, shared=bool(notice.cc), reader=reader)
    if ticket is not None and notice.audience is Audience.AGENT:
        context |= shown | {"actions": _actions(notice, occasion, book, ticket)}
    return context | notice.extra


def _actions(notice: Notice, occasion: Occasion, book: Rulebook, ticket: Ticket) -> list[dict[str, str]]:
    """One-click links, where the next step is likely: not in a mail that asks something itself."""
    agent = book.directory.agent_at(notice.to[0].address)
    if agent is None or notice.answers is TokenKind.CONFIRM or not book.plus_addressing:
        return []
    links = ActionLinks(book, agent.email, ticket.inbox, occasion.now)
    first = ("cause",) if notice.event == "sla_breach" else ()
    return links.of(ticket.number, (*first, *actions_on(ticket, agent.name)))
