"""Do the tables fit together? One question each, asked in order; all answers are given at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from maild.config import (
    checks_assignment,
    checks_clock,
    checks_customers,
    checks_edges,
    checks_people,
    checks_rules,
    checks_staff,
    checks_storage,
    checks_tickets,
)
from maild.config.found import Found
from maild.config.places import Problem, Sheet
from maild.config.schema import Draft


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `needs`: tables that must be free of mistakes, since what they lack would prove nothing."""

    find: Callable[[Draft], Iterator[Found]]
    needs: tuple[str, ...] = ()


MISTAKES: tuple[Check, ...] = (
    Check(checks_people.unknown_roles, needs=("roles",)),
    Check(checks_people.same_agent_twice),
    Check(checks_people.same_inbox_twice, needs=("desk",)),
    Check(checks_people.staff_at_our_own_address, needs=("desk",)),
    Check(checks_people.teams_of_nobody, needs=("agents",)),
    Check(checks_tickets.unknown_priorities, needs=("tickets",)),
    Check(checks_tickets.unknown_categories, needs=("tickets",)),
    Check(checks_tickets.same_name_twice),
    Check(checks_tickets.same_status_twice),
    Check(checks_tickets.steps_to_nowhere, needs=("statuses",)),
    Check(checks_tickets.phases_that_are_missing, needs=("statuses",)),
    Check(checks_tickets.keywords_without_effect, needs=("keywords",)),
    Check(checks_tickets.form_without_field, needs=("form_senders",)),
    Check(checks_staff.unknown_wishes),
    Check(checks_staff.unknown_switches),
    Check(checks_staff.same_role_or_view_twice),
    Check(checks_staff.queries_that_mean_nothing, needs=("desk", "statuses", "tickets", "fields")),
    Check(checks_rules.same_rule_twice),
    Check(checks_rules.rules_without_effect, needs=("rules",)),
    Check(checks_rules.rules_that_only_repeat),
    Check(checks_rules.queries_of_rules, needs=("desk", "statuses", "tickets", "fields")),
    Check(checks_rules.rules_with_unknown_words, needs=("agents", "statuses", "tickets")),
    Check(checks_rules.rules_that_tell_nobody, needs=("agents",)),
    Check(checks_rules.rules_with_wrong_fields, needs=("fields",)),
    Check(checks_customers.same_customer_thing_twice),
    Check(checks_customers.organisations_of_nobody, needs=("organisations",)),
    Check(checks_customers.choices_without_values),
    Check(checks_customers.category_that_cannot_be_chosen),
    Check(checks_clock.same_calendar_or_level_twice),
    Check(checks_clock.calendars_that_never_open),
    Check(checks_clock.unknown_calendars, needs=("calendars",)),
    Check(checks_clock.countries_without_holidays),
    Check(checks_clock.targets_of_nothing, needs=("tickets",)),
    Check(checks_clock.steps_to_nobody, needs=("agents", "sla")),
    Check(checks_clock.unknown_desk_calendar, needs=("calendars", "tickets")),
    Check(checks_clock.promises_that_cannot_be_kept, needs=("calendars", "sla", "desk")),
    Check(checks_assignment.assigned_to_nobody, needs=("agents",)),
    Check(checks_assignment.assigned_from_nothing, needs=("desk", "inboxes", "tickets", "assignment")),
    Check(checks_assignment.business_hours_of_nobody, needs=("calendars",)),
    Check(checks_assignment.hands_on_to_nobody, needs=("assignment",)),
    Check(checks_edges.half_a_certificate, needs=("smtp",)),
    Check(checks_edges.tls_without_certificate, needs=("smtp",)),
    Check(checks_edges.mailbox_without_login, needs=("imap",)),
    Check(checks_edges.same_mailbox_twice),
    Check(checks_edges.mailbox_of_nobody, needs=("desk", "inboxes")),
    Check(checks_edges.gives_up_before_trying, needs=("delivery",)),
    Check(checks_edges.files_that_are_missing),
    Check(checks_edges.secret_that_others_can_read),
    Check(checks_edges.dkim_without_its_libraries),
    Check(checks_edges.dns_out_of_reach),
    Check(checks_storage.bucket_without_its_library, needs=("storage",)),
    Check(checks_storage.half_a_key, needs=("storage",)),
    Check(checks_storage.a_key_to_nothing, needs=("storage",)),
)
WARNINGS: tuple[Check, ...] = (
    Check(checks_edges.from_alone_is_believed),
    Check(checks_edges.mails_go_nowhere),
    Check(checks_edges.passwords_in_the_clear),
    Check(checks_edges.nobody_can_log_in),
    Check(checks_tickets.nothing_is_resolved),
    Check(checks_customers.domains_of_everybody),
)


def mistakes(draft: Draft, sheet: Sheet) -> list[Problem]:
    """All that must be put right."""
    return _ask(MISTAKES, draft, sheet)


def warnings(draft: Draft, sheet: Sheet) -> list[Problem]:
    """All that is allowed, but better known."""
    return _ask(WARNINGS, draft, sheet)


def _ask(checks: tuple[Check, ...], draft: Draft, sheet: Sheet) -> list[Problem]:
    asked = [check for check in checks if sheet.broken.isdisjoint(check.needs)]
    return [sheet.problem(path, what) for check in asked for path, what in check.find(draft)]
