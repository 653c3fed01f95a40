"""Canned responses from files: `CATEGORY/NAME.md` or `NAME.LANGUAGE.md`, with a few keys on top (SPEC KB-3).

Read once at load and at each reload. Every mistake is named with its file and line, as in the configuration itself.
"""

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from maild.commands import COMMANDS, names, read_script
from maild.commands import find as find_command
from maild.commands.canned import VARIABLES, Canned, unknown_variables
from maild.config.places import Place, Problem, did_you_mean
from maild.config.values import LANGUAGE

MOST_FILES = 500
MOST_BYTES = 64 * 1024
MOST_COMMANDS = 10
FENCES = frozenset({"---", "+++"})
PAIR = re.compile(r"([a-z_]{1,20})\s{0,9}[:=]\s{0,9}(.{0,500})")
NAME = re.compile(r"[\w-]{1,60}")
KEYS = ("title", "category", "commands", "language")
VALUE_BEGINS = ('"', "'", "[")


@dataclass(slots=True)
class _Draft:
    """One file on its way: what its front matter says, and what is wrong."""

    file: Path
    category: str
    values: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, line: int, key: str, what: str) -> None:
        self.problems.append(Problem(Place(str(self.file), line, self.file.parent), key, what))


def read_canned(folder: Path | None) -> tuple[tuple[Canned, ...], list[Problem]]:
    """All texts of a folder in the order of their names, and every mistake in them."""
    if folder is None or not folder.is_dir():
        return (), []
    found: list[Canned] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str | None], Path] = {}
    for count, (file, category) in enumerate(_files(folder)):
        draft = _Draft(file, category)
        if count >= MOST_FILES:
            draft.complain(1, "file", f"is one too many: at most {MOST_FILES} canned responses are read")
            return tuple(found), [*problems, *draft.problems]
        canned = _read(draft)
        if canned is not None:
            other = seen.setdefault((canned.name.casefold(), canned.language), file)
            if other != file:
                draft.complain(1, "name", f"'{canned.name}' is also {other}; /{canned.name} must mean one text")
            found.append(canned)
        problems += draft.problems
    return tuple(found), problems


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """The Markdown files of the folder and of the folders in it; what lies deeper is somebody else's."""
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        if entry.is_dir() and not entry.name.startswith("."):
            inside = sorted(os.scandir(entry.path), key=lambda each: each.name)
            yield from ((Path(each.path), entry.name) for each in inside if _is_text(each))
        elif _is_text(entry):
            yield Path(entry.path), ""


def _is_text(entry: os.DirEntry[str]) -> bool:
    plain = entry.name.endswith(".md") and not entry.name.startswith(".") and entry.name.lower() != "readme.md"
    return plain and entry.is_file()


def _read(draft: _Draft) -> Canned | None:
    name, _, language = draft.file.name.removesuffix(".md").partition(".")
    if not NAME.fullmatch(name) or (language and not LANGUAGE.fullmatch(language)):
        draft.complain(1, "name", "must be letters, digits and hyphens, as in reset-password.md or greeting.de.md")
        return None
    content = _content(draft)
    if content is None:
        return None
    start = _front_matter(content.split("\n"), draft)
    text = "\n".join(content.split("\n")[start:])
    for line, variable in unknown_variables(text):
        draft.complain(start + line, "text", f"there is no variable '{variable}'{did_you_mean(variable, VARIABLES)}")
    if not text.strip():
        draft.complain(1, "text", "is empty")
    return Canned(
        name=name,
        title=_word(draft, "title") or name.replace("-", " ").capitalize(),
        category=_word(draft, "category") or draft.category,
        text=text.strip(),
        commands=_commands(draft),
        language=_language(draft, language or None),
    )


def _content(draft: _Draft) -> str | None:
    try:
        with draft.file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        draft.complain(1, "file", f"cannot be read: {error.strerror}")
        return None
    if len(content) > MOST_BYTES:
        draft.complain(1, "file", f"is too long: at most {MOST_BYTES // 1024} kB")
        return None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\0", "")
    except UnicodeDecodeError as error:
        draft.complain(content.count(b"\n", 0, error.start) + 1, "file", "is not UTF-8; save it in that encoding")
        return None


def _front_matter(rows: list[str], draft: _Draft) -> int:
    """Reads the keys between two fences and returns the index of the first row of the text."""
    fence = rows[0].strip()
    if fence not in FENCES:
        return 0
    for index, row in enumerate(rows[1:], 1):
        if row.strip() == fence:
            return index + 1
        if row.strip() and not row.lstrip().startswith("#"):
            _pair(row.strip(), index + 1, draft)
    draft.complain(1, "file", f"the {fence} of the first line is never closed")
    return len(rows)


def _pair(row: str, line: int, draft: _Draft) -> None:
    pair = PAIR.fullmatch(row)
    if pair is None:
        draft.complain(line, "file", 'must be KEY: VALUE on one line, such as "title: Reset a password"')
    elif pair[1] not in KEYS:
        draft.complain(line, pair[1], f"unknown key{did_you_mean(pair[1], KEYS)}")
    elif pair[1] in draft.values:
        draft.complain(line, pair[1], "stands twice")
    else:
        draft.lines[pair[1]] = line
        draft.values[pair[1]] = _value(pair[1], pair[2].strip(), line, draft)


def _value(key: str, text: str, line: int, draft: _Draft) -> object:
    """Quoted text and lists as in TOML; all else is the text itself."""
    if not text.startswith(VALUE_BEGINS):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        draft.complain(line, key, 'must be text, or a list such as ["#waiting", "#tag vpn"]')
        return ""


def _word(draft: _Draft, key: str) -> str:
    value = draft.values.get(key, "")
    if isinstance(value, str):
        return value
    draft.complain(draft.lines[key], key, "must be text")
    return ""


def _language(draft: _Draft, named: str | None) -> str | None:
    given = _word(draft, "language")
    if given and not LANGUAGE.fullmatch(given):
        draft.complain(draft.lines["language"], "language", 'must be a language code such as "en" or "pt-BR"')
    elif given and named and given != named:
        draft.complain(draft.lines["language"], "language", f"is '{given}', but the file's name says '{named}'")
    return given or named


def _commands(draft: _Draft) -> tuple[str, ...]:
    given = draft.values.get("commands", [])
    wanted = given if isinstance(given, list) else [given] if given else []
    line = draft.lines.get("commands", 1)
    if len(wanted) > MOST_COMMANDS:
        draft.complain(line, "commands", f"must be at most {MOST_COMMANDS}")
    for number, command in enumerate(wanted[:MOST_COMMANDS], 1):
        if wrong := _wrong_command(command):
            draft.complain(line, f"commands[{number}]", wrong)
    return tuple(str(each) for each in wanted if each)


def _wrong_command(command: object) -> str:
    script = read_script(command) if isinstance(command, str) and "\n" not in command else None
    if script is None or len(script.lines) != 1:
        return 'must be one command such as "#waiting"'
    word = script.lines[0].word
    if find_command(word, COMMANDS) is None:
        return f"there is no command #{word}{did_you_mean(word, names(COMMANDS))}"
    return ""
