"""The query language for lists: `status:open assignee:alice tag:vpn printer -tag:x` (SPEC TI-9, its first part).

A query is a list of terms that must all hold. Unknown words are errors that name the word.
"""

import re
import shlex
from dataclasses import dataclass

from maild.errors import PermanentError

FIELDS = ("number", "status", "phase", "priority", "category", "assignee", "team", "tag", "customer")
NONE = "none"
NUMBER = re.compile(r"[0-9]{1,18}\Z")  # at the end, after a prefix; no database has more digits


class QueryError(PermanentError):
    """The query cannot be understood; the text names the word."""


@dataclass(frozen=True, slots=True)
class Term:
    """`field` is one of FIELDS or `words` (subject contains); any of `values` must match; `negated` turns it round."""

    field: str
    values: tuple[str, ...]
    negated: bool = False


def parse_query(text: str) -> tuple[Term, ...]:
    """The terms of a query; an empty query has none and matches everything."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise QueryError(f"a quotation mark is not closed in: {text}") from error
    return tuple(_term(word) for word in words)


def _term(word: str) -> Term:
    negated = word.startswith("-") and len(word) > 1
    bare = word[1:] if negated else word
    field, colon, value = bare.partition(":")
    if not colon or " " in field:
        return Term("words", (bare,), negated)
    if field not in FIELDS:
        raise QueryError(f"'{word}': unknown field '{field}'; known are {', '.join(FIELDS)}")
    values = tuple(each for each in value.split(",") if each)
    if not values:
        raise QueryError(f"'{word}': a value is missing after '{field}:'")
    if field == "number" and not all(NUMBER.search(each) for each in values):
        raise QueryError(f"'{word}': a ticket number is wanted, as in number:1001")
    return Term(field, values, negated)
