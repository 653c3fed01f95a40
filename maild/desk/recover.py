"""At start: claims of processes of this host that are no more are ended, so that their work goes on at once.

And after the clock was set back: nothing waits for a time that was reckoned by a clock that was ahead. And each minute:
what crashes left on the disk is swept away.
"""

import logging
import os
import socket
from contextlib import suppress
from datetime import timedelta

from maild.desk.room import Room
from maild.store import claims

log = logging.getLogger("maild.recover")
DAY = 24 * 3600


def worker_name(role: str) -> str:
    """`host/pid/role/nonce`: who holds a claim; the nonce tells apart two processes that got the same pid."""
    return f"{socket.gethostname()}/{os.getpid()}/{role}/{os.urandom(4).hex()}"


def recover(room: Room) -> int:
    """Ends the claims of dead local processes and removes old unfinished files; gives how many rows were freed."""
    room.blobs.remove_unfinished(older_than=DAY)
    with room.store.begin() as tx:
        dead = [name for name in claims.holders(tx) if _is_dead(name)]
        return claims.end(tx, dead, room.clock())


def end_waits_by_another_clock(room: Room, lease: timedelta, wait: timedelta) -> int:
    """`lease`: the longest claim, `wait`: the longest time between two attempts; gives how many rows were changed."""
    with room.store.begin() as tx:
        changed = claims.no_longer_than(tx, room.clock(), lease, wait)
    if changed:
        room.mail_waits.set()
    return changed


def sweep(room: Room) -> None:
    """Asked each minute, it has looked at all large contents on disk after four hours (`store/leftovers`)."""
    with room.store.read() as tx:
        laid, destroyed = room.blobs.sweep(tx, int(room.clock().timestamp()) // 60)
    if laid or destroyed:
        log.info("swept contents that no mail names laid_aside=%d destroyed=%d", laid, destroyed)


def _is_dead(name: str) -> bool:
    host, _, rest = name.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit() or int(pid) == os.getpid():
        return host == socket.gethostname() and pid == str(os.getpid())
    with suppress(PermissionError):
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
    return False
