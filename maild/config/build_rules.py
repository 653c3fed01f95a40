"""From entries of the file to the engine's rules."""

from collections.abc import Callable
from typing import Any

from maild.config.schema import Draft
from maild.config.schema_rules import RuleEntry
from maild.rules.actions import BY_NAME, Action
from maild.rules.engine import Rule
from maild.tickets.fields import FieldType, field_named, read
from maild.tickets.query import parse_query


def rules_of(draft: Draft, fields: tuple[FieldType, ...]) -> tuple[Rule, ...]:
    """All rules in the file's order; `fields` are the desk's own."""
    return tuple(_rule(item.value, fields) for item in draft.rules)


def _rule(entry: RuleEntry, fields: tuple[FieldType, ...]) -> Rule:
    return Rule(
        name=entry.name,
        then=tuple(_action(name, value, fields) for name, value in entry.then.given().items()),
        on=frozenset(entry.on),
        every=entry.every,
        when=parse_query(entry.when),
        stop=entry.stop,
        written=entry.when,
    )


def _action(name: str, value: Any, fields: tuple[FieldType, ...]) -> Action:
    return Action(BY_NAME[name], FORMS[name](value, fields) if name in FORMS else value)


def _pairs(values: dict[str, str], fields: tuple[FieldType, ...]) -> tuple[tuple[str, str], ...]:
    """Each value in the one form that its field has."""
    known = ((field_named(name, fields), value) for name, value in values.items())
    return tuple((field.name, read(field, value)) for field, value in known if field is not None)


FORMS: dict[str, Callable[[Any, tuple[FieldType, ...]], Any]] = {"set_field": _pairs}
