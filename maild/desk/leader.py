"""One of many processes may do a thing: a lease row, renewed while alive, taken over within seconds (SPEC ST-2)."""

from datetime import timedelta

from maild.desk.room import Room
from maild.errors import TransientError
from maild.store import meta

LENGTH = timedelta(seconds=12)


class Lease:
    """`hold()` renews or takes the lease and says whether we have it now."""

    def __init__(self, room: Room, name: str, holder: str) -> None:
        self._room = room
        self._name = name
        self._holder = holder

    def hold(self) -> bool:
        """True when we have it until at least one more renewal is due; a store that is away means no."""
        try:
            with self._room.store.begin_quick() as tx:
                return meta.take_lease(tx, self._name, self._holder, self._room.clock(), LENGTH) is not None
        except TransientError:
            return False

    def free(self) -> None:
        """Gives it back, so that the next one need not wait."""
        try:
            with self._room.store.begin_quick() as tx:
                meta.free_lease(tx, self._name, self._holder, self._room.clock())
        except TransientError:
            return
