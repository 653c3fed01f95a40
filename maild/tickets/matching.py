"""A query asked of one ticket in memory: the same answer that the store gives (SPEC TI-9)."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, assert_never

from maild.tickets.query import Query, Setting, resolve
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
    fold,
)
from maild.tickets.query.tree import Every, Tree, folded, leaves, truth
from maild.tickets.ticket import Ticket

Contains = Callable[[str], bool]


def matches(query: Query, ticket: Ticket, setting: Setting, contains: Contains) -> bool:
    """True when the ticket is one that the query asks for; `contains` answers full text, and only when it matters."""
    return holds(resolve(query, setting).condition, ticket, contains)


def holds(condition: Every[Test], ticket: Ticket, contains: Contains) -> bool:
    """The same for a query that is resolved already; what needs full text is asked last."""

    def answer(test: Test) -> bool:
        return _answer(test, ticket, contains)

    return all(folded(part, answer, truth) for part in sorted(condition.parts, key=_needs_text))


def _needs_text(tree: Tree[Test]) -> bool:
    return any(isinstance(test, Words) for test in leaves(tree))


_READ = {"requester": attrgetter("requester.address")}


def _value(ticket: Ticket, column: str) -> Any:
    return _READ.get(column, attrgetter(column))(ticket)


def _answer(test: Test, ticket: Ticket, contains: Contains) -> bool:
    match test:
        case Words(text=text):
            return contains(text)
        case Asking(address=address, end=end):
            return _is_one(ticket.requester.address, address, end) or any(
                each.standing in CUSTOMERS and _is_one(each.address, address, end) for each in ticket.participants
            )
        case Holding() | Paired() | Linked() | Joined():
            return _answer_of_list(test, ticket)
        case Later(column=column, than=than):
            return _later(_value(ticket, column), _value(ticket, than))
        case _:
            return _answer_of_value(test, _value(ticket, test.column))


def _answer_of_value(test: Among | Named | Given | Within | Inside | Ending, value: Any) -> bool:
    if value is None:
        return False
    match test:
        case Among(values=values):
            return value in values
        case Named(forms=forms):
            return fold(value) in forms
        case Given():
            return True
        case Within(low=low, high=high):
            return (low is None or low <= value) and (high is None or value < high)
        case Inside(forms=forms):
            return any(form in fold(value) for form in forms)
        case Ending(end=end):
            return bool(value.endswith(end))
        case _:
            assert_never(test)


def _later(value: Any, than: Any) -> bool:
    return value is not None and (than is None or value > than)


def _answer_of_list(test: Holding | Paired | Linked | Joined, ticket: Ticket) -> bool:
    match test:
        case Holding(column=column, forms=forms):
            return any(forms is None or fold(each) in forms for each in _value(ticket, column))
        case Paired(column=column):
            return any(_is_pair(test, name, value) for name, value in _value(ticket, column))
        case Linked(number=number):
            return any(number in (None, link.number) for link in ticket.links)
        case Joined():
            those = (each.address for each in ticket.participants if each.standing in test.standings)
            return any(_is_one(each, test.address, test.end) for each in those)
        case _:
            assert_never(test)


def _is_pair(test: Paired, name: str, value: str) -> bool:
    return test.name in (None, name) and (test.forms is None or fold(value) in test.forms)


def _is_one(address: str, wanted: str | None, end: str | None) -> bool:
    return wanted in (None, address) and (end is None or address.endswith(end))
