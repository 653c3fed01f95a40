"""The short forms after `is:`, each a condition of its own."""

from collections.abc import Callable
from typing import TypeAlias

from maild.tickets.query.conditions import Among, Given, Later, Test, Within
from maild.tickets.query.errors import Unclear, nearest
from maild.tickets.query.model import Setting
from maild.tickets.query.tree import Every, Tree, Without
from maild.tickets.workflow import Phase

DONE = (Phase.RESOLVED, Phase.CLOSED)
OPEN: Test = Among("phase", tuple(phase.value for phase in Phase if phase not in DONE))
CLOSED: Test = Among("phase", tuple(phase.value for phase in DONE))
DELETED: Test = Among("deleted", (True,))
MERGED: Test = Given("merged_into")


def mine(setting: Setting) -> Tree[Test]:
    """Assigned to who asks; raises Unclear when nobody in particular does."""
    if setting.me is None:
        raise Unclear("nobody in particular asks here", "write assignee:NAME")
    return Among("assignee", (setting.me,))


def _urgent(setting: Setting) -> Tree[Test]:
    return Among("priority", setting.priorities[-1:])


def _overdue(setting: Setting) -> Tree[Test]:
    return Every((OPEN, Within("due_at", None, setting.now)))


Form: TypeAlias = Callable[[Setting], Tree[Test]]
FORMS: dict[str, Form] = {
    "open": lambda _: OPEN,
    "closed": lambda _: CLOSED,
    "new": lambda _: Among("phase", (Phase.NEW.value,)),
    "unassigned": lambda _: Without(Given("assignee")),
    "mine": mine,
    "urgent": _urgent,
    "needs-response": lambda _: Every((OPEN, Later("heard_at", "answered_at"))),
    "overdue": _overdue,
    "spam": lambda _: Among("spam", (True,)),
    "merged": lambda _: MERGED,
    "deleted": lambda _: DELETED,
}
# Left out of every list, unless the query names them.
HIDDEN: dict[str, Test] = {"merged": MERGED, "deleted": DELETED}


def form(name: str, setting: Setting) -> Tree[Test]:
    """The condition behind `is:NAME`; raises Unclear."""
    found = FORMS.get(name.lower())
    if found is None:
        raise Unclear(f"there is no is:{name}", nearest(name, FORMS))
    return found(setting)
