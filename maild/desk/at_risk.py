"""To admins, once a day: tickets whose promise ends or is broken, that nobody owns, whose customer hears nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from maild.desk.answers import LISTED
from maild.desk.links import ActionLinks
from maild.desk.listing import WORST_FIRST, Listed, shown
from maild.desk.rulebook import Rulebook
from maild.mail.model import Mailbox
from maild.notices import Audience, Notice
from maild.records import replace
from maild.store import Tx, find
from maild.store.promised import promised_by
from maild.tickets.people import Agent
from maild.tickets.query import both, parse_query

AT_RISK = "desk_at_risk"
MINUTE = timedelta(minutes=1)
RISK_WITHIN = timedelta(hours=4)
SILENT_AFTER = timedelta(days=3)  # where the config names no `silent_after`


def at_risk(tx: Tx, book: Rulebook, now: datetime) -> list[Notice]:
    """A mail to each admin, as far as he has something to fear."""
    found = (_at_risk_to(tx, book, address, now) for address in book.directory.admins)
    return [notice for notice in found if notice is not None]


def _at_risk_to(tx: Tx, book: Rulebook, address: str, now: datetime) -> Notice | None:
    """Within what this admin may see; one-click links only for who may act by mail."""
    agent = book.directory.agent_at(address)
    parts = _apart(_risks(tx, book, agent, now))
    links = ActionLinks(book, agent.email, book.address, now) if agent else None
    sections = shown(parts, book, links, now)
    if not sections:
        return None
    box = Mailbox(address, agent.title if agent else "")
    return Notice(
        AT_RISK, Audience.ADMIN, (box,), language=agent.language if agent else None, extra={"sections": sections}
    )


def _risks(tx: Tx, book: Rulebook, agent: Agent | None, now: datetime) -> Iterator[Listed]:
    setting, eyes = book.setting(now, agent), book.eyes(agent) if agent else parse_query("")
    long_ago = f"<{(book.habits.silent_after or SILENT_AFTER) // MINUTE}m"
    unheard = f"phase:new,active (answered:{long_ago} or (answered:none created:{long_ago}))"
    asked = {"unowned": f"assignee:none {WORST_FIRST}", "silent": f"{unheard} {WORST_FIRST}"}
    alive = both(parse_query("is:open -is:spam"), eyes)
    if book.tells_sla:
        promised = tuple(promised_by(tx, alive, setting, now + RISK_WITHIN, LISTED))
        yield Listed("promises", promised, len(promised))
    for name, words in asked.items():
        query = both(parse_query(words), alive)
        tickets = tuple(find.find(tx, query, setting, LISTED))
        yield Listed(name, tickets, find.count(tx, query, setting) if len(tickets) >= LISTED else len(tickets))


def _apart(parts: Iterable[Listed]) -> list[Listed]:
    """Each ticket where it is worst, once."""
    told: set[int] = set()
    found: list[Listed] = []
    for part in parts:
        fresh = tuple(each for each in part.tickets if each.number not in told)
        told |= {each.number for each in fresh}
        found.append(replace(part, tickets=fresh, total=part.total - (len(part.tickets) - len(fresh))))
    return found
