"""The grammar of the query language, and the one reader of it (LALR: linear time, no backtracking; SPEC TI-9)."""

import re
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from maild.tickets.query.errors import QueryError, nearest
from maild.tickets.query.fields import COMPARABLE, LIMIT, NAMES, SORT, SORTABLE, field_named
from maild.tickets.query.model import WORDS, Compare, Order, Query, Term, Value
from maild.tickets.query.resolve import judge
from maild.tickets.query.slips import explained, refuse_slips
from maild.tickets.query.tree import Either, Every, Tree, Without, depth, leaves

MAX_LENGTH = 2_000
MAX_DEPTH = 24  # joints in one another: about ten pairs of parentheses
MAX_VALUES = 100

# Words end at blanks, parentheses and quotes. A value follows its colon and its comma at once: `tag:a,b`.
# Mail programs make “ ” of quotes and – of a hyphen; both are taken as they were meant.
GRAMMAR = r"""
    start: every
    every: either+
    either: _factor (_OR _factor)*
    _factor: without | _atom
    without: _NOT _atom
    _atom: term | words | group
    group: "(" every ")"
    term: FIELD COMPARE? _value (_COMMA _value)*
    words: WORD | QUOTED
    _value: VALUE | QUOTED

    _OR.3: /or(?=[\s()]|\Z)/i
    _NOT.3: /[-–−](?=[^\s–−-])/
    FIELD.2: /[^\s():",<>=“”„–−-][^\s():",<>=“”„]*:(?=[^\s,)])/
    COMPARE.2: />=|<=|>|</
    _COMMA.2: /(?<=\S),(?=[^\s,)])/
    QUOTED.2: /"(?:[^"\\]|\\.)*"|[“”„][^“”„]*[“”„]/s
    VALUE: /[^\s(),"“”„]+/
    WORD: /(?!or(?:[\s()]|\Z))[^\s(),"“”„][^\s()"“”„]*/i
    %ignore /\s+/
"""
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def parse_query(text: str) -> Query:
    """The query of a text; an empty one asks for everything. Raises QueryError and nothing else."""
    if len(text) > MAX_LENGTH:
        raise QueryError(text[:20], 1, f"a query of more than {MAX_LENGTH} letters", "ask for less")
    odd = UNSTORABLE.search(text)
    if odd:
        raise QueryError(f"U+{ord(odd[0]):04X}", odd.start() + 1, "no text has this letter", "leave it out")
    if not text.strip():
        return Query()
    try:
        query: Query = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise explained(text, error) from error
    return query


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder())


class _Directive:
    """`sort:` or `limit:`, which ask for nothing and so cannot be negated or chosen between."""

    def __init__(self, word: str, place: int, order: tuple[Order, ...] = (), limit: int | None = None) -> None:
        self.word = word
        self.place = place
        self.order = order
        self.limit = limit


class _Builder(Transformer[Token, Query]):
    """Called by the parser as it goes, from the left to the right: no tree has to be walked."""

    def start(self, children: list[Any]) -> Query:
        parts = children[0]
        given = [each for each in parts if isinstance(each, _Directive)]
        condition: Tree[Term] = Every(tuple(each for each in parts if not isinstance(each, _Directive)))
        _bounded(condition)
        return Query(condition, _order(given), min((each.limit for each in given if each.limit), default=None))

    def every(self, children: list[Any]) -> list[Any]:
        return children

    def either(self, children: list[Any]) -> Any:
        return children[0] if len(children) == 1 else Either(tuple(map(_asks, children)))

    def without(self, children: list[Any]) -> Any:
        return Without(_asks(children[0]))

    def group(self, children: list[Any]) -> Any:
        parts = tuple(map(_asks, children[0]))
        return parts[0] if len(parts) == 1 else Every(parts)

    def words(self, children: list[Token]) -> Term:
        token = children[0]
        if token.type == "WORD":
            refuse_slips(str(token), _place(token))
        value = _value(token)
        if not value.text.strip():
            raise QueryError(str(token), _place(token), "there is nothing between these quotation marks")
        term = Term(WORDS, (value,), Compare.IS, str(token), _place(token))
        judge(term)
        return term

    def term(self, children: list[Token]) -> Any:
        head, *rest = children
        compare = Compare(str(rest.pop(0))) if rest[0].type == "COMPARE" else Compare.IS
        word = f"{head}{compare}{','.join(rest)}"
        term = Term(str(head)[:-1].lower(), tuple(map(_value, rest)), compare, word, _place(head))
        return _read(term)


def _place(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _value(token: Token) -> Value:
    if token.type != "QUOTED":
        return Value(str(token))
    inner = str(token)[1:-1]
    return Value(re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL) if token[0] == '"' else inner, quoted=True)


def _read(term: Term) -> Term | _Directive:
    """A term that is right as far as one can see without the config."""
    if term.field in (SORT, LIMIT):
        return _directive(term)
    field = field_named(term.field) if term.field != WORDS else None
    if field is None:
        hint = nearest(term.field, NAMES, otherwise="what is not a field is put in quotes")
        raise QueryError(term.word, term.place, f"there is no field '{term.field}'", hint)
    if any(not value.text.strip() for value in term.values):
        raise QueryError(term.word, term.place, f"a value is missing after '{term.field}:'")
    if term.compare is not Compare.IS and field.kind not in COMPARABLE:
        what = f"{term.field} has no order, so '{term.compare}' says nothing"
        raise QueryError(term.word, term.place, what, f"write {term.field}:VALUE")
    judge(term)
    return term


def _directive(term: Term) -> _Directive:
    if term.compare is not Compare.IS:
        raise QueryError(term.word, term.place, f"'{term.compare}' cannot stand after {term.field}:")
    if term.field == SORT:
        return _Directive(term.word, term.place, order=tuple(_sorted_by(term, each.text) for each in term.values))
    count = term.values[0].text
    if len(term.values) > 1 or not re.fullmatch("[0-9]{1,9}", count) or int(count) == 0:
        raise QueryError(term.word, term.place, "a number from 1 is wanted", "write limit:20")
    return _Directive(term.word, term.place, limit=int(count))


def _sorted_by(term: Term, text: str) -> Order:
    descending = text[:1] in ("-", "–", "−")
    name = text[1:].lower() if descending else text.lower()
    if name not in SORTABLE:
        raise QueryError(term.word, term.place, f"cannot sort by '{name}'", nearest(name, SORTABLE))
    return Order(name, descending)


def _order(given: list[_Directive]) -> tuple[Order, ...]:
    """Every field once: what comes later could change nothing."""
    first: dict[str, Order] = {}
    for order in (order for each in given for order in each.order):
        first.setdefault(order.field, order)
    return tuple(first.values())


def _asks(node: Any) -> Any:
    if isinstance(node, _Directive):
        raise QueryError(node.word, node.place, "this goes for the whole query: neither '-', 'or' nor parentheses")
    return node


def _bounded(condition: Tree[Term]) -> None:
    """Refuses what no person writes: databases have limits of their own, and say so less kindly."""
    if depth(condition) > MAX_DEPTH:
        raise QueryError("(", 1, "too many parentheses in one another", "ask for less")
    count = 0
    for term in leaves(condition):
        count += len(term.values)
        if count > MAX_VALUES:
            raise QueryError(term.word, term.place, f"more than {MAX_VALUES} words and values", "ask for less")
