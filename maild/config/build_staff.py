"""From entries to the core's values: wishes of agents, roles and views over the ones that maild has."""

from collections.abc import Mapping

from maild.config.schema import Draft
from maild.config.schema_staff import AgentEntry
from maild.notices.choices import DeskChoices, Preferences
from maild.notices.notice import Audience
from maild.tickets.roles import ROLES, Role

# What a team looks at every day, as a desk starts with.
VIEWS: Mapping[str, str] = {
    "mine": "is:open assignee:me sort:-updated",
    "unassigned": "is:open assignee:none sort:created",
    "urgent": "is:open is:urgent sort:created",
    "needs-response": "is:needs-response sort:heard",
    "open": "is:open sort:-updated",
}


def roles_of(draft: Draft) -> Mapping[str, Role]:
    """maild's own roles, each replaced by the file's one of the same name, and the desk's further ones."""
    own = (Role(item.value.name, frozenset(item.value.may), item.value.sees) for item in draft.roles)
    return dict(ROLES) | {role.name: role for role in own}


def views_of(draft: Draft) -> Mapping[str, str]:
    """The same for views."""
    return dict(VIEWS) | {item.value.name: item.value.query for item in draft.views}


def preferences_of(draft: Draft) -> Mapping[str, Preferences]:
    """How each agent wants to be told, by name."""
    return {item.value.name: _preferences(item.value, draft) for item in draft.agents}


def _preferences(entry: AgentEntry, draft: Draft) -> Preferences:
    usual = Preferences()
    return Preferences(
        choices=tuple(entry.notify.items()),
        quiet=entry.quiet_hours,
        digest_at=tuple(sorted(set(entry.digest_at or usual.digest_at))),
        morning_at=entry.morning_at,
        timezone=entry.zone(draft.desk.timezone),
    )


def desk_choices(draft: Draft) -> DeskChoices:
    """What the desk never tells."""
    told = {Audience.CUSTOMER: draft.notify.customer, Audience.AGENT: draft.notify.agent}
    off = frozenset((audience, event) for audience, on in told.items() for event in on if not on[event])
    return DeskChoices(off, draft.desk.risk_mail_at)
