"""What a value means to its field: one reader for each kind of field, each gives a condition or raises Unclear."""

from collections.abc import Callable
from typing import TypeAlias

from maild.mail.addresses import lower
from maild.tickets.query import forms as short
from maild.tickets.query.conditions import (
    Among,
    Asking,
    Ending,
    Given,
    Holding,
    Inside,
    Joined,
    Linked,
    Named,
    Paired,
    Test,
    Words,
    forms,
)
from maild.tickets.query.errors import Unclear, nearest
from maild.tickets.query.fields import Field, Kind
from maild.tickets.query.model import Compare, Setting, Value
from maild.tickets.query.moments import within
from maild.tickets.query.numbers import between, ticket_number, whole
from maild.tickets.query.tree import Tree, Without
from maild.tickets.ticket import Standing
from maild.tickets.words import term
from maild.tickets.workflow import Phase

Reader: TypeAlias = Callable[[Field, Compare, Value, Setting], Tree[Test]]

SUPPLIERS = (Standing.SUPPLIER,)
FLAGS = {"yes": True, "true": True, "no": False, "false": False}


def read(field: Field, compare: Compare, value: Value, setting: Setting) -> Tree[Test]:
    """The condition that one value makes; `none` and `any` go for every field that may be empty."""
    word = "" if value.quoted or compare is not Compare.IS or not field.optional else value.text.lower()
    if word in ("none", "any"):
        given = _given(field, setting)
        return given if word == "any" else Without(given)
    return READERS[field.kind](field, compare, value, setting)


def _given(field: Field, setting: Setting) -> Test:
    match field.kind:
        case Kind.NAMES:
            return Holding(field.column)
        case Kind.REFERENCE:
            return Paired(field.column)
        case Kind.OWN:
            return Paired("fields", _own_name(field, setting))
        case Kind.LINK:
            return Linked()
        case Kind.SUPPLIER:
            return Joined(SUPPLIERS)
        case _:
            return Given(field.column)


def _number(field: Field, compare: Compare, value: Value, setting: Setting) -> Tree[Test]:
    if ".." in value.text or compare is not Compare.IS:
        return between(field.column, compare, value.text, lambda text: ticket_number(text, setting.prefix))
    return Among(field.column, (ticket_number(value.text, setting.prefix),))


def _count(field: Field, compare: Compare, value: Value, _: Setting) -> Tree[Test]:
    return between(field.column, compare, value.text, whole)


def _status(field: Field, _: Compare, value: Value, setting: Setting) -> Tree[Test]:
    found = setting.workflow.find(value.text)
    if found is None:
        known = (name for each in setting.workflow.statuses for name in (each.name, *each.aliases))
        raise Unclear(f"there is no status '{value.text}'", nearest(value.text, known))
    return Among(field.column, (found.name,))


def _phase(field: Field, _: Compare, value: Value, __: Setting) -> Tree[Test]:
    name = value.text.lower()
    if name not in tuple(Phase):
        raise Unclear(f"there is no phase '{value.text}'", nearest(name, tuple(Phase)))
    return Among(field.column, (name,))


def _form(_: Field, __: Compare, value: Value, setting: Setting) -> Tree[Test]:
    return short.form(value.text, setting)


def _priority(field: Field, compare: Compare, value: Value, setting: Setting) -> Tree[Test]:
    known = setting.priorities
    place = next((place for place, name in enumerate(known) if name.casefold() == value.text.casefold()), None)
    if place is None:
        raise Unclear(f"there is no priority '{value.text}'", nearest(value.text, known))
    chosen = {
        Compare.IS: known[place : place + 1],
        Compare.LESS: known[:place],
        Compare.AT_MOST: known[: place + 1],
        Compare.MORE: known[place + 1 :],
        Compare.AT_LEAST: known[place:],
    }
    return Among(field.column, chosen[compare])


def _agent(field: Field, _: Compare, value: Value, setting: Setting) -> Tree[Test]:
    """Exactly in the usual forms, not folded: so the index on the column serves the list that agents ask for most."""
    if value.text.lower() == "me" and not value.quoted:
        return short.mine(setting)
    text = value.text
    return Among(field.column, tuple(dict.fromkeys((text, text.lower(), text.upper(), text.title()))))


def _name(field: Field, _: Compare, value: Value, __: Setting) -> Tree[Test]:
    return Named(field.column, forms(value.text))


def _names(field: Field, _: Compare, value: Value, __: Setting) -> Tree[Test]:
    return Holding(field.column, forms(value.text))


def _text(field: Field, _: Compare, value: Value, __: Setting) -> Tree[Test]:
    return Inside(field.column, forms(value.text))


def _customer(_: Field, __: Compare, value: Value, ___: Setting) -> Tree[Test]:
    address = _address(value)
    return Asking(end=address) if address.startswith("@") else Asking(address)


def _supplier(_: Field, __: Compare, value: Value, ___: Setting) -> Tree[Test]:
    address = _address(value)
    return Joined(SUPPLIERS, end=address) if address.startswith("@") else Joined(SUPPLIERS, address)


def _inbox(field: Field, _: Compare, value: Value, __: Setting) -> Tree[Test]:
    address = _address(value)
    return Ending(field.column, address) if address.startswith("@") else Among(field.column, (address,))


def _address(value: Value) -> str:
    """In lower case of ASCII only, as addresses are kept."""
    if "@" not in value.text:
        wanted = f"@{value.text}" if "." in value.text else "jane@example.com or @example.com"
        raise Unclear("an address or @domain is wanted", f"write {wanted}")
    return lower(value.text)


def _flag(field: Field, _: Compare, value: Value, __: Setting) -> Tree[Test]:
    wanted = FLAGS.get(value.text.lower())
    if wanted is None:
        raise Unclear(f"'{value.text}' is neither yes nor no", f"write {field.name}:yes or {field.name}:no")
    return Among(field.column, (wanted,))


def _moment(field: Field, compare: Compare, value: Value, setting: Setting) -> Tree[Test]:
    return within(field.column, compare, value.text, setting)


def _link(_: Field, __: Compare, value: Value, setting: Setting) -> Tree[Test]:
    return Linked(ticket_number(value.text, setting.prefix))


def _reference(field: Field, _: Compare, value: Value, __: Setting) -> Tree[Test]:
    return Paired(field.column, None, forms(value.text))


def _own(field: Field, _: Compare, value: Value, setting: Setting) -> Tree[Test]:
    return Paired("fields", _own_name(field, setting), forms(value.text))


def _own_name(field: Field, setting: Setting) -> str:
    wanted = field.column.casefold()
    for name in setting.fields:
        if name.casefold() == wanted:
            return name
    hint = nearest(field.column, setting.fields) or "the config names none"
    raise Unclear(f"there is no field of the desk's own named '{field.column}'", hint)


def _words(_: Field, __: Compare, value: Value, ___: Setting) -> Tree[Test]:
    if term(value.text) is None:
        raise Unclear("there is neither a letter nor a digit to look for", "leave it out")
    return Words(value.text)


READERS: dict[Kind, Reader] = {
    Kind.NUMBER: _number,
    Kind.STATUS: _status,
    Kind.PHASE: _phase,
    Kind.FORM: _form,
    Kind.PRIORITY: _priority,
    Kind.AGENT: _agent,
    Kind.NAME: _name,
    Kind.NAMES: _names,
    Kind.CUSTOMER: _customer,
    Kind.SUPPLIER: _supplier,
    Kind.ADDRESS: _inbox,
    Kind.FLAG: _flag,
    Kind.TEXT: _text,
    Kind.MOMENT: _moment,
    Kind.COUNT: _count,
    Kind.LINK: _link,
    Kind.REFERENCE: _reference,
    Kind.OWN: _own,
    Kind.WORDS: _words,
}
