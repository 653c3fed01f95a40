"""Do the entries of assignment fit the people, categories and calendars that there are?"""

from collections.abc import Iterator

from maild.config.found import Found
from maild.config.places import did_you_mean
from maild.config.schema import Draft

BY_TABLE = ("category", "recipient")


def assigned_to_nobody(draft: Draft) -> Iterator[Found]:
    """Teams with members, and agents, that there are."""
    agents = [item.value.name for item in draft.agents]
    teams = sorted({team for item in draft.agents for team in item.value.teams})
    for item in draft.assignment:
        team = item.value.team
        if team is not None and not _knows(teams, team):
            yield (*item.path, "team"), f"no agent is in team '{team}'{did_you_mean(team, teams)}"
        for value, name in item.value.to.items():
            if not _knows([*agents, *teams], name):
                near = did_you_mean(name, [*agents, *teams])
                yield (*item.path, "to", value), f"there is no agent or team '{name}'{near}"


def assigned_from_nothing(draft: Draft) -> Iterator[Found]:
    """A table belongs to the strategies that read it, and names what tickets can have."""
    categories, addresses = draft.tickets.categories, sorted(draft.own_addresses())
    for item in draft.assignment:
        entry = item.value
        if (entry.strategy in BY_TABLE) != bool(entry.to):
            yield (*item.path, "to"), 'belongs together with strategy = "category" or "recipient"'
        for value in entry.to if entry.strategy == "category" and categories else ():
            if not _knows(categories, value):
                what = f"'{value}' is no category of [tickets]{did_you_mean(value, categories)}"
                yield (*item.path, "to", value), what
        for value in entry.to if entry.strategy == "recipient" else ():
            if not _knows(addresses, value):
                yield (*item.path, "to", value), f"'{value}' is no address of ours{did_you_mean(value, addresses)}"


def business_hours_of_nobody(draft: Draft) -> Iterator[Found]:
    """Business hours stand in a calendar."""
    known = [item.value.name for item in draft.calendars]
    for item in draft.assignment:
        entry = item.value
        if entry.only_business_hours and not known:
            yield (*item.path, "only_business_hours"), "needs one of [[calendars]]"
        if entry.calendar is not None and not entry.only_business_hours:
            yield (*item.path, "calendar"), "belongs together with only_business_hours = true"
        elif entry.calendar is not None and entry.calendar not in known:
            near = did_you_mean(entry.calendar, known)
            yield (*item.path, "calendar"), f"there is no calendar '{entry.calendar}'{near}"


def hands_on_to_nobody(draft: Draft) -> Iterator[Found]:
    """Urgent tickets are handed on to whom the entries name."""
    if draft.desk.hand_on_urgent and not draft.assignment:
        yield ("desk", "hand_on_urgent"), "needs [[assignment]], which says to whom"


def _knows(names: list[str] | tuple[str, ...], name: str) -> bool:
    return name.casefold() in {each.casefold() for each in names}
