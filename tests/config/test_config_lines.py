"""The line of every key, in all forms that TOML has."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.config.lines import KeyPath, find_lines

FORMS = '''\
# [not.a.table]
top = "a = [b] # no comment"
[a.b]
c.d = 1
"quoted.key" = 'x'
text = """
[not.a.table]
x = 1 \\""" """
raw = \'\'\'
[[not]]\'\'\'
list = [ # a comment ]
  "one", "two",
  { inner = [1,
     2], other = 3 },
]
date = 1979-05-27 07:32:00
[[item]]
name = "first"
[item.part]
x = 1
[[item.row]]
y = 1
[[item.row]]
y = 2
[[item]]
name = "second"
[[item.row]]
y = 3
'''


def test_every_form_of_key_is_found_on_its_line() -> None:
    tomllib.loads(FORMS)

    lines = find_lines(FORMS)

    expected: dict[KeyPath, int] = {
        ("top",): 2,
        ("a",): 3,
        ("a", "b"): 3,
        ("a", "b", "c"): 4,
        ("a", "b", "c", "d"): 4,
        ("a", "b", "quoted.key"): 5,
        ("a", "b", "text"): 6,
        ("a", "b", "raw"): 9,
        ("a", "b", "list"): 11,
        ("a", "b", "list", 0): 12,
        ("a", "b", "list", 1): 12,
        ("a", "b", "list", 2): 13,
        ("a", "b", "list", 2, "inner"): 13,
        ("a", "b", "list", 2, "inner", 0): 13,
        ("a", "b", "list", 2, "inner", 1): 14,
        ("a", "b", "list", 2, "other"): 14,
        ("a", "b", "date"): 16,
        ("item",): 17,
        ("item", 0): 17,
        ("item", 0, "name"): 18,
        ("item", 0, "part"): 19,
        ("item", 0, "part", "x"): 20,
        ("item", 0, "row"): 21,
        ("item", 0, "row", 0): 21,
        ("item", 0, "row", 0, "y"): 22,
        ("item", 0, "row", 1): 23,
        ("item", 0, "row", 1, "y"): 24,
        ("item", 1): 25,
        ("item", 1, "name"): 26,
        ("item", 1, "row"): 27,
        ("item", 1, "row", 0): 27,
        ("item", 1, "row", 0, "y"): 28,
    }
    assert lines == expected


PIECES = [
    "[a]\n",
    "[[b]]\n",
    "[b.c]\n",
    "x = 1\n",
    'y = "="\n',
    "z = [1, [2, {q = 3}]]\n",
    "'k' = '''\n]'''\n",
    "# c\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=200, derandomize=True)
def test_whatever_parses_has_a_line_for_every_table_and_key(text: str) -> None:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    lines = find_lines(text)

    waiting: list[tuple[KeyPath, object]] = [((), tree)]
    while waiting:
        path, here = waiting.pop()
        inner = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        for key, value in inner:
            assert (*path, key) in lines
            waiting.append(((*path, key), value))


@given(st.text(max_size=200))
@settings(max_examples=200, derandomize=True)
def test_no_text_keeps_the_scanner_from_ending(text: str) -> None:
    find_lines(text)
