"""From a query as it was written to what it means here: conditions, an order, a limit."""

from dataclasses import dataclass
from datetime import UTC, datetime

from maild.tickets.query.conditions import Test
from maild.tickets.query.errors import QueryError, Unclear, nearest
from maild.tickets.query.fields import BY_NAME, NAMES, Kind, field_named
from maild.tickets.query.forms import HIDDEN
from maild.tickets.query.model import Query, Setting, Term
from maild.tickets.query.tree import Either, Every, Tree, Without, folded, leaves, rebuilt
from maild.tickets.query.values import read
from maild.tickets.workflow import DEFAULT_PRIORITIES, DEFAULT_WORKFLOW

# What the desk's config must be known for; all else can be judged when a query is read.
CONFIGURED = frozenset({Kind.STATUS, Kind.PRIORITY, Kind.OWN})
NOWHERE = Setting(datetime(2026, 1, 1, tzinfo=UTC), UTC, DEFAULT_WORKFLOW, DEFAULT_PRIORITIES, me="me")


@dataclass(frozen=True, slots=True)
class Sorting:
    """By a column; `ranks` are its values from first to last where the alphabet says nothing."""

    column: str
    descending: bool
    optional: bool = False
    ranks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a query means at one moment to one agent: the same for one ticket in memory and for all in SQL."""

    condition: Every[Test]
    order: tuple[Sorting, ...]
    limit: int | None


def resolve(query: Query, setting: Setting) -> Plan:
    """Raises QueryError at the first word that means nothing here, such as a status that the workflow lacks."""

    def meant(term: Term) -> Tree[Test]:
        return resolved(term, setting)

    condition: Tree[Test] = folded(query.condition, meant, rebuilt)
    named = {value.text.lower() for term in leaves(query.condition) if term.field == "is" for value in term.values}
    shown: list[Tree[Test]] = [Without(test) for name, test in HIDDEN.items() if name not in named]
    parts = condition.parts if isinstance(condition, Every) else (condition,)
    return Plan(Every((*parts, *shown)), _sorting(query, setting), query.limit)


def resolved(term: Term, setting: Setting) -> Tree[Test]:
    """The condition of one term: any of its values."""
    field = field_named(term.field)
    if field is None:
        raise QueryError(term.word, term.place, f"there is no field '{term.field}'", nearest(term.field, NAMES))
    try:
        parts = tuple(read(field, term.compare, value, setting) for value in term.values)
    except Unclear as error:
        raise QueryError(term.word, term.place, error.what, error.hint) from error
    return parts[0] if len(parts) == 1 else Either(parts)


def judge(term: Term) -> None:
    """Raises QueryError for a value that would be wrong at any desk."""
    field = field_named(term.field)
    if field is not None and field.kind not in CONFIGURED:
        resolved(term, NOWHERE)


def _sorting(query: Query, setting: Setting) -> tuple[Sorting, ...]:
    ranks = {"priority": setting.priorities, "status": setting.workflow.names()}
    fields = ((BY_NAME[each.field], each.descending) for each in query.order)
    return tuple(
        Sorting(field.column, descending, field.optional, ranks.get(field.name, ())) for field, descending in fields
    )
