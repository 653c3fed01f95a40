"""Where each value of the configuration came from, and what is wrong with it."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from maild.config.lines import KeyPath

Tree = dict[str, Any]
FEW = 30


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, or an environment variable; relative paths are relative to `folder`."""

    source: str
    line: int | None
    folder: Path

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake (or warning) in words for an admin, at its place."""

    place: Place
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.what}"


@dataclass(slots=True)
class Sheet:
    """The raw values of all files and the environment together, on the way to be checked."""

    start: Place
    tree: Tree = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # tables with a mistake: what they lack proves nothing

    def place(self, path: KeyPath) -> Place:
        """Where a key stands, or else the table around it."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return self.start

    def complain(self, path: KeyPath, what: str) -> None:
        """Notes a mistake."""
        if path:
            self.broken.add(str(path[0]))
        self.problems.append(self.problem(path, what))

    def problem(self, path: KeyPath, what: str) -> Problem:
        """A mistake at its place, under the name that the admin knows it by."""
        while path and isinstance(path[-1], int) and path not in self.places:
            path = path[:-1]  # `url = "x"` was taken as a list of one, but was not written so
        return Problem(self.place(path), key_text(path), what)


def key_text(path: KeyPath) -> str:
    """`agents[2].email`: items are counted from 1, as people count `[[agents]]`."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "file"


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """` (did you mean 'x'?)` with the nearest right word; else the right words, when they are few."""
    lower = {each.lower(): each for each in known}
    near = get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    if near:
        return f" (did you mean '{lower[near[0]]}'?)"
    return f" (known here: {', '.join(known)})" if known and len(known) <= FEW else ""
