"""The one query language of lists, search, views, rules, roles and reports (SPEC TI-9; `docs/queries.md`).

A text is parsed into a `Query` (what was written), which resolves to a `Plan` (what it means at this desk, now, to this
agent). `tickets.matching` asks a plan of one ticket, `store.find` of all of them.
"""

from maild.tickets.query.errors import QueryError
from maild.tickets.query.model import Compare, Order, Query, Setting, Term, Value, both
from maild.tickets.query.parse import parse_query
from maild.tickets.query.resolve import Plan, Sorting, resolve

__all__ = [
    "Compare",
    "Order",
    "Plan",
    "Query",
    "QueryError",
    "Setting",
    "Sorting",
    "Term",
    "Value",
    "both",
    "parse_query",
    "resolve",
]
