"""From a TOML file to a `Config`, or to every mistake at once, each with its line (SPEC AD-1)."""

import os
from collections.abc import Mapping
from pathlib import Path

from maild.config.anchor import anchor_paths, refuse_nul
from maild.config.build import build
from maild.config.canned import read_canned
from maild.config.checks import mistakes, warnings
from maild.config.checks_rules import unknown_answers
from maild.config.config import Config
from maild.config.fetch import fetch_secrets, readable_secrets
from maild.config.places import Problem, Sheet
from maild.config.read import read_file, read_text
from maild.config.validate import draft
from maild.errors import ConfigError

LOCAL = Path("maild.toml")
SYSTEM = Path("/etc/maild/maild.toml")
BUILTIN = """
[desk]
name = "Example Support"
address = "support@example.test"

[delivery]
url = "null:"
"""


def find_config(explicit: Path | None, folder: Path = Path(), system: Path = SYSTEM) -> Path:
    """The file to use: the named one, `maild.toml` in the working directory, or the system's."""
    for candidate in (explicit,) if explicit else (folder / LOCAL, system):
        if candidate.is_file():
            return candidate
    if explicit:
        raise ConfigError([f"{explicit}: there is no such file; `maild init {explicit}` writes a starter file"])
    raise ConfigError([f"no {LOCAL} here and no {system}; write one with `maild init`, or name one with --config FILE"])


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Reads a configuration; raises ConfigError with every mistake at once."""
    return _finish(read_file(path, environ), path, environ)


def load_text(
    text: str, name: str = "maild.toml", folder: Path = Path(), environ: Mapping[str, str] | None = None
) -> Config:
    """The same for a text; relative paths are relative to `folder`, and without `environ` no variable counts."""
    given = environ or {}
    return _finish(read_text(text, name, folder, given), folder / name, given)


def builtin(folder: Path = Path()) -> Config:
    """What `explain`, `demo` and `init` use without a file: one desk, nobody else, nothing leaves."""
    return load_text(BUILTIN, "built-in", folder)


def _finish(sheet: Sheet, path: Path, environ: Mapping[str, str]) -> Config:
    unreadable = list(sheet.problems)
    exposed = [sheet.problem(path, what) for path, what in readable_secrets(sheet)]
    refuse_nul(sheet)
    fetch_secrets(sheet, environ)
    anchor_paths(sheet)
    drafted = draft(sheet)
    canned, in_texts = read_canned(drafted.desk.canned_dir)
    if _is_a_file_missing(unreadable):
        # What a broken file holds is unknown, so nothing can be said to be missing: only what is there can be wrong.
        sheet.problems = [problem for problem in sheet.problems if problem.what != "is missing"]
    else:
        sheet.problems += mistakes(drafted, sheet)
        sheet.problems += [sheet.problem(path, what) for path, what in unknown_answers(drafted.rules, canned)]
    sheet.problems += in_texts
    if sheet.problems:
        raise ConfigError([str(problem) for problem in _in_reading_order(sheet)])
    warned = tuple(str(each) for each in exposed + warnings(drafted, sheet))
    return build(drafted, path.absolute(), canned, warned)


def _is_a_file_missing(problems: list[Problem]) -> bool:
    return any(problem.key in {"file", "syntax", "include"} for problem in problems)


def _in_reading_order(sheet: Sheet) -> list[Problem]:
    """File by file, the main one first, and in each from top to bottom."""
    places = [sheet.start, *(problem.place for problem in sheet.problems)]
    sources = list(dict.fromkeys(place.source for place in places))
    unique = dict.fromkeys(sheet.problems)
    return sorted(unique, key=lambda problem: (sources.index(problem.place.source), problem.place.line or 0))
