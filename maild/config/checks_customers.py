"""Do custom fields, organisations and references fit together?"""

from collections.abc import Iterator

from maild.config.found import Found, repeated
from maild.config.schema import Draft
from maild.tickets.fields import FieldKind

EVERYBODYS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
    "aol.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "mail.ru", "qq.com",
    "163.com",
})  # fmt: skip


def same_customer_thing_twice(draft: Draft) -> Iterator[Found]:
    """Names, domains and addresses lead to one thing."""
    for items, what in (
        (draft.fields, "field"),
        (draft.organisations, "organisation"),
        (draft.references, "reference"),
    ):
        names = [((*item.path, "name"), item.value.name) for item in items]
        yield from repeated(names, f"is the name of another {what}")
    for key in ("domains", "addresses"):
        yield from repeated(_known_by(draft, key), "belongs to another organisation, or stands here twice")


def _known_by(draft: Draft, key: str) -> Iterator[Found]:
    for item in draft.organisations:
        for index, word in enumerate(getattr(item.value, key)):
            yield (*item.path, key, index), word


def organisations_of_nobody(draft: Draft) -> Iterator[Found]:
    """Without a domain or an address nobody would ever belong to it."""
    for item in draft.organisations:
        if not item.value.domains and not item.value.addresses:
            yield item.path, "needs domains or addresses: else nobody belongs to it"


def choices_without_values(draft: Draft) -> Iterator[Found]:
    """A choice has values, each once; other fields have none."""
    for item in draft.fields:
        field = item.value
        if field.type is FieldKind.CHOICE and not field.values:
            yield (*item.path, "type"), "needs values to choose from"
        if field.type is not FieldKind.CHOICE and field.values:
            yield (*item.path, "values"), 'belongs together with type = "choice"'
        yield from repeated(
            [((*item.path, "values", i), value) for i, value in enumerate(field.values)], "stands twice"
        )


def category_that_cannot_be_chosen(draft: Draft) -> Iterator[Found]:
    """A customer who is asked for a category needs some to choose from."""
    if draft.tickets.category_required and not draft.tickets.categories:
        yield ("tickets", "category_required"), "needs categories to choose from"


def domains_of_everybody(draft: Draft) -> Iterator[Found]:
    """Who has a free mailbox does not belong to a company."""
    for path, domain in _known_by(draft, "domains"):
        if domain in EVERYBODYS:
            yield path, f"everybody can have an address at {domain}; name the addresses instead"
