"""Secrets come from where they lie: the text itself, a file, or an environment variable (SPEC AD-1)."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from maild.config.lines import KeyPath
from maild.config.patterns import EACH, Pattern, tables
from maild.config.places import Sheet

PASSWORD_IN_URL = re.compile(r"//[^/@:]{0,200}:[^@]{1,500}@")
SECRETS: tuple[Pattern, ...] = (
    ("database", "url"),
    ("storage", "secret_key"),
    ("delivery", "url"),
    ("imap", EACH, "password"),
    ("imap", EACH, "oauth", "client_secret"),
    ("imap", EACH, "oauth", "refresh_token"),
    ("agents", EACH, "password"),
)


def fetch_secrets(sheet: Sheet, environ: Mapping[str, str]) -> None:
    """Puts every secret in its place."""
    for pattern in SECRETS:
        for path, table in tables(sheet, pattern[:-1]):
            _fetch_beside(sheet, path, table, pattern[-1])
            _fetch_inside(sheet, (*path, pattern[-1]), table, pattern[-1], environ)


def readable_secrets(sheet: Sheet) -> Iterator[tuple[KeyPath, str]]:
    """To be asked before the secrets are fetched: files that everybody may read though a password stands in them."""
    for pattern in SECRETS:
        for path, table in tables(sheet, pattern[:-1]):
            place, value = sheet.place((*path, pattern[-1])), table.get(pattern[-1])
            if isinstance(value, str) and (pattern[-1] != "url" or PASSWORD_IN_URL.search(value)):
                file = place.folder / Path(place.source).name
                if place.line is not None and _everybody_reads(file):
                    yield (*path, pattern[-1]), f"everybody on this host can read it; run: chmod o= {file}"


def _everybody_reads(file: Path) -> bool:
    try:
        return bool(os.stat(file).st_mode & stat.S_IROTH)
    except OSError:  # the text stands in no file
        return False


def _fetch_beside(sheet: Sheet, path: KeyPath, table: dict[str, Any], key: str) -> None:
    """`password_file = "…"` in place of `password`."""
    beside = f"{key}_file"
    if beside not in table:
        return
    where = (*path, beside)
    if key in table:
        sheet.complain(where, f"stands beside '{key}'; remove one of them")
        del table[beside]
        return
    sheet.places[(*path, key)] = sheet.place(where)
    _keep(table, key, _from_file(sheet, where, table.pop(beside)))


def _fetch_inside(
    sheet: Sheet, path: KeyPath, container: dict[str, Any] | list[Any], key: Any, environ: Mapping[str, str]
) -> None:
    """`password = { env = "X" }` or `{ file = "…" }`, also as an item of a list of URLs."""
    value = container[key] if isinstance(container, list) else container.get(key)
    if isinstance(value, list):
        for index in reversed(range(len(value))):
            _fetch_inside(sheet, (*path, index), value, index, environ)
    elif isinstance(value, dict):
        _keep(container, key, _fetched(sheet, path, value, environ))


def _keep(container: Any, key: Any, secret: str | None) -> None:
    if secret is None:
        container.pop(key, None) if isinstance(container, dict) else container.pop(key)
    else:
        container[key] = secret


def _fetched(sheet: Sheet, path: KeyPath, value: dict[str, Any], environ: Mapping[str, str]) -> str | None:
    match value:
        case {"env": str(name), **rest} if not rest:
            if not environ.get(name):
                sheet.complain(path, f"the environment variable {name} is not set")
            return environ.get(name) or None
        case {"file": name, **rest} if not rest:
            return _from_file(sheet, path, name)
    sheet.complain(path, 'must be text, { env = "NAME" } or { file = "PATH" }')
    return None


def _from_file(sheet: Sheet, path: KeyPath, name: object) -> str | None:
    if not isinstance(name, str) or not name:
        sheet.complain(path, "must be the path of a file, in quotes")
        return None
    file = sheet.place(path).folder / name
    try:
        secret = file.read_text("utf-8").strip("\r\n")
    except OSError as error:
        sheet.complain(path, f"{file} cannot be read: {error.strerror}")
        return None
    except UnicodeDecodeError:
        sheet.complain(path, f"{file} is not text in UTF-8")
        return None
    if not secret:
        sheet.complain(path, f"{file} is empty")
    return secret or None
