"""A query as it was written: terms joined by and, or and not, an order, a limit."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from maild.tickets.query.tree import Every, Tree
from maild.tickets.workflow import Workflow

WORDS = "words"  # the field of bare and quoted words: full text


class Compare(StrEnum):
    """How a value is compared."""

    IS = ""
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Value:
    """One value as written; what is quoted means itself, never `none`, `any` or `me`."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """`field` with any of `values`; `word` is how it was written, `place` its column from 1."""

    field: str
    values: tuple[Value, ...]
    compare: Compare = Compare.IS
    word: str = ""
    place: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """Sorted by one field."""

    field: str
    descending: bool


EVERYTHING: Tree[Term] = Every(())


@dataclass(frozen=True, slots=True)
class Query:
    """Everything that a query says; nothing of the desk's own words is known yet."""

    condition: Tree[Term] = EVERYTHING
    order: tuple[Order, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the words of a query mean here: at this moment, to this agent, at this desk.

    `priorities` go from the lowest to the highest; `fields` are the names of the desk's own fields.
    """

    now: datetime
    timezone: tzinfo
    workflow: Workflow
    priorities: tuple[str, ...]
    me: str | None = None
    prefix: str = ""
    fields: tuple[str, ...] = ()


def both(first: Query, second: Query) -> Query:
    """Both must hold: what a role may see, and what its agent asks for. The second one's order goes before."""
    limits = [each for each in (first.limit, second.limit) if each is not None]
    return Query(
        Every((first.condition, second.condition)), second.order or first.order, min(limits) if limits else None
    )
