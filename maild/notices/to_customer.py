"""What the customers' side is told. Nothing here ever names an agent's address or an internal word."""

from collections.abc import Iterable

from maild.mail.tokens import TokenKind
from maild.notices.notice import Audience, Marking, Moment, Notice
from maild.records import replace
from maild.tickets.events import Merged, Opened, Reminded, StatusChanged


def _notice(moment: Moment, event: str, marking: Marking, *, message: bool = False) -> Notice:
    ticket = moment.after
    copied = tuple(box for box in ticket.copied() if box.address != ticket.requester.address)
    return Notice(
        event,
        Audience.CUSTOMER,
        (ticket.requester,),
        () if event == "acknowledgement" else copied,
        marking=marking,
        answers=TokenKind.PUBLIC,
        shows_message=message,
        language=ticket.language,
    )


def _to_each_side(notice: Notice, moment: Moment) -> Iterable[Notice]:
    """One mail for those who know of each other, and one for each who came with a merged ticket."""
    yield notice
    yield from (replace(notice, to=(box,), cc=()) for box in moment.after.apart())


def acknowledgement(moment: Moment) -> Iterable[Notice]:
    """Once per ticket, to a person, when the gate allows (CU-1)."""
    begun_by_us = moment.filed(by="agent", visibility="public") or moment.already_sent
    if moment.changes(Opened) and moment.may_answer and not moment.quiet and not begun_by_us:
        yield _notice(moment, "acknowledgement", Marking.REPLY)


def answer(moment: Moment) -> Iterable[Notice]:
    """An agent's public words (CU-2): his own, so without a mark of automatic mail."""
    if moment.filed(by="agent", visibility="public") and not moment.already_sent:
        event = "outreach" if moment.changes(Opened) else "answer"
        yield from _to_each_side(_notice(moment, event, Marking.WORDS, message=True), moment)


def merged(moment: Moment) -> Iterable[Notice]:
    """Two requests are worked on as one: the customer learns where the story goes on."""
    into = [each.new for each in moment.changes(Merged) if isinstance(each, Merged)]
    if into and into[-1] is not None and moment.after.answerable and not moment.quiet and not moment.after.spam:
        yield _notice(moment, "merged", Marking.NOTICE)


def reminded(moment: Moment) -> Iterable[Notice]:
    """That we wait for him, or still want to know what it is about: to the requester alone."""
    wanted = {"waiting": "waiting_reminder", "category": "category_wanted"}
    for change in moment.changes(Reminded):
        if isinstance(change, Reminded) and change.what in wanted and moment.after.answerable and not moment.quiet:
            yield replace(_notice(moment, wanted[change.what], Marking.NOTICE), cc=())


def told_status(moment: Moment) -> Iterable[Notice]:
    """A status that the workflow says the customer is told of; his own act needs no mail."""
    changes = [each for each in moment.changes(StatusChanged) if isinstance(each, StatusChanged)]
    silent = moment.quiet or not moment.after.answerable or moment.after.spam or moment.after.deleted
    if not changes or silent or moment.author == moment.after.requester.address:
        return
    status = moment.workflow.find(changes[-1].new)
    if status and status.told:
        event = status.phase.value if status.phase.value in ("resolved", "closed") else "status"
        notice = _notice(moment, event, Marking.NOTICE)
        notice = replace(notice, cc=tuple(box for box in notice.cc if box.address != moment.author))
        yield from _to_each_side(notice, moment)
