"""Admins are told once when something outside breaks, and once when it works again (SPEC IN-2, IN-8)."""

import logging
from datetime import timedelta

from maild.desk.notify import Occasion, write_notices
from maild.desk.room import Room
from maild.errors import MaildError
from maild.mail.model import Mailbox
from maild.notices import Audience, Notice
from maild.store import sent

log = logging.getLogger("maild.trouble")


def tell_admins(room: Room, event: str, name: str, words: str) -> None:
    """Writes the mail to every admin; a store that is away leaves the log line."""
    log.warning("%s name=%s words=%s", event, name, words)
    now = room.clock()
    notices = [
        Notice(event, Audience.ADMIN, (Mailbox(address),), extra={"problem": f"{name}: {words}"})
        for address in room.book.directory.admins
    ]
    try:
        with room.store.begin() as tx:
            hour = now - timedelta(hours=1)
            fresh = [each for each in notices if sent.told_since(tx, event, each.to[0].address, hour) < 10]
            write_notices(tx, fresh, Occasion(cause=f"{name}@{now.isoformat()}", now=now, ticket=None), room.book)
    except MaildError as error:
        log.error("admins could not be told error=%s", error)
    room.mail_waits.set()
