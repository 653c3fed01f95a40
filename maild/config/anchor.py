"""Before the values are checked: relative paths get the folder of the file that names them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maild.config.lines import KeyPath
from maild.config.patterns import EACH, Pattern, tables
from maild.config.places import Sheet
from maild.config.urls import anchored_database, anchored_delivery

DEFAULTS: tuple[tuple[str, str, str], ...] = (
    ("desk", "secret_file", "secret.key"),
    ("desk", "data_dir", "maild-data"),
    ("database", "url", "sqlite:///maild.db"),
)


def _path(text: str, folder: Path) -> str:
    return str(folder / os.path.expanduser(text)) if text else text


def _socket(text: str, folder: Path) -> str:
    return f"unix:{_path(text.removeprefix('unix:'), folder)}" if text.startswith(("unix:", "/")) else text


ANCHORED: tuple[tuple[Pattern, Callable[[str, Path], str]], ...] = (
    (("desk", "secret_file"), _path),
    (("desk", "data_dir"), _path),
    (("desk", "templates_dir"), _path),
    (("desk", "canned_dir"), _path),
    (("smtp", "tls_certificate"), _path),
    (("smtp", "tls_key"), _path),
    (("smtp", "lmtp"), _socket),
    (("imap", EACH, "ca_file"), _path),
    (("storage", "ca_file"), _path),
    (("delivery", "ca_file"), _path),
    (("delivery", "url"), anchored_delivery),
    (("database", "url"), anchored_database),
)


def anchor_paths(sheet: Sheet) -> None:
    """Makes every path absolute, and fills in the ones that are usual."""
    for name, key, value in DEFAULTS:
        table = sheet.tree.setdefault(name, {})
        if isinstance(table, dict) and (name, key) not in sheet.places:
            table.setdefault(key, value)
    for pattern, anchored in ANCHORED:
        for path, table in tables(sheet, pattern[:-1]):
            _anchor(sheet, (*path, pattern[-1]), table, pattern[-1], anchored)


def _anchor(sheet: Sheet, path: KeyPath, table: dict[str, Any], key: str, anchored: Callable[[str, Path], str]) -> None:
    value = table.get(key)
    folder = sheet.place(path).folder
    if isinstance(value, str):
        table[key] = anchored(value, folder)
    elif isinstance(value, list):
        table[key] = [anchored(item, folder) if isinstance(item, str) else item for item in value]


def refuse_nul(sheet: Sheet) -> None:
    """`"\\u0000"` is TOML, but no file, host or database takes it."""
    waiting: list[tuple[KeyPath, Any]] = [((), sheet.tree)]
    while waiting:
        path, here = waiting.pop()
        for key, value in list(here.items() if isinstance(here, dict) else enumerate(here)):
            if isinstance(value, dict | list):
                waiting.append(((*path, key), value))
            elif isinstance(value, str) and "\0" in value:
                sheet.complain((*path, key), "must be without NUL characters")
                here[key] = value.replace("\0", "")
