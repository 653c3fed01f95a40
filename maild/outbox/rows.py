"""What an agent wants to know of a ticket, as rows of a card: built once, shown by both forms of a mail."""

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from maild.outbox.filters import href, isolated
from maild.outbox.words import Words

WIDTH = 15


class Row(TypedDict):
    """A label, which is empty where the row above has it, what it says, and where a click on it leads."""

    label: str
    padded: str  # the label as wide as the column of a text mail
    value: str
    href: str


def card_rows(shown: Mapping[str, Any], words: Words) -> list[Row]:
    """The rows that say something, in the order of the card; none for those who are not shown what an agent is."""
    ticket = shown["ticket"]
    if not ticket or "earlier" not in shown:
        return []
    label, units = _group(words, "card"), _group(words, "units")
    return [row for row in _rows(ticket, shown, words, label, units) if row["value"]]


def _row(label: str, value: str, href: str = "") -> Row:
    return {"label": label, "padded": label.ljust(WIDTH), "value": value, "href": href}


def _group(words: Words, name: str) -> Mapping[str, str]:
    found = words[name]
    assert isinstance(found, Mapping)
    return found


def _rows(
    ticket: Mapping[str, Any],
    shown: Mapping[str, Any],
    words: Words,
    label: Mapping[str, str],
    units: Mapping[str, str],
) -> Iterator[Row]:
    merged = f" → {ticket['merged_into']}" if ticket["merged_into"] else ""
    yield _row(label["status"], ticket["status"] + merged)
    yield _row(label["priority"], ticket["priority"])
    yield _row(label["level"], f"{units['level']} {ticket['level']}" if ticket["level"] else "")
    yield _row(label["category"], ticket["category"])
    yield _row(label["requester"], _person(ticket["requester"]) + (f" · {label['vip']}" if ticket["vip"] else ""))
    yield _row(label["organisation"], ticket["organisation"])
    yield _row(label["assignee"], ticket["assignee"] or str(words["nobody"]))
    for name in ("collaborators", "suppliers", "teams", "tags"):
        yield _row(label[name], ", ".join(ticket[name]))
    yield from _beside(shown, words, label)
    yield _row(label["minutes"], f"{ticket['minutes']} {units['minutes']}" if ticket["minutes"] else "")
    yield _row(label["rating"], f"{ticket['rating']} {units['of_five']}" if ticket["rating"] else "")
    yield _row(label["created_at"], ticket["created_at"])
    yield _row(label["updated_at"], ticket["updated_at"] if ticket["updated_at"] != ticket["created_at"] else "")
    for place, each in enumerate(shown["earlier"]):
        words_of_it = (each["number"], each["subject"] or str(words["no_subject"]), each["status"], each["at"])
        yield _row("" if place else label["earlier"], " · ".join(filter(None, words_of_it)))


def _beside(shown: Mapping[str, Any], words: Words, label: Mapping[str, str]) -> Iterator[Row]:
    """Promises, dates, fields, references, related tickets, things to do."""
    for clock in shown["sla"]:
        yield _row(_named(words, "sla", clock["name"]), ", ".join(filter(None, (clock["due_at"], clock["left"]))))
    for date in shown["dates"]:
        yield _row(_named(words, "dates", date["name"]), ", ".join(filter(None, (date["at"], date["text"]))))
    for field in shown["fields"]:
        yield _row(field["name"], field["value"])
    for reference in shown["references"]:
        yield _row(reference["name"], reference["value"], href(reference["url"]))
    for link in shown["links"]:
        yield _row(_named(words, "relations", link["relation"]).capitalize(), link["number"])
    for place, todo in enumerate(shown["todos"]):
        mark = "☑" if todo["done"] else "☐"
        yield _row("" if place else label["todos"], f"{mark} {todo['number']}. {todo['text']}")


def _named(words: Words, group: str, name: str) -> str:
    return _group(words, group).get(name, name)


def _person(person: Mapping[str, str]) -> str:
    return f"{isolated(person['name'])} <{person['address']}>" if person["name"] else person["address"]
