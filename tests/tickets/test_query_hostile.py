"""Any text is a query or an error that points into it, soon; nothing else ever."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.tickets.matching import matches
from maild.tickets.query import QueryError, parse_query, resolve
from maild.tickets.query.fields import FIELDS
from maild.tickets.query.parse import MAX_LENGTH
from tests.tickets.test_query_chance import MAKERS, SETTING, TICKET, some_query

PIECES = (
    *(
        '"',
        "'",
        "(",
        ")",
        ",",
        ":",
        "-",
        "–",
        "or",
        " or ",
        "<",
        ">",
        ">=",
        "..",
        "\\",
        " ",
        "\n",
        "“",
        "”",
        "*",
        "%",
        "=",
    ),
    *(
        "\0",
        "\ud800",
        "\u202e",
        "²",
        "𝟙",
        "none",
        "any",
        "me",
        "sort:",
        "limit:",
        "field.",
        "words:x",
        "9" * 30,
        "+",
        "T",
    ),
    *(
        "2026-",
        "2026-99-99",
        "9999-12-31",
        "9999d",
        "+9999w",
        "TICK-",
        "#",
        "@",
        "is:",
        "; drop table tickets; --",
        "\ue000",
    ),
    *(f"{field.name}:" for field in FIELDS),
)


def answered(text: str) -> bool:
    """True for an answer, False for an error that says where."""
    error = _error(text)
    if error is None:
        return True
    assert 1 <= error.place <= len(text)
    assert error.what and len(str(error)) < 500
    return False


def _error(text: str) -> QueryError | None:
    try:
        matches(parse_query(text), TICKET, SETTING, lambda _: True)
    except QueryError as error:
        return error
    return None


def test_five_thousand_odd_texts_are_queries_or_errors_that_say_where() -> None:
    random = Random(11)
    answers = 0
    for _ in range(4000):
        answers += answered("".join(random.choices(PIECES, k=random.randint(1, 9))))
    for _ in range(1000):
        letters = list(some_query(random))
        for _ in range(random.randint(0, 2)):
            letters[random.randrange(len(letters))] = random.choice(PIECES)
        answers += answered("".join(letters))
    assert 500 < answers < 4000


@given(
    st.text(max_size=60) | st.builds("{}:{}".format, st.sampled_from([name for name, _ in MAKERS]), st.text(max_size=9))
)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_no_text_raises_anything_but_a_query_error(text: str) -> None:
    answered(text)


LONG = (
    *("(" * MAX_LENGTH, "(" * 900 + "a" + ")" * 900, "-(" * 600 + "a" + ")" * 600, "a " * 999, "a or " * 399 + "a"),
    *("tag:" + "a," * 900 + "a", '"' * 1999, "\\" * 2000, '"' + "\\" * 1998, "-" * 2000, ":" * 2000, "," * 2000),
    *("a:" * 1000, "or " * 660, "created:" + "." * 1900, "x" * 2001, " " * 100_000, "“" * 2000, "tag:" * 500),
    *("-tag:-" * 300, "messages:" + "1.." * 600, "(a)" * 600, "(a or " * 300 + "a" + ")" * 300),
)


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_what_is_long_or_deep_is_refused_or_answered_at_once(text: str) -> None:
    answered(text)


def test_limits_leave_room_for_every_query_that_a_person_writes() -> None:
    assert answered("((((((((((a))))))))))")
    assert answered("-(a or (b -(c or (d -(e or (f g))))))")
    assert answered("number:" + ",".join(str(1001 + place) for place in range(100)))
    assert not answered("(a or b) " * 60)
    assert not answered("-(a -(a " * 40 + "a" + "))" * 40)


def test_a_resolved_query_is_a_value() -> None:
    text = 'is:open (tag:a or -customer:@x.test) "full text" created:>3d sort:-priority'

    assert resolve(parse_query(text), SETTING) == resolve(parse_query(text), SETTING)
    assert hash(parse_query(text)) == hash(parse_query(text))
