"""Statuses, phases and the allowed steps between them: data from the config (SPEC TI-2)."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What a status means to clocks, lists and customers, whatever its name is."""

    NEW = "new"
    ACTIVE = "active"
    WAITING = "waiting"
    HOLD = "hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Status:
    """One status. `next`: names that an agent may choose from here. `told`: the customer gets a mail on entering."""

    name: str
    phase: Phase
    next: tuple[str, ...]
    told: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """All statuses in config order; the first is where a new ticket starts. `frozen_closed`: closed never changes."""

    statuses: tuple[Status, ...]
    frozen_closed: bool = False

    @property
    def first(self) -> Status:
        """Where a new ticket starts."""
        return self.statuses[0]

    def find(self, name: str) -> Status | None:
        """The status of this name or alias, without regard to case, blanks and hyphens."""
        wanted = _plain(name)
        for status in self.statuses:
            if wanted in (_plain(status.name), *map(_plain, status.aliases)):
                return status
        return None

    def in_phase(self, phase: Phase) -> Status | None:
        """The first status of a phase: what `#resolve` or a customer's reply leads to."""
        return next((status for status in self.statuses if status.phase is phase), None)

    def allows(self, old: str, new: str) -> bool:
        """True when an agent may step from `old` to `new`."""
        status = self.find(old)
        return status is None or new in status.next

    def names(self) -> tuple[str, ...]:
        """Every status name in config order."""
        return tuple(status.name for status in self.statuses)


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


DEFAULT_WORKFLOW = Workflow(
    (
        Status("new", Phase.NEW, ("open", "waiting", "hold", "resolved", "closed")),
        Status("open", Phase.ACTIVE, ("waiting", "hold", "resolved", "closed"), aliases=("in progress", "reopened")),
        Status("waiting", Phase.WAITING, ("open", "hold", "resolved", "closed"), aliases=("pending",)),
        Status("hold", Phase.HOLD, ("open", "waiting", "resolved", "closed"), aliases=("on hold",)),
        Status(
            "resolved", Phase.RESOLVED, ("open", "waiting", "hold", "closed"), told=True, aliases=("solved", "done")
        ),
        Status("closed", Phase.CLOSED, ("open",), told=True),
    )
)
DEFAULT_PRIORITIES = ("low", "normal", "high", "urgent")
DEFAULT_CATEGORIES: tuple[str, ...] = ()
