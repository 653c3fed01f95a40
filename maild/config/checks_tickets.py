"""Do priorities, categories, statuses and keywords fit together?"""

from collections.abc import Iterator

from maild.config.found import Found, repeated
from maild.config.places import did_you_mean
from maild.config.schema import Draft
from maild.config.statuses import workflow_of
from maild.tickets.workflow import Phase

# Without these a reply wakes nothing and #close leads nowhere; some desks do without a "resolved".
NEEDED = (Phase.ACTIVE, Phase.CLOSED)
BEGINNINGS = (Phase.NEW, Phase.ACTIVE)


def unknown_priorities(draft: Draft) -> Iterator[Found]:
    """Every priority that is named must be on the list."""
    known = draft.tickets.priorities
    if draft.tickets.default_priority not in known:
        yield ("tickets", "default_priority"), _not_on_list("priority", draft.tickets.default_priority, known)
    for item in draft.routes():
        if item.value.priority is not None and item.value.priority not in known:
            yield (*item.path, "priority"), _not_on_list("priority", item.value.priority, known)


def unknown_categories(draft: Draft) -> Iterator[Found]:
    """Every category that is named must be on the list, when there is one."""
    known = draft.tickets.categories
    for item in draft.routes():
        if known and item.value.category is not None and item.value.category not in known:
            yield (*item.path, "category"), _not_on_list("category", item.value.category, known)


def _not_on_list(what: str, word: str, known: tuple[str, ...]) -> str:
    return f"'{word}' is no {what} of [tickets]{did_you_mean(word, known)}"


def same_name_twice(draft: Draft) -> Iterator[Found]:
    """Priorities and categories are told apart without regard to case."""
    for key, names in (("priorities", draft.tickets.priorities), ("categories", draft.tickets.categories)):
        yield from repeated([(("tickets", key, i), name) for i, name in enumerate(names)], "stands twice")


def same_status_twice(draft: Draft) -> Iterator[Found]:
    """A word after `#status` must mean one status."""
    words: list[Found] = []
    for item in draft.statuses:
        words.append(((*item.path, "name"), item.value.name))
        words += [((*item.path, "aliases", i), alias) for i, alias in enumerate(item.value.aliases)]
    yield from repeated(words, "is the name or alias of another status")


def steps_to_nowhere(draft: Draft) -> Iterator[Found]:
    """`next` names statuses that exist."""
    workflow = workflow_of(draft)
    for item in draft.statuses:
        for index, name in enumerate(item.value.next or ()):
            if workflow.find(name) is None:
                yield (*item.path, "next", index), f"there is no status '{name}'{did_you_mean(name, workflow.names())}"


def phases_that_are_missing(draft: Draft) -> Iterator[Found]:
    """Commands and replies lead to phases, so these must exist; and a new ticket must not begin at its end."""
    workflow = workflow_of(draft)
    for phase in NEEDED:
        if workflow.in_phase(phase) is None:
            yield ("statuses",), f"no status has phase '{phase.value}'; one must"
    if workflow.first.phase not in BEGINNINGS:
        yield ("statuses", 0, "phase"), "a new ticket starts in the first status; its phase must be new or active"


def nothing_is_resolved(draft: Draft) -> Iterator[Found]:
    """A desk may do without "resolved", but then nothing will ever close by itself."""
    wanted = "close_resolved_after" in draft.tickets.model_fields_set
    if wanted and workflow_of(draft).in_phase(Phase.RESOLVED) is None:
        yield ("tickets", "close_resolved_after"), "does nothing: no status has phase 'resolved'"


def form_without_field(draft: Draft) -> Iterator[Found]:
    """A form whose customer stands in the text needs the word before his address."""
    for item in draft.form_senders:
        if (item.value.customer == "field") != (item.value.field is not None):
            yield (*item.path, "field"), 'belongs together with customer = "field"'


def keywords_without_effect(draft: Draft) -> Iterator[Found]:
    """Keywords that set nothing are a slip."""
    for item in draft.keywords:
        found = item.value
        if not (found.priority or found.category or found.team or found.tags):
            yield item.path, "sets nothing; give it a priority, category, team or tags"
