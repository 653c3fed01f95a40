"""Contents on disk that no row names: a crash came before the row, or the mail that brought them was set aside.

A day old they are laid aside, a month later destroyed. Until then they are read there, and brought back if a row names
them after all: another mail brought the same bytes in that moment, or maild had been started on a wrong database.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from maild.store import schema
from maild.store.contents_disk import DiskContents
from maild.store.dialect import among
from maild.store.engine import Tx
from maild.store.prepared import Prepared

PLACES = 256
DAY = 24 * 3600
MONTH = 30 * DAY
# A folder where nothing came or went for so long was looked at since: what is stored costs no further look.
LOOKED_AT = 7 * DAY

_NAMED = Prepared(sa.select(schema.blobs.c.sha256).where(among(schema.blobs.c.sha256, "hashes")))


def sweep(tx: Tx, disk: DiskContents, place: int, now: float) -> tuple[int, int]:
    """Looks at one of the 256 folders; `now` by the file system's clock. Gives how many were laid aside, destroyed."""
    folder = f"{place % PLACES:02x}"
    found = list(_aged(_recent(disk.folder / folder, now), now - DAY))
    named = _named(tx, found)
    unnamed = [path for path in found if path.name not in named]
    for path in unnamed:
        _move(path, disk.aside(path.name))
    return len(unnamed), _clear(tx, disk, folder, now)


def _clear(tx: Tx, disk: DiskContents, folder: str, now: float) -> int:
    """Brings back what is named after all, destroys what was not for a month."""
    aside = list(_files(disk.aside(folder).parent))
    named = _named(tx, aside)
    for path in aside:
        if path.name in named:
            _move(path, disk.path(path.name))
    old = [path for path in _aged(aside, now - MONTH) if path.name not in named]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _recent(folder: Path, now: float) -> Iterator[Path]:
    """The files of its folders in which something came or went lately."""
    for inner in _entries(folder):
        with suppress(FileNotFoundError):
            if inner.is_dir() and now - inner.stat().st_mtime < LOOKED_AT:
                yield from _files(Path(inner.path))


def _files(folder: Path) -> Iterator[Path]:
    for entry in _entries(folder):
        if len(entry.name) == 64 and entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _aged(files: Iterable[Path], before: float) -> Iterator[Path]:
    for path in files:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                yield path


def _named(tx: Tx, files: list[Path]) -> set[str]:
    return set(tx.execute(_NAMED, {"hashes": [path.name for path in files]}).scalars()) if files else set()


def _move(path: Path, to: Path) -> None:
    """Its time there begins now."""
    with suppress(FileNotFoundError):
        to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.utime(path)
        path.rename(to)
