"""`#set` and `#ref`: the desk's own fields, and links to other systems (UN-6)."""

import re

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nearest
from maild.tickets.events import Change, FieldSet, ReferencesChanged
from maild.tickets.fields import FieldType, WrongValue, field_named, read
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket

PAIR = re.compile(r"([\w.-]{1,40})\s?[=:]\s?(.{1,500})\Z")


def _set(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    pair = PAIR.match(argument)
    known = tuple(each.name for each in words.fields)
    if not known:
        raise WrongCommand("this desk has no fields of its own", "an admin adds them as [[fields]] to the config")
    if not pair:
        raise WrongCommand(
            f"'{argument}' is no field=value" if argument else "a field is missing", f"#set {known[0]}=…"
        )
    kind = field_named(pair[1], words.fields)
    if kind is None:
        raise WrongCommand(f"there is no field '{pair[1]}'", nearest(pair[1], known))
    new = None if pair[2].casefold() in ("none", "-") else _value(kind, pair[2])
    name = kind.name
    return Wanted(lambda ticket: [] if ticket.field(name) == new else [FieldSet(name, ticket.field(name), new)])


def _value(kind: FieldType, text: str) -> str:
    try:
        return read(kind, text)
    except WrongValue as error:
        raise WrongCommand(str(error), error.hint) from error


def _ref(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    gone = argument.startswith("-")
    pair = PAIR.match(argument.lstrip("- "))
    kind, value = (pair[1].lower(), pair[2].strip()) if pair else ("", argument.lstrip("- ")[:200])
    if not value:
        raise WrongCommand("a reference is missing", "write #ref order=ORD-1234, or #ref -ORD-1234 to take it away")

    def changes(ticket: Ticket) -> list[Change]:
        same = [each for each in ticket.references if each[1] == value and (not kind or each[0] == kind)]
        if gone and not same:
            there = ", ".join(each[1] for each in ticket.references) or "none"
            raise WrongCommand(f"{value} is no reference of this ticket", f"there are: {there}")
        if gone:
            return [ReferencesChanged(ticket.references, tuple(e for e in ticket.references if e not in same))]
        return [] if same else [ReferencesChanged(ticket.references, (*ticket.references, (kind, value)))]

    return Wanted(changes)


SET = Command(
    name="set",
    usage="#set FIELD=VALUE",
    summary="Sets one of the desk's own fields; none empties it.",
    example="#set serial=SN-4711",
    verb=Verb.CHANGE,
    read=_set,
    aliases=("field",),
)
REF = Command(
    name="ref",
    usage="#ref [KIND=]VALUE",
    summary="Notes a reference to another system; with - before it takes it away.",
    example="#ref order=ORD-1234",
    verb=Verb.CHANGE,
    read=_ref,
    aliases=("reference",),
)
