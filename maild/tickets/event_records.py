"""Changes as JSON values and back: the form of the events table and of `ticket show --json`."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from maild.mail.model import Mailbox
from maild.tickets import clocks
from maild.tickets.events import (
    CHANGES,
    WITH_OLD,
    Change,
    ClocksChanged,
    DateSet,
    FollowersChanged,
    Opened,
    ParticipantJoined,
    ParticipantLeft,
    ReferencesChanged,
    RequesterChanged,
    SlaReached,
    StatusChanged,
    TagsChanged,
    TeamsChanged,
    Undone,
)
from maild.tickets.ticket import Standing
from maild.tickets.workflow import Phase

BY_KIND: dict[str, type[Change]] = {each.kind: each for each in CHANGES}


def to_record(change: Change) -> tuple[str, Any, Any]:
    """(kind, old, new) as JSON values."""
    if isinstance(change, ClocksChanged):
        return change.kind, None, clocks.to_record(change.clocks)
    if isinstance(change, StatusChanged):
        return change.kind, change.old, {"status": change.new, "phase": change.phase.value}
    fields = asdict(change)
    if isinstance(change, WITH_OLD):
        return change.kind, fields["old"], fields["new"]
    if isinstance(change, SlaReached):
        fields |= {"due_at": change.due_at.isoformat()}
    if isinstance(change, DateSet):
        fields |= {"old": change.old and change.old.isoformat(), "new": change.new and change.new.isoformat()}
    return change.kind, None, fields


def from_record(kind: str, old: Any, new: Any) -> Change:
    """The inverse of `to_record`."""
    cls = BY_KIND[kind]
    if cls is StatusChanged:
        return StatusChanged(old, new["status"], Phase(new["phase"]))
    if cls is ClocksChanged:
        return ClocksChanged(clocks.from_record(new))
    if cls in WITH_OLD:
        read: Callable[[Any], Any] = READ_VALUES.get(cls, _as_it_is)
        return cls(read(old), read(new))  # type: ignore[call-arg]  # all of WITH_OLD take these two
    return cls(**{name: READ_FIELDS.get((cls, name), _as_it_is)(value) for name, value in new.items()})


def _as_it_is(value: Any) -> Any:
    return value


def _mailbox(value: dict[str, str]) -> Mailbox:
    return Mailbox(**value)


def _pairs(value: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in value)


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


READ_VALUES: dict[type, Callable[[Any], Any]] = {
    TeamsChanged: tuple,
    TagsChanged: tuple,
    FollowersChanged: tuple,
    RequesterChanged: _mailbox,
    ReferencesChanged: _pairs,
}
READ_FIELDS: dict[tuple[type, str], Callable[[Any], Any]] = {
    (Opened, "requester"): _mailbox,
    (Opened, "phase"): Phase,
    (Opened, "teams"): tuple,
    (ParticipantJoined, "standing"): Standing,
    (ParticipantLeft, "standing"): Standing,
    (DateSet, "old"): _moment,
    (DateSet, "new"): _moment,
    (SlaReached, "due_at"): _moment,
    (Undone, "events"): tuple,
}
