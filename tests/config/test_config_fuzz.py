"""Whatever stands in a file: a configuration, or a ConfigError whose every line names file, line and key."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.config import load_text
from maild.config.schema import LISTS, TABLES
from maild.errors import ConfigError

VALUES = [
    "''", '"x"', '"x@y.test"', "-1", "0", "7", "1e9", "inf", "nan", "true", "[]", "{}", '["a", 1]', "[[]]", "[{}]",
    '{ env = "X" }', '{ env = "" }', '{ file = "/" }', '{ file = 3 }', '"\\u0000"', '"~nobody/x"', "1979-05-27",
    "07:32:00", "9" * 40, '"unix:"', '"[::1]:25"', '"smtp://[x"', '"smtp://h:99999"', '"maildir:"', '"sqlite:///"',
    '"never"', '"0s"', '"10 MB"', '"/"', '"../.."', '"10.0.0.0/99"', '"\\u200b@\\u200b.test"',
    '["x@y.test", "X@y.test"]',
]  # fmt: skip
HEADERS = [*(f"[{name}]" for name in TABLES), *(f"[[{name}]]" for name in LISTS), "[[imap.oauth]]", "[desk.name]"]
KEYS = sorted(
    {key for model in (TABLES | LISTS).values() for key in model.model_fields} | {"password_file", "url_file"}
)
LINE = re.compile(r"[^:]+:\d+: [^:]+: .+", re.DOTALL)

lines = st.one_of(st.sampled_from(HEADERS), st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)).map(" = ".join))


def problems_in(text: str) -> list[str]:
    try:
        return list(load_text(text).warnings)
    except ConfigError as error:
        return error.problems or ["an error without a problem"]


@given(st.lists(lines, max_size=30).map("\n".join), st.booleans())
@settings(max_examples=400, derandomize=True, deadline=None)
def test_any_file_is_a_configuration_or_a_list_of_mistakes(text: str, with_desk: bool) -> None:
    found = problems_in('[desk]\nname="x"\naddress="x@z.test"\n' * with_desk + text)

    assert all(LINE.fullmatch(problem) for problem in found), found


def whole_tables() -> st.SearchStrategy[str]:
    """Every table at most once, with its own keys: gets past the syntax, to the schema and the checks."""
    tables = []
    for name, model in (TABLES | LISTS).items():
        pairs = st.dictionaries(st.sampled_from(sorted(model.model_fields)), st.sampled_from(VALUES), max_size=4)
        header = f"[{name}]" if name in TABLES else f"[[{name}]]"
        tables.append(
            pairs.map(lambda found, header=header: "\n".join([header, *(f"{k} = {v}" for k, v in found.items())]))
        )
    return st.lists(st.sampled_from(range(len(tables))), unique=True, max_size=8).flatmap(
        lambda chosen: st.tuples(*(tables[index] for index in chosen)).map("\n".join)
    )


@given(whole_tables())
@settings(max_examples=400, derandomize=True, deadline=None)
def test_any_table_with_its_own_keys_and_odd_values_is_read_or_refused(text: str) -> None:
    found = problems_in(text)

    assert all(LINE.fullmatch(problem) for problem in found), found
