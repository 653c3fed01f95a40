"""Webhooks of rules: kept with the change that wants them, sent by the pulse outside any transaction (SPEC RU-1).

They wait in `meta`, one row each, until the other side says 2xx: at least once, never held against the mail.
"""

import json
import logging
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from maild.clock import rfc3339
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.rules.actions import Call
from maild.rules.engine import Reaction
from maild.store import Tx, meta
from maild.tickets.ticket import Ticket

log = logging.getLogger("maild.webhooks")
WAITS = "webhook:"
SECONDS = 5
FAILURES_PER_PULSE = 2  # the pulse has timers to look after; a host that hangs must not take them along
WAITS_BETWEEN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 600))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One call that was not made yet."""

    key: str
    url: str
    body: dict[str, Any]
    attempts: int
    next_at: datetime


def keep(tx: Tx, reaction: Reaction, ticket: Ticket, book: Rulebook, now: datetime) -> None:
    """Keeps what rules of an act want to be sent."""
    for place, wanted in enumerate(reaction.wishes):
        if isinstance(wanted.wish, Call):
            key = f"{WAITS}{rfc3339(now)}/{ticket.number}/{ticket.seq}/{place}"
            body = {"rule": wanted.rule, "at": rfc3339(now), "desk": book.name, "ticket": _shown(ticket, book)}
            _put(tx, _Waiting(key, wanted.wish.url, body, 0, now))


def _shown(ticket: Ticket, book: Rulebook) -> dict[str, Any]:
    """The ticket's fields; no words of its messages."""
    return {
        "number": book.label(ticket.number),
        "subject": ticket.subject,
        "status": ticket.status,
        "phase": ticket.phase.value,
        "priority": ticket.priority,
        "category": ticket.category,
        "requester": ticket.requester.address,
        "assignee": ticket.assignee,
        "teams": list(ticket.teams),
        "tags": list(ticket.tags),
    }


def send_webhooks(room: Room, now: datetime) -> int:
    """Makes the calls that are due; gives how many were taken by the other side."""
    with room.store.read() as tx:
        waiting = [_read(key, value) for key, value in sorted(meta.all_with(tx, WAITS).items())]
    taken, failures = 0, 0
    for each in waiting:
        if each.next_at > now or failures >= FAILURES_PER_PULSE:
            continue
        error = _post(each)
        with room.store.begin() as tx:
            meta.forget(tx, each.key)
            if error is not None:
                _again(tx, each, error, now)
        taken, failures = (taken + 1, failures) if error is None else (taken, failures + 1)
    return taken


def _post(waiting: _Waiting) -> OSError | None:
    body = json.dumps(waiting.body).encode()
    request = urllib.request.Request(waiting.url, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - http(s) only, by the config's check
            return None
    except urllib.error.HTTPError as error:
        error.close()  # it is the answer, too, with its connection
        return error
    except OSError as error:
        return error


def _again(tx: Tx, waiting: _Waiting, error: OSError, now: datetime) -> None:
    rule, attempts = waiting.body["rule"], waiting.attempts + 1
    if attempts > len(WAITS_BETWEEN):
        log.error("webhook given up rule=%s url=%s error=%s", rule, waiting.url, error)
        return
    log.warning("webhook failed rule=%s attempt=%d error=%s", rule, attempts, error)
    later = now + WAITS_BETWEEN[attempts - 1]
    _put(tx, _Waiting(waiting.key, waiting.url, waiting.body, attempts, later))


def _put(tx: Tx, waiting: _Waiting) -> None:
    value = {"url": waiting.url, "body": waiting.body, "attempts": waiting.attempts}
    meta.set_once(tx, waiting.key, json.dumps(value | {"next_at": waiting.next_at.isoformat()}))


def _read(rest: str, value: str) -> _Waiting:
    row = json.loads(value)
    at = datetime.fromisoformat(row["next_at"])
    return _Waiting(WAITS + rest, row["url"], row["body"], row["attempts"], at)
