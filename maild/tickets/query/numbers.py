"""Numbers in a query: counts, ticket numbers, comparisons and ranges of them."""

import re
from collections.abc import Callable

from maild.tickets.query.conditions import Within
from maild.tickets.query.errors import Unclear
from maild.tickets.query.model import Compare

NUMBER = re.compile(r"(?:([^\s-]{1,40})-|#)?([0-9]{1,18})\Z")  # no database has more digits
COUNT = re.compile(r"[0-9]{1,9}\Z")


def ticket_number(text: str, prefix: str) -> int:
    """`1001`, `#1001` or `TICK-1001`, with our own prefix only; raises Unclear."""
    found = NUMBER.match(text)
    if not found:
        raise Unclear("a ticket number is wanted", f"write {f'{prefix}-' if prefix else ''}1001")
    if prefix and found[1] and found[1].casefold() != prefix.casefold():
        raise Unclear(f"tickets here are named {prefix}-…", f"write {prefix}-{found[2]}")
    return int(found[2])


def whole(text: str) -> int:
    """A plain number; raises Unclear."""
    if not COUNT.match(text):
        raise Unclear(f"'{text}' is no number", "write 5, >5 or 3..7")
    return int(text)


def between(column: str, compare: Compare, text: str, read: Callable[[str], int]) -> Within:
    """The condition that a column is a number, beside it, or in a range `a..b`."""
    if ".." in text and compare is Compare.IS:
        first, _, last = text.partition("..")
        if not first and not last:
            raise Unclear("a range needs a beginning or an end", "write 3..7")
        return Within(column, read(first) if first else None, read(last) + 1 if last else None)
    number = read(text)
    low = {Compare.IS: number, Compare.AT_LEAST: number, Compare.MORE: number + 1}.get(compare)
    high = {Compare.IS: number + 1, Compare.AT_MOST: number + 1, Compare.LESS: number}.get(compare)
    return Within(column, low, high)
