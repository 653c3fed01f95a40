"""What the schema found wrong, in words for an admin: never the value itself, it may be a secret."""

import re
from collections.abc import Callable
from typing import Any, get_args

from pydantic import BaseModel

from maild.config.places import did_you_mean
from maild.config.schema import LISTS, TABLES

CHOICE = re.compile(r"'([^']*)'")
MAY_LIE_IN_A_FILE = frozenset({"password", "client_secret", "refresh_token", "url"})

Context = dict[str, Any]
WORDS: dict[str, Callable[[Context], str]] = {
    "missing": lambda _: "is missing",
    "string_type": lambda _: "must be text in quotes",
    "string_too_short": lambda _: "must not be empty",
    "string_pattern_mismatch": lambda _: "must be one short word without blanks, '@', '#' and commas",
    "too_short": lambda _: "must have at least one entry",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "float_parsing": lambda _: "must be a number",
    "dict_type": lambda _: "must be a table, as in { name = value }",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "less_than_equal": lambda context: f"must be at most {context['le']}",
    "model_type": lambda _: "must be a table with keys",
    "value_error": lambda context: str(context["error"]),
}


def words_for(error: Any, model: type[BaseModel]) -> str:
    """The sentence after `KEY: ` for one error of pydantic's."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), _keys_at(model, error["loc"][:-1]))
    if kind in {"literal_error", "enum"}:
        choices = CHOICE.findall(context["expected"])
        return f"must be one of {', '.join(choices)}{_nearest(error['input'], choices)}"
    if kind in WORDS:
        return WORDS[kind](context)
    return str(error["msg"])


def unknown_key(word: str, known: list[str]) -> str:
    """`unknown key` with the nearest right one, or the table where it is at home."""
    homes = [f"[{name}]" for name, model in TABLES.items() if word in model.model_fields]
    homes += [f"[[{name}]]" for name, model in LISTS.items() if word in model.model_fields]
    if word == "include":
        return "unknown key here; 'include' stands at the top, before the first [table]"
    near = did_you_mean(word, known)
    if homes and "did you mean" not in near:
        return f"unknown key here (it belongs into {' or '.join(homes)})"
    return f"unknown key{near}"


def _nearest(given: object, choices: list[str]) -> str:
    near = did_you_mean(given, choices) if isinstance(given, str) else ""
    return near if "did you mean" in near else ""


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys that a table at this path may have."""
    for part in path:
        if str(part) not in model.model_fields:
            continue  # a name that the admin chose, as in targets.urgent
        inner = model.model_fields[str(part)].annotation
        tables = [each for each in (inner, *get_args(inner)) if isinstance(each, type) and issubclass(each, BaseModel)]
        model = tables[0]
    names = list(model.model_fields)
    return names + [f"{name}_file" for name in names if name in MAY_LIE_IN_A_FILE]
