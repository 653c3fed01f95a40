"""Every field that a query knows: its name, what its values are, which part of a ticket it looks at."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a field are; `values.READERS` has a reader for each."""

    NUMBER = "number"
    STATUS = "status"
    PHASE = "phase"
    FORM = "form"
    PRIORITY = "priority"
    AGENT = "agent"
    NAME = "name"
    NAMES = "names"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    ADDRESS = "address"
    FLAG = "flag"
    TEXT = "text"
    MOMENT = "moment"
    COUNT = "count"
    LINK = "link"
    REFERENCE = "reference"
    OWN = "own"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Field:
    """`column`: the attribute of a Ticket. `optional`: may be `none` or `any`. `sorts`: may stand after `sort:`."""

    name: str
    kind: Kind
    column: str = ""
    optional: bool = False
    sorts: bool = False


def _moment(name: str, *, optional: bool = True) -> Field:
    return Field(name, Kind.MOMENT, f"{name}_at", optional, sorts=True)


FIELDS = (
    Field("number", Kind.NUMBER, "number", sorts=True),
    Field("status", Kind.STATUS, "status", sorts=True),
    Field("phase", Kind.PHASE, "phase"),
    Field("is", Kind.FORM),
    Field("priority", Kind.PRIORITY, "priority", sorts=True),
    Field("category", Kind.NAME, "category", optional=True, sorts=True),
    Field("assignee", Kind.AGENT, "assignee", optional=True, sorts=True),
    Field("team", Kind.NAMES, "teams", optional=True),
    Field("tag", Kind.NAMES, "tags", optional=True),
    Field("customer", Kind.CUSTOMER, "requester", sorts=True),
    Field("organisation", Kind.NAME, "organisation", optional=True, sorts=True),
    Field("vip", Kind.FLAG, "vip", sorts=True),
    Field("subject", Kind.TEXT, "subject", sorts=True),
    Field("inbox", Kind.ADDRESS, "inbox", sorts=True),
    Field("language", Kind.NAME, "language", optional=True, sorts=True),
    _moment("created", optional=False),
    _moment("updated", optional=False),
    *map(_moment, ("resolved", "closed", "answered", "heard", "due", "followup", "action")),
    Field("messages", Kind.COUNT, "messages", sorts=True),
    Field("minutes", Kind.COUNT, "minutes", sorts=True),
    Field("rating", Kind.COUNT, "rating", optional=True, sorts=True),
    Field("quality", Kind.COUNT, "quality", optional=True, sorts=True),
    Field("level", Kind.COUNT, "level", sorts=True),
    Field("link", Kind.LINK, "links", optional=True),
    Field("ref", Kind.REFERENCE, "references", optional=True),
    Field("supplier", Kind.SUPPLIER, optional=True),
)
WORDS_FIELD = Field("words", Kind.WORDS)
OWN_FIELD = "field."  # the desk's own fields: field.NAME:value
SORT, LIMIT = "sort", "limit"

BY_NAME = {field.name: field for field in FIELDS}
NAMES = (*BY_NAME, f"{OWN_FIELD}NAME", SORT, LIMIT)
SORTABLE = tuple(field.name for field in FIELDS if field.sorts)
COMPARABLE = frozenset({Kind.NUMBER, Kind.PRIORITY, Kind.MOMENT, Kind.COUNT})


def field_named(name: str) -> Field | None:
    """A field by the word before the colon; `field.NAME` is one of the desk's own, known or not."""
    if name == WORDS_FIELD.name:
        return WORDS_FIELD
    if name.startswith(OWN_FIELD) and len(name) > len(OWN_FIELD):
        return Field(name, Kind.OWN, name.removeprefix(OWN_FIELD), optional=True)
    return BY_NAME.get(name)
