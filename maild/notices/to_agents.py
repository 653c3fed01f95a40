"""What agents are told: each by a mail of his own, nobody of his own act (OUT-5)."""

from collections.abc import Iterable

from maild.mail.tokens import TokenKind
from maild.notices.notice import Moment, Notice, owners, partakers, readers_of_mail, to_agent
from maild.tickets.events import (
    Assigned,
    CategoryChanged,
    DeliveryFailed,
    Escalated,
    Opened,
    PriorityChanged,
    Rated,
    StatusChanged,
    SubjectChanged,
    TagsChanged,
    TeamsChanged,
)


def assignment(moment: Moment) -> Iterable[Notice]:
    """The new assignee, unless he took it himself (AS-2)."""
    changes = [each for each in moment.changes(Assigned) if isinstance(each, Assigned)]
    agent = moment.directory.agent_named(changes[-1].new) if changes and changes[-1].new else None
    if agent and agent != moment.actor:
        yield to_agent("assignment", agent, message=True)


def new_ticket(moment: Moment) -> Iterable[Notice]:
    """Whoever owns the new ticket: assignee, team or all."""
    if moment.changes(Opened) and not moment.quiet:
        yield from (to_agent("new_ticket", agent, message=True) for agent in readers_of_mail(moment))


def customer_reply(moment: Moment) -> Iterable[Notice]:
    """The customers' side wrote again."""
    if moment.changes(Opened) or moment.quiet:
        return
    if moment.filed(by="customer", visibility="public") or moment.filed(by="unverified", visibility="public"):
        yield from (to_agent("customer_reply", agent, message=True) for agent in readers_of_mail(moment))


def note(moment: Moment) -> Iterable[Notice]:
    """A colleague's note: answering it is a note again (AG-1)."""
    if moment.filed(by="agent", visibility="internal"):
        for agent in partakers(moment):
            yield to_agent("note", agent, answers=TokenKind.INTERNAL, message=True)


def supplier_reply(moment: Moment) -> Iterable[Notice]:
    """A supplier wrote: answering goes to him, never to the customer (TI-7)."""
    if moment.filed(by="supplier", visibility="supplier"):
        for agent in readers_of_mail(moment):
            yield to_agent("supplier_reply", agent, answers=TokenKind.SUPPLIER, message=True)


def rated(moment: Moment) -> Iterable[Notice]:
    """What the customer thinks of the work, to whose work it was (CU-3)."""
    ratings = [each for each in moment.changes(Rated) if isinstance(each, Rated)]
    agent = moment.directory.agent_named(ratings[-1].agent) if ratings and ratings[-1].agent else None
    if agent:
        notice = to_agent("rated", agent)
        notice.extra["problem"] = ratings[-1].comment
        yield notice


def escalation(moment: Moment) -> Iterable[Notice]:
    """Those who answer for the desk, when it needs more attention."""
    raised = any(isinstance(each, Escalated) and each.new > each.old for each in moment.changes(Escalated))
    for address in moment.directory.admins if raised else ():
        agent = moment.directory.agent_at(address)
        if agent and agent != moment.actor:
            yield to_agent("change", agent)


def answer_copy(moment: Moment) -> Iterable[Notice]:
    """What a colleague answered."""
    if moment.filed(by="agent", visibility="public"):
        yield from (to_agent("answer_copy", agent, message=True) for agent in partakers(moment))


def change(moment: Moment) -> Iterable[Notice]:
    """Somebody else changed the ticket; the clock's own work is told too."""
    told = (StatusChanged, PriorityChanged, TeamsChanged, TagsChanged, CategoryChanged, SubjectChanged, Escalated)
    by_customer = moment.actor is None and moment.author is not None
    if moment.before is None or moment.quiet or by_customer:
        return
    if any(isinstance(event.change, told) for event in moment.events):
        yield from (to_agent("change", agent) for agent in partakers(moment))


def undelivered(moment: Moment) -> Iterable[Notice]:
    """A hard failure: the answer did not reach somebody, and whoever owns the ticket must know (UN-4)."""
    failed = [each for each in moment.changes(DeliveryFailed) if isinstance(each, DeliveryFailed) and each.hard]
    for agent in owners(moment) if failed else ():
        notice = to_agent("undelivered", agent, message=True)
        notice.extra["problem"] = f"{failed[-1].address} cannot be reached ({failed[-1].status or 'refused'})."
        yield notice
