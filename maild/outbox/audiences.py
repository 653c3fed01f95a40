"""Which templates there are, for whom each is written, and what they may see.

For customers and suppliers the variables of `HIDDEN` do not exist at all: a template that asks for such a thing is a
mistake that `check` finds, not a leak (RELIABILITY F1-F4).
"""

from collections.abc import Mapping

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
