"""The desks of examples/, at work on a real store; and the tables that each of them must be, written down once more."""

from collections.abc import Mapping
from pathlib import Path

from maild.tickets.ticket import Ticket
from tests.desk_driver import DeskDriver, Sent, written

EXAMPLES = Path(__file__).parents[2] / "examples"
JANE = "Jane Doe <jane@customer.test>"

# status → the statuses that an agent may choose from there
STEPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "four-statuses": {
        "OPEN": ("IN_PROGRESS", "CLOSED"),
        "IN_PROGRESS": ("RESOLVED", "CLOSED"),
        "RESOLVED": ("CLOSED", "OPEN"),
        "CLOSED": ("OPEN",),
    },
    "open-waiting-hold": {
        "New": ("Open", "Waiting", "On Hold", "Closed"),
        "Open": ("Waiting", "On Hold", "Closed"),
        "Waiting": ("Open", "On Hold", "Closed"),
        "On Hold": ("Open", "Waiting", "Closed"),
        "Closed": ("Open",),
    },
    "any-to-open": {
        "Open": ("In Progress",),
        "In Progress": ("Waiting", "Resolved", "Open"),
        "Waiting": ("In Progress", "Open"),
        "Resolved": ("Closed", "Open"),
        "Closed": ("Open",),
    },
    "closed-is-final": {
        "Pending": ("In Progress", "Awaiting User", "Resolved", "Closed"),
        "In Progress": ("Awaiting User", "Resolved", "Closed"),
        "Awaiting User": ("In Progress", "Resolved", "Closed"),
        "Resolved": ("In Progress", "Closed"),
        "Closed": (),
    },
    "routing-by-rule": {
        "new": ("open", "waiting", "hold", "resolved", "closed"),
        "open": ("waiting", "hold", "resolved", "closed"),
        "waiting": ("open", "hold", "resolved", "closed"),
        "hold": ("open", "waiting", "resolved", "closed"),
        "resolved": ("open", "waiting", "hold", "closed"),
        "closed": ("open",),
    },
}
# an admin of each desk, who sees everything
ADMINS = {
    "four-statuses": "susan",
    "open-waiting-hold": "oscar",
    "any-to-open": "adam",
    "closed-is-final": "maria",
    "routing-by-rule": "team-lead",
}
DATABASE = '\n[database]\nurl = "{url}"\n'


def seed_desk(name: str, folder: Path, url: str) -> DeskDriver:
    """The desk of an example, word for word, on this database."""
    text = (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")
    return DeskDriver(folder, url, text.replace("{", "{{").replace("}", "}}") + DATABASE)


def opened(desk: DeskDriver, subject: str = "Printer on fire", body: str = "The printer burns.\n") -> Ticket:
    """A ticket of Jane's, acknowledged and told; no mail lies about."""
    before = {each.number for each in desk.tickets()}
    desk.receive(written(author=JANE, to="support@example.test", subject=subject, body=body))
    desk.relay.take()
    return next(each for each in desk.tickets() if each.number not in before)


def way_to(steps: Mapping[str, tuple[str, ...]], goal: str) -> tuple[str, ...]:
    """The shortest way of allowed steps from where tickets start; empty when it is the start itself."""
    start = next(iter(steps))
    ways: list[tuple[str, ...]] = [(start,)]
    for way in ways:  # grows while it is walked: each status is come to first by the shortest way
        if way[-1] == goal:
            return way[1:]
        known = {each[-1] for each in ways}
        ways += [(*way, each) for each in steps[way[-1]] if each not in known]
    raise AssertionError(f"no way leads to {goal}")


def mails_to(sent: list[Sent], address: str) -> list[str]:
    """The events of what somebody got."""
    return [each.event for each in sent if each.rcpt_to == address]
