"""Canned responses: named texts with variables, which an agent inserts by a line `/name` (SPEC KB-3; `docs/canned.md`).

A variable is replaced by its value, once, and nothing else happens: no templates, no code, and what a customer wrote
into his name or subject is never looked at again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from maild.errors import PermanentError
from maild.records import replace
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket

VARIABLES = (
    "customer.name",
    "customer.first_name",
    "customer.address",
    "ticket.number",
    "ticket.subject",
    "agent.name",
    "desk.name",
)
VARIABLE = re.compile(r"( ?)\{\{([^{}\n]{0,80})\}\}")
LINE = re.compile(r"/([\w-]{1,60}(?:/[\w-]{1,60})?)")
AROUND = " \t\r\u00a0\u200b\ufeff"
BEFORE_NAMES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau"})
LONGEST_VALUE = 200
MOST_IN_A_TEXT = 20


@dataclass(frozen=True, slots=True)
class Canned:
    """One text. `commands` are the lines that go with it in `#macro`; `language` is that of the text."""

    name: str
    title: str
    category: str
    text: str
    commands: tuple[str, ...] = ()
    language: str | None = None


class UnknownCanned(PermanentError):
    """There is no such text; `hint` says which were probably meant."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


def named(name: str, known: Iterable[Canned], language: str | None = None) -> Canned | None:
    """The text of this name, or of `category/name`: in the customer's language, else in none, else the first."""
    word = name.casefold()
    same = [each for each in known if word in (each.name.casefold(), f"{each.category}/{each.name}".casefold())]
    return min(same, key=lambda each: _distance(each.language, language), default=None)


def find(name: str, known: tuple[Canned, ...], language: str | None = None) -> Canned:
    """The same; raises UnknownCanned with the nearest names."""
    found = named(name, known, language)
    if found is None:
        raise _unknown(name, known)
    return found


def fill(canned: Canned, values: Mapping[str, str]) -> str:
    """Its text with the values; one that is missing or empty takes the blank before it along: `Hello ,` → `Hello,`."""
    return VARIABLE.sub(lambda found: _filled(found, values), canned.text)


def filled(known: Iterable[Canned], values: Mapping[str, str]) -> tuple[Canned, ...]:
    """All texts with the values: for macros, whose text is taken as it stands."""
    return tuple(replace(each, text=fill(each, values)) for each in known)


def expand(text: str, known: Iterable[Canned], values: Mapping[str, str], language: str | None = None) -> str:
    """An agent's words with each line that is just `/name` replaced; other lines, addresses and paths stay.

    To be given words only, after commands were read from them: what a text brings in is never a command.
    """
    places = dict(_places(text, tuple(known), language))
    rows = text.split("\n")
    return "\n".join(fill(places[index], values) if index in places else row for index, row in enumerate(rows))


def used(text: str, known: Iterable[Canned], language: str | None = None) -> tuple[Canned, ...]:
    """Those that `expand` would insert, in order."""
    return tuple(canned for _, canned in _places(text, tuple(known), language))


def misspelt(text: str, known: Iterable[Canned]) -> tuple[UnknownCanned, ...]:
    """Lines that look like `/name` and are nearly one: better asked about than sent to a customer."""
    all_known = tuple(known)
    words = [found[1] for row in text.split("\n")[:200] if (found := LINE.fullmatch(row.strip(AROUND)))]
    return tuple(
        _unknown(word, all_known) for word in words if named(word, all_known) is None and _near(word, all_known)
    )


def values_of(ticket: Ticket, agent: Agent, label: str, desk: str) -> dict[str, str]:
    """What the variables mean on a ticket; `label` is its number as people write it."""
    name = ticket.requester.name
    return {
        "customer.name": name or ticket.requester.address,
        "customer.first_name": first_name(name),
        "customer.address": ticket.requester.address,
        "ticket.number": label,
        "ticket.subject": ticket.subject,
        "agent.name": agent.title,
        "desk.name": desk,
    }


def first_name(name: str) -> str:
    """`Jane` of `Dr. Jane Doe` and of `Doe, Jane`; empty when only one of titles is there."""
    family, comma, given = name.partition(",")
    words = (given if comma and given.strip() else family).split()
    return next((word for word in words if word.strip(".").casefold() not in BEFORE_NAMES), "")


def unknown_variables(text: str) -> Iterator[tuple[int, str]]:
    """Variables that do not exist, each with its line (from 1): `maild check` names them."""
    for number, row in enumerate(text.split("\n"), 1):
        names = (found[2].strip() for found in VARIABLE.finditer(row))
        yield from ((number, name) for name in names if name not in VARIABLES)


def _filled(found: re.Match[str], values: Mapping[str, str]) -> str:
    name = found[2].strip()
    if name not in VARIABLES:
        return found[0]
    value = " ".join(values.get(name, "").split())[:LONGEST_VALUE]
    return found[1] + value if value else ""


def _places(text: str, known: tuple[Canned, ...], language: str | None) -> Iterator[tuple[int, Canned]]:
    count = 0
    for index, row in enumerate(text.split("\n")):
        line = LINE.fullmatch(row.strip(AROUND)) if "/" in row else None
        canned = named(line[1], known, language) if line else None
        if canned is not None and count < MOST_IN_A_TEXT:
            count += 1
            yield index, canned


def _distance(its: str | None, wanted: str | None) -> int:
    if its is None:
        return 2
    if wanted is None:
        return 3
    if its.casefold() == wanted.casefold():
        return 0
    return 1 if its.partition("-")[0].casefold() == wanted.partition("-")[0].casefold() else 3


def _near(name: str, known: tuple[Canned, ...]) -> tuple[str, ...]:
    plain = {each.name.casefold(): each.name for each in known}
    word = name.rpartition("/")[2].casefold()
    return tuple(plain[each] for each in get_close_matches(word, list(plain), n=3, cutoff=0.7))


def _unknown(name: str, known: tuple[Canned, ...]) -> UnknownCanned:
    near = _near(name, known)
    every = ", ".join(dict.fromkeys(each.name for each in known)) or "none yet"
    hint = f"did you mean {', '.join(near)}" if near else f"there are {every}"
    return UnknownCanned(f"there is no canned response '{name}'", hint)
