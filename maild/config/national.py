"""A country's public holidays, by the library `holidays` (the extra of that name), which only this file knows.

Laws change: the library is as good as its last update. Half days, such as 24 December, are not in it.
"""

from datetime import date
from importlib import import_module
from importlib.util import find_spec

NEEDED = "needs the library holidays; run: pip install 'maild[holidays]'"


def is_there() -> bool:
    """True when the extra is installed."""
    return find_spec("holidays") is not None


def countries() -> dict[str, list[str]]:
    """The codes of all countries, each with those of its subdivisions."""
    found: dict[str, list[str]] = import_module("holidays").list_supported_countries()
    return found


def public_holidays(country: str, subdivision: str | None, years: range) -> frozenset[date]:
    """The days without work in these years. Both codes must be among `countries()`."""
    return frozenset(import_module("holidays").country_holidays(country, subdiv=subdivision, years=years))
