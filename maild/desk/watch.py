"""maild watches itself: a backlog, mails that do not leave, a rising bounce rate (SPEC IN-8).

Admins are told once when it begins and once when it is over: by mail, and by the webhook for when mail itself broke.
"""

import json
import logging
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.clock import rfc3339
from maild.desk.room import Room
from maild.desk.troubles import tell_admins
from maild.store import Tx, inbound, meta, outbox

log = logging.getLogger("maild.watch")
PREFIX = "trouble:"
HANDLED_WITHIN = timedelta(minutes=10)
LEAVES_WITHIN = timedelta(hours=1)
BOUNCES_AMONG = 20
BOUNCE_SHARE = 0.1
WEBHOOK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong now, with words for an admin."""

    name: str
    words: str


def troubles(tx: Tx, now: datetime) -> list[Trouble]:
    """All that is wrong now."""
    found = []
    waiting, leaving = inbound.oldest_waiting(tx), outbox.oldest_waiting(tx)
    if waiting is not None and now - waiting > HANDLED_WITHIN:
        found.append(
            Trouble("backlog", f"{inbound.waiting(tx)} mails wait to be handled, one since {rfc3339(waiting)}")
        )
    if leaving is not None and now - leaving > LEAVES_WITHIN:
        found.append(Trouble("outbox", f"{outbox.count(tx)} mails wait to leave, one since {rfc3339(leaving)}"))
    bounced, left = outbox.bounced_share(tx, now - timedelta(days=1))
    if left >= BOUNCES_AMONG and bounced > left * BOUNCE_SHARE:
        found.append(Trouble("bounces", f"{bounced} of {left} mails of the last day came back"))
    return found


def look(room: Room, webhook: str | None) -> list[Trouble]:
    """Compares with what is known, and tells what began and what is over; gives what is wrong now."""
    now = room.clock()
    with room.store.begin() as tx:
        found = troubles(tx, now)
        known = meta.all_with(tx, PREFIX)
        began = [each for each in found if each.name not in known]
        over = [name for name in known if name not in {each.name for each in found}]
        for each in began:
            meta.set_once(tx, PREFIX + each.name, each.words)
        for name in over:
            meta.forget(tx, PREFIX + name)
    for each in began:
        _tell(room, webhook, "trouble", each.name, each.words)
    for name in over:
        _tell(room, webhook, "recovered", name, f"over; it was: {known[name]}")
    return found


def _tell(room: Room, webhook: str | None, event: str, name: str, words: str) -> None:
    tell_admins(room, event, name, words)
    if webhook is None:
        return
    body = json.dumps({"desk": room.book.name, "event": event, "name": name, "words": words}).encode()
    request = urllib.request.Request(webhook, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS):  # noqa: S310 - http(s) only, by the config's check
            return
    except OSError as error:
        log.warning("webhook failed error=%s", error)
