"""The words that many mails share: `LANGUAGE/words.toml`, the admin's over ours, English for what a language lacks."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path

TABLE = "words.toml"
GROUND = "en"
OPEN_GROUPS = ("actions.", "dates.", "sla.", "relations.", "statuses.")  # a desk may have more of these than we know
Words = Mapping[str, "str | Mapping[str, str]"]


def words_of(folders: Sequence[Path], language: str) -> Words:
    """The table of a language; of several folders the first says it. ValueError names a file that is no such table."""
    table: Words = {}
    for name in dict.fromkeys((GROUND, language)):
        for folder in reversed(folders):
            table = _over(table, _read(folder / name / TABLE))
    return table


def unknown_words(folders: Sequence[Path], language: str) -> Iterator[str]:
    """Mistakes in the tables of a language: words that no mail asks for, and files that cannot be read."""
    known = {name for name, _ in _paths(words_of(folders[-1:], GROUND))}
    for path in (folder / language / TABLE for folder in folders):
        try:
            names = [name for name, _ in _paths(_read(path))]
        except ValueError as error:
            yield str(error)
            continue
        yield from (f"{path}: {name}: no mail uses this word" for name in names if not _used(name, known))


def _used(name: str, known: Set[str]) -> bool:
    return name in known or name.startswith(OPEN_GROUPS)


def _over(ground: Words, above: Words) -> Words:
    """`above` where it says something, also inside its groups."""
    merged: dict[str, str | Mapping[str, str]] = dict(ground)
    for name, value in above.items():
        below = ground.get(name, {})
        merged[name] = {**below, **value} if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return merged


def _read(path: Path) -> Words:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:  # bad TOML and bad UTF-8 alike
        raise ValueError(f"{path}: {error}") from None
    for name, value in _paths(table):
        if not isinstance(value, str):
            raise ValueError(f"{path}: {name}: must be a text in quotes")
    return table


def _paths(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Every word as `group.name`, one level deep: deeper tables are no words."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", word) for inner, word in value.items())
        else:
            yield name, value
