"""Do the wishes of agents, roles and views fit what there is?"""

from collections.abc import Iterator
from datetime import UTC, datetime

from maild.config.found import Found, repeated
from maild.config.places import did_you_mean
from maild.config.schema import Draft
from maild.config.statuses import workflow_of
from maild.notices.choices import AGENT_EVENTS, EVERY, PROMPT, STRONG, SWITCHABLE, Choice
from maild.notices.notice import Audience
from maild.tickets.query import QueryError, Setting, parse_query, resolve

ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
ALWAYS_TOLD = "is always told: somebody would wait for ever, or a forgery would go unseen"


def unknown_wishes(draft: Draft) -> Iterator[Found]:
    """An agent chooses among the events that there are, and some are never off."""
    for item in draft.agents:
        for event, wish in item.value.notify.items():
            path = (*item.path, "notify", event)
            if event in PROMPT or (event in STRONG and wish is Choice.OFF):
                yield path, ALWAYS_TOLD
            elif event not in (*AGENT_EVENTS, EVERY):
                yield path, f"there is no event '{event}'{did_you_mean(event, AGENT_EVENTS)}"


def unknown_switches(draft: Draft) -> Iterator[Found]:
    """The desk switches off what is not somebody's own words."""
    for audience, table in ((Audience.CUSTOMER, draft.notify.customer), (Audience.AGENT, draft.notify.agent)):
        known = SWITCHABLE[audience]
        for event in table:
            if event in STRONG:
                yield ("notify", audience.value, event), ALWAYS_TOLD
            elif event not in known:
                what = f"there is no event '{event}' to switch for {audience.value}s{did_you_mean(event, known)}"
                yield ("notify", audience.value, event), what


def same_role_or_view_twice(draft: Draft) -> Iterator[Found]:
    """A name means one thing."""
    yield from repeated([((*item.path, "name"), item.value.name) for item in draft.roles], "is another role already")
    yield from repeated([((*item.path, "name"), item.value.name) for item in draft.views], "is another view already")


def queries_that_mean_nothing(draft: Draft) -> Iterator[Found]:
    """Statuses, priorities and fields in queries must be those of this desk."""
    setting = setting_of(draft)
    queries = [((*item.path, "query"), item.value.query) for item in draft.views]
    queries += [((*item.path, "when"), item.value.when) for item in draft.sla]
    queries += [((*item.path, "sees"), item.value.sees) for item in draft.roles]
    queries += [((*item.path, "when"), item.value.when) for item in draft.assignment]
    for path, query in queries:
        try:
            resolve(parse_query(query), setting)
        except QueryError as error:
            yield path, str(error)


def setting_of(draft: Draft) -> Setting:
    """What the words of queries mean at this desk, to somebody in particular."""
    return Setting(
        ANY_TIME,
        draft.desk.timezone,
        workflow_of(draft),
        draft.tickets.priorities,
        me="me",
        prefix=draft.desk.ticket_prefix,
        fields=tuple(item.value.name for item in draft.fields),
    )
