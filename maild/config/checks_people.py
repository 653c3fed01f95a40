"""Do agents, teams and inboxes fit together?"""

from collections.abc import Iterator

from maild.config.build_staff import roles_of
from maild.config.found import Found, repeated
from maild.config.places import did_you_mean
from maild.config.schema import Draft


def unknown_roles(draft: Draft) -> Iterator[Found]:
    """An unknown role has no permissions at all: surely a slip."""
    roles = [*roles_of(draft)]
    for item in draft.agents:
        if item.value.role not in roles:
            yield (*item.path, "role"), f"there is no role '{item.value.role}'{did_you_mean(item.value.role, roles)}"


def same_agent_twice(draft: Draft) -> Iterator[Found]:
    """Names and addresses must tell who acts."""
    names = [((*item.path, "name"), item.value.name) for item in draft.agents]
    yield from repeated(names, "is the name of another agent")
    yield from repeated(_agents_addresses(draft), "stands already among the agents' addresses")


def _agents_addresses(draft: Draft) -> Iterator[Found]:
    for item in draft.agents:
        yield (*item.path, "email"), item.value.email
        for index, address in enumerate(item.value.addresses):
            yield (*item.path, "addresses", index), address


def same_inbox_twice(draft: Draft) -> Iterator[Found]:
    """An address leads to one inbox."""
    addresses = [
        ((*item.path, "addresses", index), address)
        for item in draft.inboxes
        for index, address in enumerate(item.value.addresses)
    ]
    yield from repeated(addresses, "belongs to another inbox, or stands here twice")


def staff_at_our_own_address(draft: Draft) -> Iterator[Found]:
    """A notification to the desk's own address would come back as a mail (ID-5b)."""
    ours = draft.own_addresses()
    admins = [(("desk", "admins", index), address) for index, address in enumerate(draft.desk.admins)]
    for path, address in (*_agents_addresses(draft), *admins):
        if address.lower() in ours:
            yield path, f"{address} is an address of the desk itself; people need their own"


def teams_of_nobody(draft: Draft) -> Iterator[Found]:
    """Tickets of a team that nobody is in would reach nobody."""
    teams = {team.casefold(): team for item in draft.agents for team in item.value.teams}
    for item in draft.routes():
        team = item.value.team
        if team is not None and team.casefold() not in teams:
            yield (*item.path, "team"), f"no agent is in team '{team}'{did_you_mean(team, [*teams.values()])}"
