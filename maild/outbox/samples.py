"""Sample values for every template: for `maild template`, `maild check` and tests."""

from collections.abc import Mapping
from typing import cast

from maild.mail.mailto import mailto
from maild.outbox.audiences import EVENTS
from maild.outbox.context import EMPTY, EMPTY_CARD, Action, Context, Message, TicketCard

_SIGNED = "support+kpabcdefghij234567abcdefgh2a@acme.test"
_SUBJECT = "Re: [TICK-1001]"


def _link(words: str) -> str:
    return mailto(_SIGNED, _SUBJECT, words)


def _action(name: str, words: str = "") -> Action:
    return {"name": name, "href": _link(f"#{words or name}")}


_ACTIONS: list[Action] = [
    *map(_action, ("take", "note", "waiting", "resolve", "close")),
    {"name": "assign", "href": _link("#assign bob"), "label": "→ bob"},
    *map(_action, ("hold", "spam")),
]

_TICKET: TicketCard = {
    **EMPTY_CARD,
    "number": "TICK-1001",
    "subject": "Label printer prints blank labels",
    "status": "open",
    "phase": "active",
    "priority": "high",
    "category": "hardware",
    "requester": {"name": "Mira Okafor", "address": "mira@shop.test"},
    "organisation": "Okafor & Daughters",
    "vip": True,
    "assignee": "alice",
    "collaborators": ["bob"],
    "suppliers": ["service@printers.test"],
    "teams": ["first-line"],
    "tags": ["printer", "warehouse"],
    "rating": 4,
    "minutes": 35,
    "level": 1,
    "created_at": "2026-11-21 10:30",
    "updated_at": "2026-11-21 11:05",
}

_BY_CUSTOMER: Message = {
    "author_name": "Mira Okafor",
    "author_address": "mira@shop.test",
    "text": (
        "Hello,\n\nsince this morning the label printer in hall 2 prints blank labels.\n"
        "I have changed the ribbon & tried <File> / <Print test page>:\n\n"
        "    status: READY\n    error:  0x1F\n\nCan you help before noon?\n\nMira"
    ),
    "at": "2026-11-21 11:05",
    "attachments": [{"name": "label.jpg", "size_text": "212 kB"}, {"name": "printer-log.txt", "size_text": "4 kB"}],
}

_BY_AGENT: Message = {
    "author_name": "Alice Berger",
    "author_address": "alice@acme.test",
    "text": (
        "Hello Mira,\n\nthe ribbon sits the wrong way round: the dull side belongs to the label.\n"
        "Please turn it, close the lid until it clicks and print the test page again.\n\nI will look in again at noon."
    ),
    "at": "2026-11-21 11:20",
    "attachments": [{"name": "ribbon.pdf", "size_text": "88 kB"}],
}

_BY_SUPPLIER: Message = {
    "author_name": "Printers Ltd",
    "author_address": "service@printers.test",
    "text": "Error 0x1F is the ribbon sensor.\nWe can send a new one today; it takes two screws to change.",
    "at": "2026-11-21 11:40",
    "attachments": [],
}

_FULL: Context = {
    **EMPTY,
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
    "problem": "mira@shop.test cannot be reached: 550 5.1.1 no such mailbox",
    "customer_sees": _BY_AGENT["text"],
    "actions": _ACTIONS,
    "earlier": [
        {"number": "TICK-0987", "subject": "Ribbon for the label printer", "status": "closed", "at": "2026-10-02"},
        {"number": "TICK-0911", "subject": "Scanner loses its pairing", "status": "closed", "at": "2026-07-19"},
    ],
    "references": [
        {"name": "device", "value": "LP-2207", "url": "https://assets.acme.test/LP-2207"},
        {"name": "order", "value": "A-77123", "url": ""},
    ],
    "links": [{"relation": "related", "number": "TICK-0987"}],
    "todos": [
        {"number": 1, "text": "ask for the firmware version", "done": True},
        {"number": 2, "text": "order a ribbon sensor", "done": False},
    ],
    "fields": [{"name": "Hall", "value": "2"}, {"name": "Serial number", "value": "LP-2207-0093"}],
    "dates": [
        {"name": "due", "at": "2026-11-21 16:00", "text": "in 5 hours"},
        {"name": "followup", "at": "2026-11-23 09:00", "text": ""},
    ],
    "sla": [{"name": "first_response", "due_at": "2026-11-21 11:30", "left": "25 minutes left"}],
    "suggestions": [{"title": "Blank labels", "text": "Turn the ribbon: the dull side belongs to the label."}],
    "context_text": "Contract: Silver, until 2027-03-31\nDevices: 14",
}

_SECTIONS: dict[str, object] = {
    "sections": [
        {
            "line": "#list status:open",
            "result": "2 tickets",
            "text": "",
            "columns": ["Number", "Subject", "Status", "Assigned to", "Due"],
            "rows": [
                {
                    "cells": ["TICK-1001", "Label printer prints blank labels", "open", "alice", "2026-11-21 16:00"],
                    "actions": [_action("show", "show TICK-1001"), _action("take", "take TICK-1001")],
                },
                {
                    "cells": ["TICK-0999", "Two invoices for one order", "open", "", ""],
                    "actions": [_action("show", "show TICK-0999"), _action("take", "take TICK-0999")],
                },
            ],
        },
        {"line": "#assign bob", "result": "assigned to bob", "text": "", "columns": [], "rows": []},
        {
            "line": "#canned greeting",
            "result": "",
            "text": "Hello {name},\n\nthank you for your patience.",
            "columns": [],
            "rows": [],
        },
    ]
}

_DUE = ("number", "subject", "priority", "status", "customer", "what", "due", "late")
_LABELS = ("TICK-1001", "Label printer prints blank labels", "high", "open", "Mira Okafor")
_INVOICES = ("TICK-0999", "Two invoices for one order", "normal", "new", "Jon Vale", "", "", "")


def _part(name: str, *rows: tuple[str, ...]) -> dict[str, object]:
    """One list of a desk."""
    shown = [{"cells": list(cells), "actions": [_action("show"), _action("take")]} for cells in rows]
    return {"line": name, "result": str(len(rows)), "text": "", "columns": list(_DUE), "rows": shown}


_YOUR_DESK = [
    _part("today", (*_LABELS, "first_response", "2026-11-21 11:30", "")),
    _part("mine", ("TICK-0987", "Ribbon for the label printer", "low", "waiting", "Mira Okafor", "", "", "")),
    _part("free", _INVOICES),
]
_RISKS = [_part("promises", (*_LABELS, "resolution", "", "2026-11-21 10:00")), _part("unowned", _INVOICES)]

_ITEMS: dict[str, object] = {
    "items": [
        {
            "number": "TICK-1001",
            "subject": "Label printer prints blank labels",
            "words": "wrote: Can you help before noon?",
            "at": "11:05",
            "actor": "Mira Okafor",
            "actions": [_action("take"), _action("waiting")],
        },
        {
            "number": "TICK-0999",
            "subject": "Two invoices for one order",
            "words": "status: open → waiting",
            "at": "11:20",
            "actor": "Bob Lind",
            "actions": [],
        },
    ]
}

_NO_TICKET: dict[str, object] = {"ticket": None, "message": None, "actions": []}
_QUIET: dict[str, object] = {"message": None}
_TO_SUPPLIER = "Which part reports error 0x1F on your LP-2200 printers, and how fast can you send one?"

_OWN_FACTS: Mapping[str, Mapping[str, object]] = {
    "acknowledgement": _QUIET,
    "status": _QUIET,
    "resolved": _QUIET,
    "closed": _QUIET,
    "your_status": _QUIET,
    "category_wanted": _QUIET,
    "unsubscribed": _QUIET,
    "merged": {**_QUIET, "ticket": {**_TICKET, "merged_into": "TICK-0987"}},
    "attachment_refused": {
        "message": {**_BY_CUSTOMER, "attachments": [{"name": "setup.exe", "size_text": "14 MB"}]},
        "problem": "Programs (.exe) are not accepted, and a file may have 10 MB at most.",
    },
    "supplier_message": {
        "recipient": {"name": "Printers Ltd", "address": "service@printers.test"},
        "actor": "Alice Berger",
        "message": {**_BY_AGENT, "text": _TO_SUPPLIER, "attachments": []},
    },
    "supplier_reply": {"message": _BY_SUPPLIER},
    "answer_copy": {"actor": "Alice Berger", "message": _BY_AGENT},
    "note": {
        "actor": "Alice Berger",
        "message": {**_BY_AGENT, "text": "They have no service contract. Be kind, but short.", "attachments": []},
    },
    "sla_warning": {"message": None, "what": "first_response", "percent": 75},
    "sla_breach": {"message": None, "what": "resolution"},
    "reminder": {"message": None, "what": "followup", "problem": "ask whether the ribbon still holds"},
    "rated": {"actor": "Mira Okafor", "message": {**_BY_CUSTOMER, "text": "Fast and kind.", "attachments": []}},
    "change": _QUIET,
    "digest": {**_NO_TICKET, **_ITEMS},
    "your_desk": {**_NO_TICKET, "sections": _YOUR_DESK},
    "transcript": {**_QUIET, **_SECTIONS},
    "commands_refused": _QUIET,
    "was_this_you": {"message": {**_BY_AGENT, "text": "#resolve\n\nDone, thank you.", "attachments": []}},
    "undelivered": {"message": _BY_AGENT},
    "delayed": {"message": _BY_AGENT, "problem": "mira@lumen.example: 452 4.2.2 mailbox full."},
    "held": {"message": _BY_AGENT, "problem": "It quotes an internal note (“They have no service contract …”)."},
    "quarantined": {**_NO_TICKET, "problem": "Three attempts to read mail 4711 ended in a crash."},
    "mailbox_trouble": {
        **_NO_TICKET,
        "problem": "imap.acme.test, support: the server refuses the password since 10:30.",
    },
    "mailbox_recovered": {
        **_NO_TICKET,
        "problem": "imap.acme.test, support: was unreachable from 10:30 to 11:05.",
    },
    "desk_at_risk": {**_NO_TICKET, "sections": _RISKS},
    "trouble": {**_NO_TICKET, "problem": "backlog: 120 mails wait to be handled, one since 10:30."},
    "recovered": {**_NO_TICKET, "problem": "backlog: nothing waits any more."},
}

_FOR_AUDIENCE: Mapping[str, Mapping[str, object]] = {
    "customer": {
        "recipient": _TICKET["requester"],
        "message": _BY_AGENT,
        "actor": "Alice Berger",
        "solved_href": _link("#solved"),
        "broken_href": _link("#broken"),
        "ratings": [{"score": score, "href": _link(f"#rate {score}")} for score in range(1, 6)],
        "categories": [
            {"name": name, "href": _link(f"#category {name}")}
            for name in ("hardware", "accounts and passwords", "billing")
        ],
        "expected": "2026-11-21 16:00",
        "unsubscribe_href": _link("#unsubscribe"),
    },
}


def sample(event: str) -> Context:
    """A full context for an event, as it may well occur."""
    audience = _FOR_AUDIENCE.get(EVENTS[event], {})
    return cast(Context, {**_FULL, **audience, **_OWN_FACTS.get(event, {})})


def sparse_sample(event: str) -> Context:
    """The same event with everything absent that may be absent."""
    full = sample(event)
    ticket, message = full["ticket"], full["message"]
    return {
        **EMPTY,
        "desk": full["desk"],
        "recipient": {"name": "", "address": full["recipient"]["address"]},
        "ticket": ticket and _bare(ticket),
        "message": message and {**message, "author_name": "", "text": "", "attachments": []},
    }


def _bare(ticket: TicketCard) -> TicketCard:
    return {
        **EMPTY_CARD,
        "number": ticket["number"],
        "status": ticket["status"],
        "phase": ticket["phase"],
        "requester": {"name": "", "address": ticket["requester"]["address"]},
        "merged_into": ticket["merged_into"],
        "created_at": ticket["created_at"],
        "updated_at": ticket["created_at"],
    }
