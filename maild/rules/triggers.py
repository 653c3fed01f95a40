"""What happened, as rules name it in `on`: a table from changes to triggers (SPEC RU-1)."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from maild.tickets.events import (
    Assigned,
    CategoryChanged,
    Change,
    DeliveryFailed,
    Escalated,
    Event,
    FieldSet,
    MessageFiled,
    Opened,
    PriorityChanged,
    Rated,
    SlaReached,
    StatusChanged,
    TagsChanged,
    TeamsChanged,
)
from maild.tickets.workflow import Phase, Workflow

RULE = "rule:"
DONE = (Phase.RESOLVED, Phase.CLOSED)


class Trigger(StrEnum):
    """The words after `on`."""

    CREATED = "created"
    REPLIED = "replied"
    ANSWERED = "answered"
    NOTED = "noted"
    SUPPLIER_REPLIED = "supplier_replied"
    STATUS = "status"
    REOPENED = "reopened"
    PRIORITY = "priority"
    CATEGORY = "category"
    ASSIGNED = "assigned"
    TAGGED = "tagged"
    FIELD = "field"
    RATED = "rated"
    ESCALATED = "escalated"
    SLA_WARNING = "sla_warning"
    SLA_BREACH = "sla_breach"
    UNDELIVERED = "undelivered"


def triggers_of(events: Iterable[Event], workflow: Workflow) -> frozenset[Trigger]:
    """What the events of one act set off. Those of rules set off nothing, so that no rule answers another one."""
    changes = [event.change for event in events if not event.actor.startswith(RULE)]
    found = {trigger for change in changes for trigger in _triggers(change, workflow)}
    # The first mail of a ticket is no reply, and words with which an agent begins one are no answer.
    return frozenset(found - MESSAGES if Trigger.CREATED in found else found)


def _triggers(change: Change, workflow: Workflow) -> tuple[Trigger, ...]:
    found = BY_CHANGE.get(type(change), ())
    return found if isinstance(found, tuple) else found(change, workflow)


def _message(change: MessageFiled, _workflow: Workflow) -> tuple[Trigger, ...]:
    return BY_AUTHOR.get((change.by, change.visibility), ())


def _status(change: StatusChanged, workflow: Workflow) -> tuple[Trigger, ...]:
    old = workflow.find(change.old)
    woke = old is not None and old.phase in DONE and change.phase not in DONE
    return (Trigger.STATUS, Trigger.REOPENED) if woke else (Trigger.STATUS,)


def _sla(change: SlaReached, _workflow: Workflow) -> tuple[Trigger, ...]:
    if change.percent < 100:
        return (Trigger.SLA_WARNING,)
    return (Trigger.SLA_BREACH,) if change.is_breach else ()


MESSAGES = {Trigger.REPLIED, Trigger.ANSWERED}
BY_AUTHOR: dict[tuple[str, str], tuple[Trigger, ...]] = {
    ("customer", "public"): (Trigger.REPLIED,),
    ("unverified", "public"): (Trigger.REPLIED,),
    ("agent", "public"): (Trigger.ANSWERED,),
    ("agent", "internal"): (Trigger.NOTED,),
    ("supplier", "supplier"): (Trigger.SUPPLIER_REPLIED,),
}
# One line for each kind of change that rules may hear of.
BY_CHANGE: dict[type, tuple[Trigger, ...] | Callable[[Any, Workflow], tuple[Trigger, ...]]] = {
    Opened: (Trigger.CREATED,),
    MessageFiled: _message,
    StatusChanged: _status,
    PriorityChanged: (Trigger.PRIORITY,),
    CategoryChanged: (Trigger.CATEGORY,),
    Assigned: (Trigger.ASSIGNED,),
    TeamsChanged: (Trigger.ASSIGNED,),
    TagsChanged: (Trigger.TAGGED,),
    FieldSet: (Trigger.FIELD,),
    Rated: (Trigger.RATED,),
    Escalated: (Trigger.ESCALATED,),
    SlaReached: _sla,
    DeliveryFailed: (Trigger.UNDELIVERED,),
}
