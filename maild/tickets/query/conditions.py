"""The few questions that every query comes down to: asked of one ticket in memory, and of all of them in SQL.

Both must answer alike on any database. So words are compared without regard to the case of ASCII letters only, which
is the one folding that Python, SQLite and PostgreSQL share; `forms` adds how the other letters are commonly written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from unicodedata import normalize

from maild.mail.addresses import lower
from maild.tickets.ticket import Standing

fold = lower
CUSTOMERS = (Standing.PARTICIPANT, Standing.UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Among:
    """The column is exactly one of these."""

    column: str
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The column, folded, is one of these forms."""

    column: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """The column has a value."""

    column: str


@dataclass(frozen=True, slots=True)
class Within:
    """low ≤ column < high; None leaves that side open."""

    column: str
    low: datetime | int | None = None
    high: datetime | int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """One moment came after the other, or without it."""

    column: str
    than: str


@dataclass(frozen=True, slots=True)
class Inside:
    """One of these forms stands somewhere in the folded column."""

    column: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """The column ends with this."""

    column: str
    end: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A list of words has one of these forms; None: has any word."""

    column: str
    forms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Paired:
    """A list of (name, value) has a pair of this name (None: any) with one of these values (None: any)."""

    column: str
    name: str | None = None
    forms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """Has a link to this ticket; None: to any."""

    number: int | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody of these standings takes part: with this address, or whose address ends so; None: anybody."""

    standings: tuple[Standing, ...]
    address: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody of the customers' side has this address, or one that ends so: the requester, or who takes part."""

    address: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Full text: this word, or these words one after the other."""

    text: str


Test: TypeAlias = (
    Among | Named | Given | Within | Later | Inside | Ending | Holding | Paired | Linked | Joined | Asking | Words
)


def forms(value: str) -> tuple[str, ...]:
    """How a word may be written, each folded: as it is, small, large, with large first letters."""
    text = normalize("NFC", value)
    written = (value, text, text.lower(), text.upper(), text.title(), text.capitalize())
    return tuple(dict.fromkeys(map(fold, written)))
