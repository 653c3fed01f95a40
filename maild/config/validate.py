"""From raw values to a draft: each table is checked by itself, so that one mistake hides no other."""

from typing import Any

from pydantic import ValidationError

from maild.config import schema_assignment as assignment
from maild.config import schema_clock as clock
from maild.config import schema_customers as customers
from maild.config import schema_desk as desk
from maild.config import schema_edges as edges
from maild.config import schema_rules as rules
from maild.config import schema_staff as staff
from maild.config.places import Sheet, did_you_mean
from maild.config.schema import LISTS, TABLES, AnySection, Draft, Item
from maild.config.wording import unknown_key, words_for

# What stands in for required keys after a mistake, so that the rest can still be looked at.
STAND_IN: dict[str, dict[str, Any]] = {"desk": {"name": "?", "address": "support@example.invalid"}}


def draft(sheet: Sheet) -> Draft:
    """Checks every table; mistakes are noted in the sheet."""
    _unknown_tables(sheet)
    return Draft(
        desk=_table(sheet, "desk", desk.Desk),
        database=_table(sheet, "database", edges.Database),
        storage=_table(sheet, "storage", edges.Storage),
        smtp=_table(sheet, "smtp", edges.Smtp) if "smtp" in sheet.tree else None,
        delivery=_table(sheet, "delivery", edges.Delivery),
        authentication=_table(sheet, "authentication", edges.Authentication),
        tickets=_table(sheet, "tickets", desk.Tickets),
        workflow=_table(sheet, "workflow", desk.WorkflowEntry),
        senders=_table(sheet, "senders", desk.Senders),
        notify=_table(sheet, "notify", staff.Notify),
        automatic=_table(sheet, "automatic", desk.Automatic),
        limits=_table(sheet, "limits", edges.Limits),
        worker=_table(sheet, "worker", edges.Worker),
        leases=_table(sheet, "leases", edges.Leases),
        imap=_items(sheet, "imap", edges.Imap),
        agents=_items(sheet, "agents", staff.AgentEntry),
        inboxes=_items(sheet, "inboxes", desk.InboxEntry),
        statuses=_items(sheet, "statuses", desk.StatusEntry),
        keywords=_items(sheet, "keywords", desk.KeywordEntry),
        form_senders=_items(sheet, "form_senders", desk.FormSenderEntry),
        alerts=_items(sheet, "alerts", desk.AlertEntry),
        fields=_items(sheet, "fields", customers.FieldEntry),
        organisations=_items(sheet, "organisations", customers.OrganisationEntry),
        references=_items(sheet, "references", customers.ReferenceEntry),
        roles=_items(sheet, "roles", staff.RoleEntry),
        views=_items(sheet, "views", staff.ViewEntry),
        calendars=_items(sheet, "calendars", clock.CalendarEntry),
        sla=_items(sheet, "sla", clock.SlaEntry),
        rules=_items(sheet, "rules", rules.RuleEntry),
        assignment=_items(sheet, "assignment", assignment.AssignmentEntry),
    )


def _unknown_tables(sheet: Sheet) -> None:
    for name, value in sheet.tree.items():
        if name in TABLES or name in LISTS:
            continue
        if isinstance(value, dict | list):
            sheet.complain((name,), f"unknown table{did_you_mean(name, [*TABLES, *LISTS])}")
        else:
            sheet.complain((name,), unknown_key(name, []))


def _table(sheet: Sheet, name: str, model: type[AnySection]) -> AnySection:
    raw = sheet.tree.get(name, {})
    if not isinstance(raw, dict):
        sheet.complain((name,), f"must be written once, as [{name}]")
        raw = {}
    elif (section := _checked(sheet, (name,), raw, model)) is not None:
        return section
    return _salvaged(raw, STAND_IN.get(name, {}), model)


def _items(sheet: Sheet, name: str, model: type[AnySection]) -> tuple[Item[AnySection], ...]:
    raw = sheet.tree.get(name, [])
    if not isinstance(raw, list):
        sheet.complain((name,), f"must be written [[{name}]], in double brackets, once for each")
        return ()
    sections = [((name, index), _checked(sheet, (name, index), item, model)) for index, item in enumerate(raw)]
    return tuple(Item(path, section) for path, section in sections if section is not None)


def _checked(sheet: Sheet, path: tuple[str | int, ...], raw: Any, model: type[AnySection]) -> AnySection | None:
    try:
        return model.model_validate(raw)
    except ValidationError as found:
        for error in found.errors(include_url=False):
            # pydantic marks a mistake in a key itself: it stands where its value stands
            place = [part for part in error["loc"] if part != "[key]"]
            sheet.complain((*path, *place), words_for(error, model))
        return None


def _salvaged(raw: dict[str, Any], stand_in: dict[str, Any], model: type[AnySection]) -> AnySection:
    """The table without its wrong keys."""
    try:
        return model.model_validate(raw)
    except ValidationError as found:
        wrong = {error["loc"][0] for error in found.errors(include_url=False) if error["loc"]}
    return model.model_validate(stand_in | {key: value for key, value in raw.items() if key not in wrong})
