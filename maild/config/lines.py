"""On which line a key stands: the TOML parser of the standard library doesn't tell (https://toml.io/en/v1.0.0).

The text has been parsed already, so this scanner trusts its form and only keeps account of lines.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

KeyPath = tuple[str | int, ...]
TOKEN = re.compile(
    r"(?P<skip>[ \t\r]+|\#[^\n]*)"
    r'|"""(?:[^\\]|\\[\s\S])*?"""{1,3}'
    r"|'''[\s\S]*?'''{1,3}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|[\n\[\]{}=,.]"
    r"|[^\s\[\]{}=,.\"'#]+"
)
ENDS_VALUE = frozenset({"\n", ",", "]", "}", ""})


@dataclass(frozen=True, slots=True)
class Token:
    """One word of TOML and the line where it begins."""

    text: str
    line: int


def find_lines(text: str) -> dict[KeyPath, int]:
    """The line of every table, key and list item; items of lists and arrays of tables are counted from 0."""
    scanner = _Scanner(list(_tokens(text)))
    scanner.scan()
    return scanner.lines


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for found in TOKEN.finditer(text):
        if found["skip"] is None:
            yield Token(found[0], line)
        line += found[0].count("\n")
    yield Token("", line)


def _name(token: str) -> str:
    return str(tomllib.loads(f"name = {token}")["name"]) if token[:1] in {'"', "'"} else token


@dataclass(slots=True)
class _Scanner:
    tokens: list[Token]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    position: int = 0
    items: dict[KeyPath, int] = field(default_factory=dict)  # arrays of tables, and their last index

    def scan(self) -> None:
        table: KeyPath = ()
        while self.peek().text:
            if self.peek().text == "\n":
                self.take()
            elif self.peek().text == "[":
                table = self.header()
            else:
                self.pair(table)

    def peek(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.tokens[self.position]
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def take_if(self, text: str) -> bool:
        if self.peek().text != text:
            return False
        self.take()
        return True

    def header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`: the path of the table that begins here."""
        line = self.take().line
        array = self.take_if("[")
        path = self.inside(self.names("]"))
        self.take()
        if array:
            self.take()
            self.items[path] = self.items.get(path, -1) + 1
            self.lines.setdefault(path, line)
            path = (*path, self.items[path])
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)
        return path

    def inside(self, names: list[str]) -> KeyPath:
        """A header's names with the index of the current item wherever they pass through an array of tables."""
        path: KeyPath = ()
        for name in names:
            if path in self.items:
                path = (*path, self.items[path])
            path = (*path, name)
        return path

    def names(self, end: str) -> list[str]:
        """A dotted key, up to but without `end`."""
        names = []
        while self.peek().text not in {end, ""}:
            word = self.take().text
            if word != ".":
                names.append(_name(word))
        return names

    def pair(self, table: KeyPath) -> None:
        """`a.b = value`."""
        line = self.peek().line
        path = table
        for name in self.names("="):
            path = (*path, name)
            self.lines.setdefault(path, line)
        self.take()
        self.value(path)

    def value(self, path: KeyPath) -> None:
        if self.peek().text == "[":
            self.array(path)
        elif self.peek().text == "{":
            self.inline_table(path)
        else:
            while self.peek().text not in ENDS_VALUE:
                self.take()

    def array(self, path: KeyPath) -> None:
        self.take()
        index = 0
        while not self.take_if("]") and self.peek().text:
            if self.peek().text in {",", "\n"}:
                self.take()
                continue
            self.lines[(*path, index)] = self.peek().line
            self.value((*path, index))
            index += 1

    def inline_table(self, path: KeyPath) -> None:
        self.take()
        while not self.take_if("}") and self.peek().text:
            if self.peek().text in {",", "\n"}:
                self.take()
            else:
                self.pair(path)
