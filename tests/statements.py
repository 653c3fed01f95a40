"""Statements seen by SQLAlchemy's events: they know nothing of the short way of prepared ones."""

from collections.abc import Iterator
from contextlib import contextmanager

from maild.store import Tx


@contextmanager
def the_long_way() -> Iterator[None]:
    """Meanwhile every statement goes through SQLAlchemy; its text is the same."""
    Tx.short = False
    try:
        yield
    finally:
        Tx.short = True
