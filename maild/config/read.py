"""From files to one sheet of raw values: the main file, what it includes, then the environment (SPEC AD-1)."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from maild.config.environment import overlay
from maild.config.join import join
from maild.config.lines import KeyPath, find_lines
from maild.config.places import Place, Problem, Sheet

SYNTAX_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class _File:
    """A file to read: where it lies, how it is called in messages, and who asked for it."""

    path: Path
    shown: str
    asked_at: Place


def read_file(path: Path, environ: Mapping[str, str]) -> Sheet:
    """Reads a file with all that it includes, and the environment over it; mistakes are noted in the sheet."""
    sheet = Sheet(Place(str(path), 1, path.parent.absolute()))
    _read_all([_File(path.absolute(), str(path), sheet.start)], set(), sheet)
    overlay(sheet, environ)
    return sheet


def read_text(text: str, name: str, folder: Path, environ: Mapping[str, str]) -> Sheet:
    """The same for a text that stands in no file."""
    sheet = Sheet(Place(name, 1, folder.absolute()))
    _read_all(_add(text, sheet.start, sheet), {os.path.realpath(folder / name)}, sheet)
    overlay(sheet, environ)
    return sheet


def _read_all(waiting: list[_File], seen: set[str], sheet: Sheet) -> None:
    while waiting:
        file = waiting.pop(0)
        real = os.path.realpath(file.path)
        if real in seen:
            what = f"{file.shown} is included twice, or includes itself"
            sheet.problems.append(Problem(file.asked_at, "include", what))
            continue
        seen.add(real)
        text = _content(file, sheet)
        if text is not None:
            waiting += _add(text, Place(file.shown, 1, file.path.parent), sheet)


def _content(file: _File, sheet: Sheet) -> str | None:
    try:
        return file.path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = f"{file.shown} cannot be read: {error.strerror}"
        sheet.problems.append(Problem(file.asked_at, "file", what))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        place = Place(file.shown, line, file.path.parent)
        sheet.problems.append(Problem(place, "file", "is not UTF-8; save it in that encoding"))
    return None


def _add(text: str, start: Place, sheet: Sheet) -> list[_File]:
    """Parses a file, joins it to the sheet, and returns the files that it includes."""
    try:
        tree = tomllib.loads(text)
        lines = find_lines(text)
    except tomllib.TOMLDecodeError as error:
        sheet.problems.append(_syntax(error, text, start))
        return []
    except (RecursionError, ValueError):  # tomllib's own bounds: thousands of brackets, or of digits
        sheet.problems.append(Problem(start, "syntax", "is nested too deeply, or has a number that is too long"))
        return []
    places = {path: Place(start.source, line, start.folder) for path, line in lines.items()}
    included = _included(tree.pop("include", []), places, start, sheet)
    join(tree, places, sheet)
    return included


def _syntax(error: tomllib.TOMLDecodeError, text: str, start: Place) -> Problem:
    found = SYNTAX_PLACE.search(str(error))
    words = SYNTAX_PLACE.sub("", str(error))
    if found and found[1]:
        return Problem(Place(start.source, int(found[1]), start.folder), "syntax", f"{words} (column {found[2]})")
    last_line = text.rstrip().count("\n") + 1
    return Problem(Place(start.source, last_line, start.folder), "syntax", f"{words} (at the end of the file)")


def _included(wanted: object, places: dict[KeyPath, Place], start: Place, sheet: Sheet) -> list[_File]:
    patterns = [wanted] if isinstance(wanted, str) else wanted
    place = places.get(("include",), start)
    if not isinstance(patterns, list) or not all(isinstance(each, str) and "\0" not in each for each in patterns):
        what = 'must be a list of files, such as ["agents.toml", "conf.d/*.toml"]'
        sheet.problems.append(Problem(place, "include", what))
        return []
    names: list[str] = []
    for pattern in patterns:
        names += sorted(glob(pattern, root_dir=start.folder)) if has_magic(pattern) else [pattern]
    shown = Path(start.source).parent
    return [_File(start.folder / name, str(shown / name), place) for name in names]
