"""Custom fields: what a desk wants to know beside the usual, and the one form that each value has (SPEC TI-1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum

from maild.errors import PermanentError

LONGEST = 500
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,9})?")
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")  # 1,500: fifteen hundred, or one and a half?
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
DOTTED_DAY = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
YES = frozenset({"yes", "y", "true", "on", "1", "ja", "j"})
NO = frozenset({"no", "n", "false", "off", "0", "nein"})


class FieldKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True)
class FieldType:
    """One custom field. `values` are those of a choice; `required`: a ticket should not be resolved without it."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    values: tuple[str, ...] = ()
    required: bool = False


class WrongValue(PermanentError):
    """The field does not take this value; `hint` says what it takes."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


def field_named(name: str, fields: tuple[FieldType, ...]) -> FieldType | None:
    """The field of this name, without regard to case."""
    return next((each for each in fields if each.name.casefold() == name.casefold()), None)


def missing(values: tuple[tuple[str, str], ...], fields: tuple[FieldType, ...]) -> tuple[str, ...]:
    """The required fields that have no value yet, in config order."""
    filled = {name.casefold() for name, value in values if value}
    return tuple(each.name for each in fields if each.required and each.name.casefold() not in filled)


def read(field: FieldType, text: str) -> str:
    """The value in its one form: `2026-01-31`, `1.5`, `yes`, a choice as config writes it; raises WrongValue."""
    words = " ".join(text.split())
    if not words:
        raise WrongValue(f"a value for {field.name} is missing", _wanted(field))
    if len(words) > LONGEST:
        raise WrongValue(f"the value for {field.name} is too long", f"write at most {LONGEST} letters")
    return READERS[field.kind](field, words)


def _text(_field: FieldType, words: str) -> str:
    return words


def _number(field: FieldType, words: str) -> str:
    if THOUSANDS.fullmatch(words):
        raise WrongValue(f"{words} can be read in two ways", "write thousands without a mark, and parts as in 1.5")
    plain = words.replace(",", ".")
    try:
        number = Decimal(plain) if PLAIN_NUMBER.fullmatch(words) else None
    except InvalidOperation:
        number = None
    if number is None:
        raise _refused(field, words)
    return _shortest(number)


def _shortest(number: Decimal) -> str:
    """Without a plus, zeros at the end, an exponent or a minus before nothing."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _day(field: FieldType, words: str) -> str:
    iso, dotted = ISO_DAY.fullmatch(words), DOTTED_DAY.fullmatch(words)
    if iso:
        year, month, day = iso.groups()
    elif dotted:
        day, month, year = dotted.groups()
    else:
        raise _refused(field, words)
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise WrongValue(f"there is no day {words}", _wanted(field)) from None


def _choice(field: FieldType, words: str) -> str:
    known = {value.casefold(): value for value in field.values}
    if words.casefold() in known:
        return known[words.casefold()]
    near = [known[each] for each in get_close_matches(words.casefold(), list(known), n=3, cutoff=0.5)]
    hint = f"did you mean {', '.join(near)}" if near else _wanted(field)
    raise WrongValue(f"'{words}' is no {field.name} of this desk", hint)


def _yes_no(field: FieldType, words: str) -> str:
    word = words.casefold()
    if word in YES:
        return "yes"
    if word in NO:
        return "no"
    raise _refused(field, words)


READERS: dict[FieldKind, Callable[[FieldType, str], str]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _day,
    FieldKind.CHOICE: _choice,
    FieldKind.YES_NO: _yes_no,
}
WANTED: dict[FieldKind, str] = {
    FieldKind.TEXT: "write some words",
    FieldKind.NUMBER: "write a number such as 20 or 1.5",
    FieldKind.DATE: "write a day such as 2026-01-31",
    FieldKind.YES_NO: "write yes or no",
}


def _wanted(field: FieldType) -> str:
    return WANTED.get(field.kind) or f"one of {', '.join(field.values)}"


def _refused(field: FieldType, words: str) -> WrongValue:
    return WrongValue(f"'{words[:60]}' does not fit {field.name}", _wanted(field))
