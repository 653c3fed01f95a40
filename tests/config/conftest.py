"""Builders for configurations: a desk that is right, to which a test adds what it is about."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config import Config, load, load_text
from maild.errors import ConfigError

DESK = """\
[desk]
name = "Acme Support"
address = "support@acme.test"
[delivery]
url = "null:"
"""
DESK_LINES = DESK.count("\n")


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Config]:
    """`config('[limits]\\nparts = 5')`: the right desk and these lines after it."""

    def build(more: str = "", **environ: str) -> Config:
        return load_text(DESK + textwrap.dedent(more), "maild.toml", tmp_path, environ)

    return build


@pytest.fixture
def problems(config: Callable[..., Config]) -> Callable[..., list[str]]:
    """The mistakes that the right desk has with these lines after it; their first line is number 1."""

    def find(more: str, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            config(more, **environ)
        return [renumbered(problem) for problem in caught.value.problems]

    return find


@pytest.fixture
def warnings(config: Callable[..., Config]) -> Callable[..., list[str]]:
    """The warnings, in the same way."""

    def find(more: str, **environ: str) -> list[str]:
        return [renumbered(warning) for warning in config(more, **environ).warnings]

    return find


def renumbered(problem: str) -> str:
    """`maild.toml:7: key: what` → `2: key: what` when the lines in question begin after line 5."""
    source, line, rest = problem.split(":", 2)
    return f"{int(line) - DESK_LINES}:{rest}" if source == "maild.toml" else problem


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes files (name → text) and returns their folder."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_toml", ".toml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return tmp_path

    return write


@pytest.fixture
def problems_of() -> Callable[..., list[str]]:
    """The mistakes of a file, with paths as they were given."""

    def find(path: Path, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(path, environ)
        return [problem.replace(f"{path.parent}/", "") for problem in caught.value.problems]

    return find
