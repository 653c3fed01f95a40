"""What a template may name, and sample values of it: for `maild template check`, previews and tests.

Contexts are plain JSON values, because they wait in the outbox. Every variable is always there (see `EMPTY`); the
renderer adds `language`, that of the chosen template. For customers' templates `CUSTOMERS_DO_NOT_SEE` does not exist
at all: a template that asks for such a thing is a mistake that `check` finds, not a leak (RELIABILITY F1-F4).
"""

from collections.abc import Mapping
from typing import TypedDict


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
    assignee: str | None
    teams: list[str]
    tags: list[str]
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


class Done(TypedDict):
    """A command and what came of it."""

    line: str
    result: str


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
    transcript: list[Done]
    problem: str
    customer_sees: str


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
    "transcript": [],
    "problem": "",
    "customer_sees": "",
}

CUSTOMERS_DO_NOT_SEE: Mapping[str, frozenset[str]] = {
    "": frozenset({"reason", "changes", "lines", "transcript", "customer_sees"}),
    "ticket": frozenset({"tags", "teams"}),
    "message": frozenset({"author_address"}),
}

# Every template, and for whom it is written. The file's name is the event's.
EVENTS: Mapping[str, str] = {
    "acknowledgement": "customer",
    "answer": "customer",
    "status": "customer",
    "resolved": "customer",
    "closed": "customer",
    "attachment_refused": "customer",
    "new_ticket": "agent",
    "customer_reply": "agent",
    "answer_copy": "agent",
    "note": "agent",
    "assignment": "agent",
    "change": "agent",
    "commands_refused": "agent",
    "commands_done": "agent",
    "was_this_you": "agent",
    "undelivered": "agent",
    "held": "agent",
    "quarantined": "admin",
    "mailbox_trouble": "admin",
    "mailbox_recovered": "admin",
    "trouble": "admin",
    "recovered": "admin",
}

_TICKET: TicketCard = {
    "number": "TICK-1001",
    "subject": "Label printer prints blank labels",
    "status": "open",
    "phase": "active",
    "priority": "high",
    "category": "hardware",
    "requester": {"name": "Mira Okafor", "address": "mira@shop.test"},
    "assignee": "alice",
    "teams": ["first-line"],
    "tags": ["printer", "warehouse"],
    "created_at": "21 Nov 2026, 10:30",
    "updated_at": "21 Nov 2026, 11:05",
}

_BY_CUSTOMER: Message = {
    "author_name": "Mira Okafor",
    "author_address": "mira@shop.test",
    "text": (
        "Hello,\n\nsince this morning the label printer in hall 2 prints blank labels.\n"
        "I have changed the ribbon & tried <File> / <Print test page>:\n\n"
        "    status: READY\n    error:  0x1F\n\nCan you help before noon?\n\nMira"
    ),
    "at": "21 Nov 2026, 11:05",
    "attachments": [{"name": "label.jpg", "size_text": "212 kB"}, {"name": "printer-log.txt", "size_text": "4 kB"}],
}

_BY_AGENT: Message = {
    "author_name": "Alice Berger",
    "author_address": "alice@acme.test",
    "text": (
        "Hello Mira,\n\nthe ribbon sits the wrong way round: the dull side belongs to the label.\n"
        "Please turn it, close the lid until it clicks and print the test page again.\n\nI will look in again at noon."
    ),
    "at": "21 Nov 2026, 11:20",
    "attachments": [{"name": "ribbon.pdf", "size_text": "88 kB"}],
}

_FULL: Context = {
    "desk": {"name": "Acme Support", "address": "support@acme.test"},
    "recipient": {"name": "Alice Berger", "address": "alice@acme.test"},
    "ticket": _TICKET,
    "message": _BY_CUSTOMER,
    "actor": "Bob Lind",
    "changes": [
        {"label": "Status", "old": "open", "new": "waiting"},
        {"label": "Tags", "old": "", "new": "printer, warehouse"},
    ],
    "reason": "knows the printers",
    "reference": "ref kpabcdefghij234567abcdefgh2a",
    "marker": "##- Please type your reply above this line -##",
    "late": True,
    "lines": [
        {"text": "#asign bob", "wrong": True, "hint": "did you mean #assign?"},
        {"text": "#tag printer", "wrong": False, "hint": ""},
        {"text": "", "wrong": False, "hint": ""},
        {"text": "Hello Mira, Bob will come by at noon.", "wrong": False, "hint": ""},
    ],
    "transcript": [
        {"line": "#assign bob", "result": "assigned to bob"},
        {"line": "#tag printer", "result": "tagged printer"},
    ],
    "problem": "mira@shop.test cannot be reached (5.1.1: no such mailbox).",
    "customer_sees": _BY_AGENT["text"],
}

_FOR_CUSTOMER: Context = {
    **_FULL,
    "recipient": _TICKET["requester"],
    "message": _BY_AGENT,
    "actor": "Alice Berger",
}

_OWN_FACTS: Mapping[str, dict[str, object]] = {
    "acknowledgement": {"message": None},
    "status": {"message": None},
    "resolved": {"message": None},
    "closed": {"message": None},
    "attachment_refused": {
        "message": {**_BY_CUSTOMER, "attachments": [{"name": "setup.exe", "size_text": "14 MB"}]},
        "problem": "Programs (.exe) are not accepted, and a file may have 10 MB at most.",
    },
    "answer_copy": {"actor": "Alice Berger", "message": _BY_AGENT},
    "note": {
        "actor": "Alice Berger",
        "message": {**_BY_AGENT, "text": "They have no service contract. Be kind, but short.", "attachments": []},
    },
    "change": {"message": None},
    "commands_refused": {"message": None},
    "commands_done": {"message": None},
    "was_this_you": {"message": {**_BY_AGENT, "text": "#resolve\n\nDone, thank you.", "attachments": []}},
    "undelivered": {"message": _BY_AGENT},
    "held": {"message": _BY_AGENT, "problem": "It quotes an internal note (“They have no service contract …”)."},
    "quarantined": {"ticket": None, "message": None, "problem": "Three attempts to read mail 4711 ended in a crash."},
    "mailbox_trouble": {
        "ticket": None,
        "message": None,
        "problem": "imap.acme.test, support: the server refuses the password since 10:30.",
    },
    "mailbox_recovered": {
        "ticket": None,
        "message": None,
        "problem": "imap.acme.test, support: was unreachable from 10:30 to 11:05.",
    },
    "trouble": {"ticket": None, "message": None, "problem": "backlog: 120 mails wait to be handled, one since 10:30."},
    "recovered": {"ticket": None, "message": None, "problem": "backlog: nothing waits any more."},
}


def sample(event: str) -> Context:
    """A full context for an event, as it may well occur."""
    base = _FOR_CUSTOMER if EVENTS[event] == "customer" else _FULL
    return {**base, **_OWN_FACTS.get(event, {})}  # type: ignore[typeddict-item]  # the facts are written above


def sparse_sample(event: str) -> Context:
    """The same event with everything absent that may be absent."""
    full = sample(event)
    ticket, message = full["ticket"], full["message"]
    return {
        **EMPTY,
        "desk": full["desk"],
        "recipient": {"name": "", "address": full["recipient"]["address"]},
        "ticket": ticket and {**ticket, "assignee": None, "teams": [], "tags": [], "category": "", "subject": ""},
        "message": message and {**message, "author_name": "", "text": "", "attachments": []},
    }


def visible(audience: str, context: Mapping[str, object]) -> dict[str, object]:
    """The variables that a template of this audience may know."""
    if audience != "customer":
        return dict(context)
    shown = _without(context, CUSTOMERS_DO_NOT_SEE[""])
    for name, hidden in CUSTOMERS_DO_NOT_SEE.items():
        value = shown.get(name)
        if isinstance(value, Mapping):
            shown[name] = _without(value, hidden)
    return shown


def _without(values: Mapping[str, object], hidden: frozenset[str]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in hidden}
