"""What agents are told: each by a mail of his own, nobody of his own act (OUT-5)."""

from collections.abc import Iterable

from maild.mail.tokens import TokenKind
from maild.notices.notice import Moment, Notice, owners, partakers, readers_of_mail, to_agent
from maild.tickets.events import (
    Assigned,
    CategoryChanged,
    DeliveryDelayed,
    DeliveryFailed,
    Escalated,
    Opened,
    PriorityChanged,
    Rated,
    Reminded,
    SlaReached,
    StatusChanged,
    SubjectChanged,
    TagsChanged,
    TeamsChanged,
)


def assignment(moment: Moment) -> Iterable[Notice]:
    """The new assignee, unless he took it himself (AS-2); "maild" is who gave it to him when the desk did (AS-1)."""
    events = [(event.actor, event.change) for event in moment.events if isinstance(event.change, Assigned)]
    actor, name = (events[-1][0], events[-1][1].new) if events else ("", None)
    agent = moment.directory.agent_named(name) if name else None
    by_desk = actor.startswith("system:")
    if agent and (by_desk or agent != moment.actor):
        notice = to_agent("assignment", agent, message=True)
        notice.extra.update({"actor": "maild"} if by_desk else {})
        yield notice


def new_ticket(moment: Moment) -> Iterable[Notice]:
    """Whoever owns the new ticket: assignee, team or all; who is away only when nobody else is there (AS-1)."""
    if moment.changes(Opened) and not moment.quiet:
        readers = readers_of_mail(moment)
        here = tuple(agent for agent in readers if agent.name not in moment.away)
        yield from (to_agent("new_ticket", agent, message=True) for agent in here or readers)


def customer_reply(moment: Moment) -> Iterable[Notice]:
    """The customers' side wrote again."""
    if moment.changes(Opened) or moment.quiet or moment.idle:
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


def _sla(moment: Moment) -> list[SlaReached]:
    return [each for each in moment.changes(SlaReached) if isinstance(each, SlaReached)] if moment.tells_sla else []


def breached(moment: Moment) -> Iterable[Notice]:
    """A promise is broken: whoever owns the ticket, and who answers for the desk (SL-3)."""
    broken = [each for each in _sla(moment) if each.is_breach]
    if not broken:
        return
    admins = filter(None, map(moment.directory.agent_at, moment.directory.admins))
    for agent in dict.fromkeys((*owners(moment), *admins)):
        notice = to_agent("sla_breach", agent)
        notice.extra["what"] = broken[-1].target
        yield notice


def warned(moment: Moment) -> Iterable[Notice]:
    """A promise is in danger; what is broken beside it is told instead."""
    warnings = [each for each in _sla(moment) if each.percent < 100]
    if not warnings or any(each.is_breach for each in _sla(moment)):
        return
    for agent in owners(moment):
        notice = to_agent("sla_warning", agent)
        notice.extra.update({"what": warnings[-1].target, "percent": warnings[-1].percent})
        yield notice


def told_by_step(moment: Moment) -> Iterable[Notice]:
    """Whom a step of escalation names: agents, and everybody of a team."""
    directory = moment.directory
    for name in moment.to_tell:
        agent = directory.agent_named(name)
        yield from (to_agent("change", each) for each in ((agent,) if agent else directory.team(name)))


def reminded(moment: Moment) -> Iterable[Notice]:
    """A date that was set has come, or something rests too long (SL-5b, SL-6)."""
    for change in moment.changes(Reminded):
        if isinstance(change, Reminded) and change.what not in ("waiting", "category"):
            for agent in owners(moment):
                notice = to_agent("reminder", agent)
                notice.extra.update({"what": change.what, "problem": change.text})
                yield notice


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
    failed = [
        f"{event.change.address} cannot be reached: {event.reason or event.change.status or 'refused'}"
        for event in moment.events
        if isinstance(event.change, DeliveryFailed) and event.change.hard
    ]
    for agent in owners(moment) if failed else ():
        notice = to_agent("undelivered", agent, message=True)
        notice.extra["problem"] = failed[-1]
        yield notice


def delayed(moment: Moment) -> Iterable[Notice]:
    """An answer waits for hours already: whoever owns the ticket may take another way meanwhile (UN-4)."""
    waits = [
        f"{event.change.address}: {event.reason}"
        for event in moment.events
        if isinstance(event.change, DeliveryDelayed)
    ]
    for agent in owners(moment) if waits else ():
        notice = to_agent("delayed", agent, message=True)
        notice.extra["problem"] = waits[-1]
        yield notice
