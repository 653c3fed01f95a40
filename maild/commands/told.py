"""A change in words for people: for `#history`, digests, `maild explain` and the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from maild.tickets.events import (
    AlsoArrived,
    Assigned,
    BreachExplained,
    Change,
    ClocksChanged,
    DateSet,
    Deleted,
    DeliveryDelayed,
    DeliveryFailed,
    Escalated,
    FieldSet,
    FollowersChanged,
    Linked,
    Merged,
    MessageFiled,
    MessagesMoved,
    Opened,
    ParticipantJoined,
    ParticipantLeft,
    QualityJudged,
    Rated,
    ReferencesChanged,
    Refused,
    Reminded,
    RequesterChanged,
    SlaReached,
    SpamMarked,
    TagsChanged,
    TeamsChanged,
    TimeSpent,
    TodoAdded,
    TodoDone,
    TodoDropped,
    Undone,
    Unlinked,
)
from maild.tickets.promises import Target
from maild.tickets.ticket import Standing

WRITTEN = {
    ("in", "public"): "wrote",
    ("in", "internal"): "a robot's mail was kept",
    ("in", "supplier"): "the supplier wrote",
    ("out", "public"): "answered the customer",
    ("out", "supplier"): "wrote to the supplier",
    ("note", "internal"): "wrote a note",
}
JOINED = {
    Standing.PARTICIPANT: "takes part",
    Standing.UNVERIFIED: "wrote, and is not known here",
    Standing.MERGED: "came with a merged ticket",
    Standing.SUPPLIER: "helps as a supplier",
}
DATES = {"due": "due date", "followup": "follow-up", "action": "action date"}


class Labels(Protocol):
    """How numbers and times are shown."""

    def label(self, number: int) -> str:
        """`TICK-1001`."""
        ...

    def local(self, moment: datetime) -> str:
        """`2026-11-21 10:30`, in the desk's zone."""
        ...


def told(change: Change, labels: Labels) -> str:
    """One line about one change."""
    match change:
        case Opened(subject, requester):
            return f"new ticket of {requester.address}: {subject}"
        case MessageFiled(_, direction, visibility, _, by, author):
            words = WRITTEN.get((direction, visibility), "wrote")
            who = f" ({author}, unverified)" if by == "unverified" else ""
            return f"{words}{who}"
        case Assigned(old, new):
            return f"assignee: {old or 'nobody'} → {new or 'nobody'}"
        case TeamsChanged(old, new) | TagsChanged(old, new) | FollowersChanged(old, new):
            return f"{change.kind}: {_more_and_less(old, new)}"
        case ReferencesChanged(_, new):
            return f"references: {', '.join(value for _, value in new) or 'none'}"
        case RequesterChanged(old, new):
            return f"requester: {old.address} → {new.address}"
        case Escalated(old, new):
            return f"escalated to level {new}" if new > old else f"level {old} → {new}"
        case QualityJudged(_, new):
            return f"quality judged {new} of 5" if new else "quality not judged any more"
        case SpamMarked(_, new):
            return "marked as spam" if new else "no spam after all"
        case Merged(old, new):
            return f"merged into {labels.label(new)}" if new else f"taken out of {labels.label(old or 0)} again"
        case _:
            return _rare(change, labels)


def _more_and_less(old: Sequence[str], new: Sequence[str]) -> str:
    """`+vpn, -urgent`."""
    fresh = [f"+{each}" for each in new if each not in old]
    return ", ".join([*fresh, *(f"-{each}" for each in old if each not in new)]) or "in another order"


def _rare(change: Change, labels: Labels) -> str:
    match change:
        case ParticipantJoined(address, _, standing):
            return f"{address} {JOINED[standing]}"
        case ParticipantLeft(address):
            return f"{address} left"
        case DateSet(which, _, new, _, text):
            when = f"{labels.local(new)} {text}".rstrip() if new else "none"
            return f"{DATES.get(which, which)}: {when}"
        case FieldSet(name, old, new):
            return f"{name}: {old or 'none'} → {new or 'none'}"
        case TimeSpent(minutes):
            return f"{minutes} {'minute' if minutes == 1 else 'minutes'} spent"
        case Linked(relation, number):
            return f"{relation} {labels.label(number)}"
        case Unlinked(relation, number):
            return f"no longer {relation} {labels.label(number)}"
        case MessagesMoved(count, other):
            way = "from" if count > 0 else "to"
            moved = "1 message" if abs(count) == 1 else f"{abs(count)} messages"
            return f"{moved} moved {way} {labels.label(other)}"
        case Undone(events):
            return f"took back {'the last change' if len(events) == 1 else f'the last {len(events)} changes'}"
        case TodoAdded() | TodoDone() | TodoDropped() | TimeSpent() | Rated():
            return _work(change)
        case SlaReached() | Reminded() | ClocksChanged() | BreachExplained():
            return _clock(change, labels)
        case _:
            return _kept(change)


def _work(change: TodoAdded | TodoDone | TodoDropped | TimeSpent | Rated) -> str:
    match change:
        case TodoAdded(number, text):
            return f"to do {number}: {text}"
        case TodoDone(number, done):
            return f"to do {number} {'done' if done else 'open again'}"
        case TodoDropped(number):
            return f"to do {number} taken back"
        case TimeSpent(minutes):
            return f"{minutes} minutes spent"
        case Rated(score, comment):
            return f"rated {score} of 5{': ' + comment if comment else ''}"


def _clock(change: SlaReached | Reminded | ClocksChanged | BreachExplained, labels: Labels) -> str:
    match change:
        case SlaReached(target, percent, minutes):
            name = target.replace("_", " ")
            if minutes:
                return f"{name}: {minutes} minutes late"
            return f"{name}: too late" if percent >= 100 else f"{name}: {percent} % of the time is over"
        case Reminded(what, text, times):
            missed = f" (for {times} that were due)" if times > 1 else ""
            return f"reminder: {what.replace('_', ' ')}{': ' + text if text else ''}{missed}"
        case ClocksChanged(clocks):
            due = [(each.value, clocks.of(each).due_at) for each in Target]
            shown = ", ".join(f"{name.replace('_', ' ')} by {labels.local(at)}" for name, at in due if at)
            return f"due: {shown or 'nothing now'}"
        case BreachExplained(_, new):
            return f"why it was late: {new}"


def _kept(change: Change) -> str:
    match change:
        case AlsoArrived(via):
            return f"the same mail came again by {via}"
        case DeliveryFailed(address, hard, status):
            return f"{address} was not reached ({'for good' if hard else 'for now'}, {status or 'no code'})"
        case DeliveryDelayed(address):
            return f"{address} was not reached yet; it is tried again"
        case Refused(by, what):
            return f"refused to {by}: {what}"
        case Deleted():
            return "words and files destroyed"
        case _:
            return f"{change.kind}: {getattr(change, 'old', None) or 'none'} → {getattr(change, 'new', None) or 'none'}"
