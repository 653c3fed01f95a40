"""What a template may name (who may see it: `audiences`; sample values of it: `samples`).

Contexts are plain JSON values, because they wait in the outbox. Every variable is always there (`completed`); the
renderer adds `language`, that of the chosen template, `words`, the table of that language, and `rows`, for agents the
card of the ticket in these words (label, value, href).

Every `href` is a whole link (`mailto:`, or `https:` once there is a web page); empty where there is none.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict


class Person(TypedDict):
    """A name, which may be empty, and an address."""

    name: str
    address: str


class TicketCard(TypedDict):
    """A ticket as a mail shows it; times are local, in words."""

    number: str
    subject: str
    status: str
    phase: str
    priority: str
    category: str
    requester: Person
    organisation: str
    vip: bool
    assignee: str | None
    collaborators: list[str]  # agents who take part or watch, but the assignee
    suppliers: list[str]
    teams: list[str]
    tags: list[str]
    rating: int | None
    minutes: int
    level: int
    merged_into: str
    created_at: str
    updated_at: str


class File(TypedDict):
    """A file of a message."""

    name: str
    size_text: str


class Message(TypedDict):
    """A message of the ticket."""

    author_name: str
    author_address: str
    text: str
    at: str
    attachments: list[File]


class Change(TypedDict):
    """One value that changed."""

    label: str
    old: str
    new: str


class CommandLine(TypedDict):
    """One line of an agent's mail, given back to him."""

    text: str
    wrong: bool
    hint: str


class Action(TypedDict):
    """A link that does something: `name` is a command's word, `label` what is shown instead of the language's word."""

    name: str
    href: str
    label: NotRequired[str]
    form: NotRequired[str]  # "html": a text mail leaves it out


class Rating(TypedDict):
    """A link that rates: 1 is bad, 5 is very good."""

    score: int
    href: str


class Choice(TypedDict):
    """A link that chooses a category."""

    name: str
    href: str


class Row(TypedDict):
    """A line of a table that a desk command gave, with links that act on it."""

    cells: list[str]
    actions: list[Action]


class Section(TypedDict):
    """A desk command, and what came of it: words, a longer text, a table; each may be empty."""

    line: str
    result: str
    text: str
    columns: list[str]
    rows: list[Row]


class Item(TypedDict):
    """One thing that happened, in a digest."""

    number: str
    subject: str
    words: str
    at: str
    actor: str
    actions: list[Action]


class EarlierTicket(TypedDict):
    """Another ticket of this customer."""

    number: str
    subject: str
    status: str
    at: str


class Reference(TypedDict):
    """Something elsewhere that the ticket names; `url` may be empty."""

    name: str
    value: str
    url: str


class TicketLink(TypedDict):
    """A related ticket; `relation` is a word of `words.relations`, or shown as it is."""

    relation: str
    number: str


class TodoLine(TypedDict):
    """A thing to do."""

    number: int
    text: str
    done: bool


class Field(TypedDict):
    """A custom field."""

    name: str
    value: str


class Moment(TypedDict):
    """A date of the ticket: `name` is due, followup or action; `text` says more, such as `in 2 hours`, or is empty."""

    name: str
    at: str
    text: str


class Clock(TypedDict):
    """A promise of the SLA: `name` is first_response, next_response or resolution."""

    name: str
    due_at: str
    left: str


class Suggestion(TypedDict):
    """An answer that may fit."""

    title: str
    text: str


class Context(TypedDict):
    """All variables of a template."""

    desk: Person
    recipient: Person
    ticket: TicketCard | None
    message: Message | None
    actor: str
    changes: list[Change]
    reason: str
    reference: str
    marker: str
    late: bool
    lines: list[CommandLine]
    problem: str
    customer_sees: str
    what: str  # a promise of the SLA, or a reminder's kind
    percent: int
    # what an agent needs (SPEC AG-5, AG-7)
    actions: list[Action]
    earlier: list[EarlierTicket]
    references: list[Reference]
    links: list[TicketLink]
    todos: list[TodoLine]
    fields: list[Field]
    dates: list[Moment]
    sla: list[Clock]
    suggestions: list[Suggestion]
    context_text: str
    # desk commands and digests
    sections: list[Section]
    items: list[Item]
    # what a customer may click (SPEC CU-2 to CU-4)
    solved_href: str
    broken_href: str
    ratings: list[Rating]
    categories: list[Choice]
    expected: str
    unsubscribe_href: str


EMPTY_CARD: TicketCard = {
    "number": "",
    "subject": "",
    "status": "",
    "phase": "",
    "priority": "",
    "category": "",
    "requester": {"name": "", "address": ""},
    "organisation": "",
    "vip": False,
    "assignee": None,
    "collaborators": [],
    "suppliers": [],
    "teams": [],
    "tags": [],
    "rating": None,
    "minutes": 0,
    "level": 0,
    "merged_into": "",
    "created_at": "",
    "updated_at": "",
}

EMPTY: Context = {
    "desk": {"name": "", "address": ""},
    "recipient": {"name": "", "address": ""},
    "ticket": None,
    "message": None,
    "actor": "maild",
    "changes": [],
    "reason": "",
    "reference": "",
    "marker": "",
    "late": False,
    "lines": [],
    "problem": "",
    "customer_sees": "",
    "what": "",
    "percent": 0,
    "actions": [],
    "earlier": [],
    "references": [],
    "links": [],
    "todos": [],
    "fields": [],
    "dates": [],
    "sla": [],
    "suggestions": [],
    "context_text": "",
    "sections": [],
    "items": [],
    "solved_href": "",
    "broken_href": "",
    "ratings": [],
    "categories": [],
    "expected": "",
    "unsubscribe_href": "",
}


def completed(context: Mapping[str, object]) -> dict[str, object]:
    """The context with every variable there: a mail that waited while maild was upgraded knows only the old ones."""
    full: dict[str, object] = {**EMPTY, **context}
    card = full["ticket"]
    if isinstance(card, Mapping):
        full["ticket"] = {**EMPTY_CARD, **card}
    return full
