"""Whose a new ticket is: strategies in order, the first that names somebody wins (SPEC AS-1)."""

from collections.abc import Callable
from dataclasses import dataclass

from maild.assignment import by_inbox
from maild.tickets.people import Directory, Inbox

Strategy = Callable[[Inbox, Directory], tuple[str, ...]]

STRATEGIES: tuple[tuple[str, Strategy], ...] = (("by-inbox", by_inbox.teams),)


@dataclass(frozen=True, slots=True)
class Placed:
    """The teams of a new ticket and the strategy that named them."""

    teams: tuple[str, ...]
    strategy: str


def place(inbox: Inbox, directory: Directory) -> Placed:
    """Asks each strategy in order."""
    for name, strategy in STRATEGIES:
        teams = strategy(inbox, directory)
        if teams:
            return Placed(teams, name)
    return Placed((), "")
