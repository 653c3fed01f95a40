"""Where the files that are no code stand: inside the installed package, else in the checkout around it."""

from importlib.resources import files
from pathlib import Path
from typing import Literal

DataDir = Literal["templates", "migrations"]
DataFile = Literal["config.example.toml"]

_PACKAGE = Path(str(files("maild")))


def data_dir(name: DataDir) -> Path:
    """A folder of the product; editable installs have no copy inside the package (hatchling force-include)."""
    return _found(name)


def data_file(name: DataFile) -> Path:
    """A file of the product."""
    return _found(name)


def _found(name: str) -> Path:
    for place in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if place.exists():
            return place
    raise FileNotFoundError(f"{name} is missing from this installation of maild: install it again")
