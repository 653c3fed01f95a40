"""Where in the raw values certain keys stand: `("imap", EACH, "password")` is that of every mailbox."""

from collections.abc import Iterator
from typing import Any

from maild.config.lines import KeyPath
from maild.config.places import Sheet

EACH = "*"
Pattern = tuple[str, ...]


def tables(sheet: Sheet, pattern: Pattern) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every table that a pattern leads to; what has another form is left for the schema to complain of."""
    found: list[tuple[KeyPath, Any]] = [((), sheet.tree)]
    for part in pattern:
        if part == EACH:
            found = [
                ((*path, i), item) for path, here in found if isinstance(here, list) for i, item in enumerate(here)
            ]
        else:
            found = [((*path, part), here[part]) for path, here in found if isinstance(here, dict) and part in here]
    yield from ((path, here) for path, here in found if isinstance(here, dict))
