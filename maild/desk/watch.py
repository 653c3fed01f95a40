"""maild watches itself: a backlog, mails that do not leave, a rising bounce rate (SPEC IN-8).

Admins are told when it begins, after four hours, then each day, and when it is over: by mail, and by the webhook for
when mail itself broke.
"""

import json
import logging
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.clock import rfc3339
from maild.desk.room import Room
from maild.desk.troubles import tell_admins
from maild.store import Tx, inbound, meta, outbox, sent

log = logging.getLogger("maild.watch")
PREFIX = "in-trouble:"
AGAIN_AFTER, THEN_EVERY = timedelta(hours=4), timedelta(days=1)
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
    bounced, left = sent.bounced_share(tx, now - timedelta(days=1))
    if left >= BOUNCES_AMONG and bounced > left * BOUNCE_SHARE:
        found.append(Trouble("bounces", f"{bounced} of {left} mails of the last day came back"))
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A trouble that admins know of: since when, and when they were told last."""

    since: datetime
    told: datetime
    words: str

    def is_due(self, now: datetime) -> bool:
        """Shall they be told again?"""
        return now - self.told >= (AGAIN_AFTER if self.told == self.since else THEN_EVERY)

    def as_text(self) -> str:
        """How it is kept."""
        return json.dumps([rfc3339(self.since), rfc3339(self.told), self.words])

    @classmethod
    def of_text(cls, text: str) -> "Known":
        """What was kept."""
        since, told, words = json.loads(text)
        return cls(datetime.fromisoformat(since), datetime.fromisoformat(told), words)


def look(room: Room, webhook: str | None) -> list[Trouble]:
    """Compares with what is known, and tells what began, what goes on and what is over; gives what is wrong now."""
    now = room.clock()
    with room.store.begin() as tx:
        found = troubles(tx, now)
        known = {name: Known.of_text(text) for name, text in meta.all_with(tx, PREFIX).items()}
        telling = [each for each in found if each.name not in known or known[each.name].is_due(now)]
        over = [name for name in known if name not in {each.name for each in found}]
        for name in (*over, *(each.name for each in telling)):
            meta.forget(tx, PREFIX + name)
        for each in telling:
            since = known[each.name].since if each.name in known else now
            meta.set_once(tx, PREFIX + each.name, Known(since, now, each.words).as_text())
    for each in telling:
        since_words = f"; told first at {rfc3339(known[each.name].since)}" if each.name in known else ""
        _tell(room, webhook, "trouble", each.name, each.words + since_words)
    for name in over:
        _tell(room, webhook, "recovered", name, f"over; it was: {known[name].words}")
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
