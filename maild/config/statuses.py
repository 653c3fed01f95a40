"""The workflow that the file asks for, or the default one (SPEC TI-2)."""

from maild.config.schema import Draft
from maild.tickets.workflow import DEFAULT_WORKFLOW, Status, Workflow


def workflow_of(draft: Draft) -> Workflow:
    """All statuses in the file's order; `next` absent means every other one, and may use aliases."""
    frozen = draft.workflow.frozen_closed
    if not draft.statuses:
        return Workflow(DEFAULT_WORKFLOW.statuses, frozen)
    entries = [item.value for item in draft.statuses]
    names = tuple(entry.name for entry in entries)
    plain = Workflow(tuple(Status(entry.name, entry.phase, (), entry.told, entry.aliases) for entry in entries))
    return Workflow(
        tuple(
            Status(entry.name, entry.phase, _next(entry.name, entry.next, names, plain), entry.told, entry.aliases)
            for entry in entries
        ),
        frozen,
    )


def _next(name: str, wanted: tuple[str, ...] | None, names: tuple[str, ...], plain: Workflow) -> tuple[str, ...]:
    if wanted is None:
        return tuple(each for each in names if each != name)
    found = (plain.find(each) for each in wanted)
    return tuple(dict.fromkeys(status.name for status in found if status is not None))
