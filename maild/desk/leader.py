"""One of many processes may do a thing: a lease row, renewed while alive, taken over within seconds (SPEC ST-2).

A process that was frozen still believes that it leads. So what it does asks once more inside of its own transaction, by
the number that each new holder raises (`holds`), and PostgreSQL ends a transaction that hangs, or the leader does
(`end_hanging`, RELIABILITY F29).
"""

import logging
from datetime import timedelta
from typing import Protocol

from maild.desk.room import Room
from maild.errors import StorageBroken, TransientError
from maild.store import Tx, leads, meta

log = logging.getLogger("maild")
LENGTH = timedelta(seconds=9)  # with a beat every 5 seconds the next one is at work within 14
MOST_IDLE = timedelta(seconds=6)  # in the middle of a transaction
MOST_SILENT = timedelta(seconds=60)  # the same for every other transaction of a process that hangs


class Lead(Protocol):
    """Whether we are the one who does it."""

    def hold(self) -> bool:
        """Renews or takes it; False: somebody else does it now."""
        ...

    def holds(self, tx: Tx) -> bool:
        """The same inside of a transaction, without changing anything."""
        ...


class Alone:
    """Where nobody else is asked: a command that was typed, a test."""

    def hold(self) -> bool:
        """Always."""
        return True

    def holds(self, tx: Tx) -> bool:
        """Always; the rows' own marks keep two such from doing a thing twice."""
        return True


class Lease:
    """`hold()` renews or takes the lease and says whether we have it now."""

    def __init__(self, room: Room, name: str, holder: str) -> None:
        self._room = room
        self._name = name
        self._holder = holder
        self._fence: int | None = None

    def hold(self) -> bool:
        """True when we have it until at least one more renewal is due; a store that is away means no."""
        try:
            with self._room.store.begin_quick() as tx:
                leads.ends_when_idle(tx, MOST_IDLE)
                now = self._room.clock()
                leads.not_beyond(tx, self._name, now + LENGTH)
                self._fence = meta.take_lease(tx, self._name, self._holder, now, LENGTH)
        except TransientError:
            self._fence = None
        return self._fence is not None

    def holds(self, tx: Tx) -> bool:
        """True while nobody took it over since the last `hold()`."""
        return self._fence is not None and leads.leads(tx, self._name, self._holder, self._fence)

    def free(self) -> None:
        """Gives it back, so that the next one need not wait; where that cannot be written it runs out by itself."""
        try:
            with self._room.store.begin_quick() as tx:
                meta.free_lease(tx, self._name, self._holder, self._room.clock())
        except (TransientError, StorageBroken) as error:
            log.warning("lease is not given back name=%s error=%s", self._name, error)


def end_hanging(room: Room) -> int:
    """Ends what frozen processes have in their hands, so that nobody waits for what they locked; gives how many."""
    if room.store.is_sqlite:
        return 0  # one daemon alone, and no transaction for asking
    with room.store.begin_quick() as tx:
        return leads.end_hanging(tx, lead=MOST_IDLE, other=MOST_SILENT)
