"""What a check finds: the path of a key, and what is wrong with it."""

from collections.abc import Iterable, Iterator

from maild.config.lines import KeyPath

Found = tuple[KeyPath, str]


def repeated(named: Iterable[tuple[KeyPath, str]], what: str) -> Iterator[Found]:
    """Those whose name stood before, without regard to case."""
    seen: set[str] = set()
    for path, name in named:
        if name.casefold() in seen:
            yield path, f"'{name}' {what}"
        seen.add(name.casefold())
