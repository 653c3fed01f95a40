"""The environment over the files: `MAILD_DELIVERY__URL` is `[delivery] url` (SPEC AD-1)."""

import tomllib
from collections.abc import Mapping
from typing import Any

from maild.config.lines import KeyPath
from maild.config.places import Place, Problem, Sheet, Tree, key_text

PREFIX = "MAILD_"
TOML_BEGINS = ('"', "'", "[", "{")
TAKEN_LITERALLY = frozenset({"password", "client_secret", "refresh_token", "secret_key"})


def overlay(sheet: Sheet, environ: Mapping[str, str]) -> None:
    """`MAILD_DELIVERY__URL=…` is `[delivery] url`; `MAILD_IMAP__1__PASSWORD` is the first mailbox's password."""
    for variable, text in sorted(environ.items()):
        if variable.startswith(PREFIX) and "__" in variable:
            path = _path_of(variable)
            place = Place(f"environment variable {variable}", None, sheet.start.folder)
            if path is None or not _put(sheet.tree, path, _value(path, text)):
                sheet.problems.append(
                    Problem(place, key_text(path) if path else variable, "there is no such place in the configuration")
                )
            else:
                sheet.places[path] = place


def _path_of(variable: str) -> KeyPath | None:
    parts = variable.removeprefix(PREFIX).lower().split("__")
    if not all(parts) or "0" in parts:
        return None
    return tuple(int(part) - 1 if part.isdecimal() else part for part in parts)


def _value(path: KeyPath, text: str) -> object:
    """Lists and quoted text as in TOML; all else is text, which the schema reads as number or yes/no where due."""
    if path[-1] in TAKEN_LITERALLY or not text.startswith(TOML_BEGINS):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # it only looked like TOML
        return text


def _put(tree: Tree, path: KeyPath, value: object) -> bool:
    """Sets a value, making tables on the way (but no list items); False where the path leads nowhere."""
    may_make = all(isinstance(part, str) for part in path)
    here: Any = tree
    for part in path[:-1]:
        if isinstance(part, str) and isinstance(here, dict) and (may_make or part in here):
            here = here.setdefault(part, {})
        elif isinstance(part, int) and isinstance(here, list) and 0 <= part < len(here):
            here = here[part]
        else:
            return False
    last = path[-1]
    if isinstance(here, dict) and isinstance(last, str):
        here.pop(f"{last}_file", None)  # the environment wins over the other way to give the same secret
        here.pop(last.removesuffix("_file"), None)
        here[last] = value
        return True
    return False
