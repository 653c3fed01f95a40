"""Admins hear of each trouble once, and once that it is over (IN-2)."""

import logging
from collections import Counter
from collections.abc import Callable

from maild.errors import StorageBroken

log = logging.getLogger(__name__)

Tell = Callable[[str, str], None]


class Incidents:
    """Counts failures by name. `on_trouble` and `on_recovery` get the incident's name and words for people."""

    def __init__(self, on_trouble: Tell, on_recovery: Tell) -> None:
        self._on_trouble = on_trouble
        self._on_recovery = on_recovery
        self._failures: Counter[str] = Counter()
        self._told: set[str] = set()

    def failed(self, what: str, words: str, *, patience: int) -> None:
        """One more failure; told when there were `patience` in a row."""
        self._failures[what] += 1
        log.warning("%s: %s (failure %d)", what, words, self._failures[what])
        due = self._failures[what] >= patience and what not in self._told
        if due and self._tell(self._on_trouble, what, words):
            self._told.add(what)

    def fine(self, what: str, words: str) -> None:
        """It works; told when the trouble was."""
        self._failures.pop(what, None)
        if what in self._told:
            log.info("%s: %s", what, words)
            if self._tell(self._on_recovery, what, words):
                self._told.discard(what)

    def _tell(self, tell: Tell, what: str, words: str) -> bool:
        """Telling needs what may itself be broken, the database first of all: it is tried again next time."""
        try:
            tell(what, words)
        except StorageBroken:
            raise
        except Exception:
            log.exception("%s: admins could not be told", what)
            return False
        return True
