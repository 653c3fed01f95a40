"""A query asked of all tickets: the query language in SQL (SPEC TI-9), every value a bound parameter (RELIABILITY E7).

It must say what `tickets.matching` says. So only ASCII letters are folded (SQLite's lower() knows no others, and
PostgreSQL's is told so by the collation "C"), and what is not known is not true, also when it is turned round.
"""

from collections.abc import Callable
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from maild.store import fulltext, schema
from maild.store.engine import Tx
from maild.store.tickets import _participants_of_many, _ticket
from maild.tickets.query import Plan, Query, Setting, Sorting, resolve
from maild.tickets.query.conditions import (
    CUSTOMERS,
    Among,
    Asking,
    Ending,
    Given,
    Holding,
    Inside,
    Joined,
    Later,
    Linked,
    Named,
    Paired,
    Test,
    Within,
    Words,
)
from maild.tickets.query.tree import Either, Every, Joint, Without, folded
from maild.tickets.ticket import Standing, Ticket

T = schema.tickets
P = schema.participants
Condition = sa.ColumnElement[bool]
Holds = Callable[[str], Condition]
COLUMNS = {"references": "refs"}
NEWEST = ("updated_at", "number")


def find(tx: Tx, query: Query, setting: Setting, limit: int | None = None) -> list[Ticket]:
    """Tickets that match, in the query's order or last changed first; raises QueryError."""
    plan = resolve(query, setting)
    dialect = tx.dialect.name
    limits = [each for each in (plan.limit, limit) if each is not None]
    wanted = sa.select(T).where(where(plan, dialect)).order_by(*_order(plan, dialect))
    rows = tx.execute(wanted.limit(min(limits)) if limits else wanted).all()
    participants = _participants_of_many(tx, [row.number for row in rows])
    return [_ticket(row, participants) for row in rows]


def count(tx: Tx, query: Query, setting: Setting) -> int:
    """How many tickets match, whatever the query's limit is."""
    condition = where(resolve(query, setting), tx.dialect.name)
    return tx.execute(sa.select(sa.func.count()).select_from(T).where(condition)).scalar_one()


def where(plan: Plan, dialect: str, holds: Holds = fulltext.holds) -> Condition:
    """The condition of a plan on `schema.tickets`; `holds` answers full text."""

    def condition(test: Test) -> Condition:
        return _condition(test, dialect, holds)

    return folded(plan.condition, condition, _joined)


def _order(plan: Plan, dialect: str) -> list[sa.ColumnElement[Any]]:
    """What changed last comes first among equals, then the number: a list is the same each time it is asked for."""
    chosen = [_sorted(each, dialect) for each in plan.order]
    named = {each.column for each in plan.order}
    return [*chosen, *(T.c[name].desc() for name in NEWEST if name not in named)]


def _sorted(sorting: Sorting, dialect: str) -> sa.ColumnElement[Any]:
    column: sa.ColumnElement[Any] = T.c[sorting.column]
    if sorting.ranks:
        column = sa.case({name: place for place, name in enumerate(sorting.ranks)}, value=column, else_=-1)
    elif isinstance(column.type, sa.Text):
        column = _folded(column, dialect)
    ordered = column.desc() if sorting.descending else column.asc()
    return ordered.nulls_last() if sorting.optional else ordered


def _joined(joint: Joint[Any], parts: list[Condition]) -> Condition:
    match joint:
        case Every():
            return sa.and_(sa.true(), *parts)
        case Either():
            return sa.or_(sa.false(), *parts)
        case Without():
            return parts[0].is_not(sa.true())
        case _:
            assert_never(joint)


def _condition(test: Test, dialect: str, holds: Holds) -> Condition:
    match test:
        case Words(text=text):
            return holds(text)
        case Joined(standings=standings, address=address, end=end):
            return T.c.number.in_(_people(standings, address, end))
        case Asking(address=address, end=end):
            return T.c.number.in_(_asking(address, end))
        case Holding() | Paired() | Linked():
            return _in_list(test, dialect)
        case Later(column=column, than=than):
            return sa.or_(T.c[column] > T.c[than], sa.and_(T.c[column].is_not(None), T.c[than].is_(None)))
        case _:
            return _of_column(test, T.c[test.column], dialect)


def _of_column(
    test: Among | Named | Given | Within | Inside | Ending, column: sa.ColumnElement[Any], dialect: str
) -> Condition:
    match test:
        case Among(column="phase", values=phases):
            # In the text, not bound: an index on open tickets alone is used only when it can be seen that it fits.
            return column.in_([sa.literal(phase, literal_execute=True) for phase in phases])
        case Among(values=values):
            return column.in_(values)
        case Named(forms=names):
            return _folded(column, dialect).in_(names)
        case Given():
            return column.is_not(None)
        case Within(low=low, high=high):
            return _within(column, low, high)
        case Inside(forms=words):
            return _inside(column, words, dialect)
        case Ending(end=end):
            return _ends(column, end)
        case _:
            assert_never(test)


def _within(column: sa.ColumnElement[Any], low: Any, high: Any) -> Condition:
    sides = [column >= low] if low is not None else []
    sides += [column < high] if high is not None else []
    return sa.and_(*sides)


def _folded(text: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[str]:
    return sa.func.lower(text if dialect == "sqlite" else sa.collate(text, "C"))


def _inside(column: sa.ColumnElement[Any], words: tuple[str, ...], dialect: str) -> Condition:
    place = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    return sa.or_(*(place(_folded(column, dialect), word) > 0 for word in words))


def _ends(column: sa.ColumnElement[Any], end: str) -> Condition:
    """Not LIKE: that has letters with a meaning, and folds on one database only."""
    return sa.func.substr(column, sa.func.length(column) - (len(end) - 1)) == end


def _asking(address: str | None, end: str | None) -> sa.CompoundSelect[tuple[int]]:
    """A union, not an or: each half has an index of its own, and PostgreSQL would read all tickets for the or."""
    asked = schema.tickets.alias("asked")
    requested = sa.select(asked.c.number).where(*_address_is(asked.c.requester, address, end))
    return requested.union(_people(CUSTOMERS, address, end))


def _people(standings: tuple[Standing, ...], address: str | None, end: str | None) -> sa.Select[tuple[int]]:
    right = P.c.standing.in_([each.value for each in standings])
    return sa.select(P.c.ticket).where(right, *_address_is(P.c.address, address, end))


def _address_is(column: sa.ColumnElement[str], address: str | None, end: str | None) -> list[Condition]:
    exact = [column == address] if address is not None else []
    return exact if end is None else [*exact, _ends(column, end)]


def _in_list(test: Holding | Paired | Linked, dialect: str) -> Condition:
    match test:
        case Holding(column=column, forms=words):
            items, text = _texts(column, dialect)
            return _one(items, [] if words is None else [_folded(text, dialect).in_(words)])
        case Paired(column=column, name=name, forms=words):
            items, first, second = _pairs(column, dialect)
            right = [first == name] if name is not None else []
            return _one(items, right + ([_folded(second, dialect).in_(words)] if words is not None else []))
        case Linked(number=number):
            items, _, second = _pairs("links", dialect)
            return _one(items, [] if number is None else [sa.cast(second, sa.BigInteger) == number])
        case _:
            assert_never(test)


def _one(items: sa.FromClause, conditions: list[Condition]) -> Condition:
    return sa.exists(sa.select(sa.literal_column("1")).select_from(items).where(*conditions))


def _texts(column: str, dialect: str) -> tuple[sa.FromClause, sa.ColumnElement[str]]:
    """The words of a JSON array, one a row."""
    each = sa.func.json_each if dialect == "sqlite" else sa.func.jsonb_array_elements_text
    rows = each(T.c[column]).table_valued(sa.column("value", sa.Text), name="item")
    return rows, rows.c.value


def _pairs(column: str, dialect: str) -> tuple[sa.FromClause, sa.ColumnElement[str], sa.ColumnElement[str]]:
    """The pairs of a JSON array of arrays of two."""
    array = T.c[COLUMNS.get(column, column)]
    if dialect == "sqlite":
        rows = sa.func.json_each(array).table_valued(sa.column("value", sa.Text), name="item")
        first, second = (sa.func.json_extract(rows.c.value, f"$[{place}]", type_=sa.Text) for place in (0, 1))
        return rows, first, second
    rows = sa.func.jsonb_array_elements(array).table_valued(sa.column("value", JSONB), name="item")
    return rows, rows.c.value[0].astext, rows.c.value[1].astext
