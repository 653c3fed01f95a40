"""What a template may name, and who may see it (sample values of it: `samples`).

Contexts are plain JSON values, because they wait in the outbox. Every variable is always there (`completed`); the
renderer adds `language`, that of the chosen template, `words`, the table of that language, and `rows`, for agents the
card of the ticket in these words (label, value, href). For customers and suppliers the variables of `HIDDEN` do not
exist at all: a template that asks for such a thing is a mistake that `check` finds, not a leak (RELIABILITY F1-F4).

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

_AGENTS_ACTS = frozenset({"reason", "changes", "lines", "customer_sees", "what", "percent"})
_AGENTS_TOOLS = frozenset({"actions", "sections", "items", "suggestions", "context_text", "sla"})
_AGENTS_FACTS = frozenset({"earlier", "references", "links", "todos", "fields", "dates"})
_CUSTOMERS_LINKS = frozenset({"solved_href", "broken_href", "ratings", "categories", "expected", "unsubscribe_href"})
_INTERNAL_OF_A_TICKET = frozenset(
    {"tags", "teams", "assignee", "vip", "organisation", "collaborators", "suppliers", "minutes", "level"}
)

CUSTOMERS_DO_NOT_SEE: Mapping[str, frozenset[str]] = {
    "": _AGENTS_ACTS | _AGENTS_TOOLS | _AGENTS_FACTS,
    "ticket": _INTERNAL_OF_A_TICKET,
    "message": frozenset({"author_address"}),
}
# A supplier is asked about a thing, not about a person: who the customer is stays ours.
SUPPLIERS_DO_NOT_SEE: Mapping[str, frozenset[str]] = {
    **CUSTOMERS_DO_NOT_SEE,
    "": CUSTOMERS_DO_NOT_SEE[""] | _CUSTOMERS_LINKS,
    "ticket": _INTERNAL_OF_A_TICKET | {"requester", "rating", "priority", "merged_into"},
}
HIDDEN: Mapping[str, Mapping[str, frozenset[str]]] = {
    "customer": CUSTOMERS_DO_NOT_SEE,
    "supplier": SUPPLIERS_DO_NOT_SEE,
    "agent": {},
    "admin": {},
}

# Every template, and for whom it is written. The file's name is the event's.
EVENTS: Mapping[str, str] = {
    "acknowledgement": "customer",
    "answer": "customer",
    "outreach": "customer",
    "status": "customer",
    "resolved": "customer",
    "closed": "customer",
    "merged": "customer",
    "your_status": "customer",
    "category_wanted": "customer",
    "waiting_reminder": "customer",
    "unsubscribed": "customer",
    "attachment_refused": "customer",
    "supplier_message": "supplier",
    "new_ticket": "agent",
    "customer_reply": "agent",
    "supplier_reply": "agent",
    "answer_copy": "agent",
    "note": "agent",
    "assignment": "agent",
    "change": "agent",
    "rated": "agent",
    "sla_warning": "agent",
    "sla_breach": "agent",
    "reminder": "agent",
    "digest": "agent",
    "your_desk": "agent",
    "transcript": "agent",
    "commands_refused": "agent",
    "was_this_you": "agent",
    "undelivered": "agent",
    "delayed": "agent",
    "held": "agent",
    "quarantined": "admin",
    "mailbox_trouble": "admin",
    "mailbox_recovered": "admin",
    "desk_at_risk": "admin",
    "trouble": "admin",
    "recovered": "admin",
}


def completed(context: Mapping[str, object]) -> dict[str, object]:
    """The context with every variable there: a mail that waited while maild was upgraded knows only the old ones."""
    full: dict[str, object] = {**EMPTY, **context}
    card = full["ticket"]
    if isinstance(card, Mapping):
        full["ticket"] = {**EMPTY_CARD, **card}
    return full


def visible(audience: str, context: Mapping[str, object]) -> dict[str, object]:
    """The variables that a template of this audience may know; an audience that nobody named knows the least."""
    shown = dict(context)
    for name, hidden in HIDDEN.get(audience, SUPPLIERS_DO_NOT_SEE).items():
        value = shown.get(name) if name else shown
        if isinstance(value, Mapping):
            less = _without(value, hidden)
            shown = {**shown, name: less} if name else less
    return shown


def _without(values: Mapping[str, object], hidden: frozenset[str]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in hidden}
