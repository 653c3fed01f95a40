"""The mails of the day: each agent's own desk in the morning, and to admins what is at risk (SPEC SL-3, SL-5b).

Each is told once a day among all processes: the row that says so is written with the mail. What was missed while
nobody looked is told late, but only on its own day: yesterday's desk helps nobody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from maild.commands.reader import Row, Section
from maild.desk.answers import LISTED, DeskReader, as_context
from maild.desk.card import local_time
from maild.desk.decision import mail_to_agent
from maild.desk.links import ActionLinks
from maild.desk.notify import Occasion, preferences_of, write_notices
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.desk.staffing import away_now
from maild.mail.model import Mailbox
from maild.mail.tokens import TokenKind
from maild.notices import Audience, Notice
from maild.notices.choices import day_due
from maild.store import Tx, daily, find
from maild.store.promised import promised_by
from maild.tickets.people import Agent
from maild.tickets.promises import Target
from maild.tickets.query import both, parse_query
from maild.tickets.ticket import Ticket

YOUR_DESK, AT_RISK = "your_desk", "desk_at_risk"
MINUTE = timedelta(minutes=1)
RISK_WITHIN = timedelta(hours=4)
SILENT_AFTER = timedelta(days=3)  # where the config names no `silent_after`
COLUMNS = ("number", "subject", "priority", "status", "customer", "what", "due", "late")
OWN = ("show", "note", "waiting", "resolve")
FREE = ("begin", "show", "note", "assign")
WORST_FIRST = "sort:-priority,created"
TODAY = "is:open assignee:me (due:<tomorrow or followup:<tomorrow or action:<tomorrow) sort:due"


@dataclass(frozen=True, slots=True)
class Turn:
    """One mail whose time of the day has come; `agent` is None for the one to admins."""

    name: str
    day: date
    agent: Agent | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One part of a mail: `name` is what the templates know it by; `total` may be more than are here."""

    name: str
    tickets: tuple[Ticket, ...]
    total: int


def due_turns(book: Rulebook, now: datetime) -> Iterator[Turn]:
    """Whose time has come today, told already or not; pure."""
    day = day_due(book.choices.risk_mail_at, ZoneInfo(book.timezone), now)
    if day is not None:
        yield Turn(AT_RISK, day)
    for agent in book.directory.agents:
        wishes = preferences_of(agent, book, {})
        day = day_due(wishes.morning_at, wishes.timezone, now)
        if day is not None:
            yield Turn(f"{YOUR_DESK}/{agent.name}", day, agent)


def send_daily(room: Room, now: datetime) -> int:
    """Every mail of the day that is due, each in one transaction; gives how many were written."""
    turns = tuple(due_turns(room.book, now))
    if not turns:
        return 0
    with room.store.read() as tx:
        taken, away = daily.days_taken(tx), away_now(tx, now)
    fresh = (turn for turn in turns if taken.get(turn.name, "") < turn.day.isoformat())
    # Who is away is asked again later: when he comes back today, he reads what waits for him.
    written = sum(_sent(room, turn, now) for turn in fresh if turn.agent is None or turn.agent.name not in away)
    if written:
        room.mail_waits.set()
    return written


def _sent(room: Room, turn: Turn, now: datetime) -> int:
    with room.store.begin() as tx:
        if not daily.take_day(tx, turn.name, turn.day):
            return 0
        notices = _your_desk(tx, room.book, turn.agent, now) if turn.agent else _at_risk(tx, room.book, now)
        occasion = Occasion(cause=f"{turn.name}/{turn.day}", now=now, ticket=None)
        return len(write_notices(tx, notices, occasion, room.book))


def _your_desk(tx: Tx, book: Rulebook, agent: Agent, now: datetime) -> list[Notice]:
    reader = DeskReader(tx, book, agent, now)
    mine = reader.find("is:open assignee:me sort:-priority,due,created")
    today = _today(reader)
    free = reader.find(_free(agent))
    rest = tuple(each for each in mine.tickets if each not in today)
    parts = (
        Listed("today", today, len(today)),
        Listed("mine", _by_urgency(rest, book), max(mine.total - len(today), len(rest))),
        Listed("free", free.tickets, free.total),
    )
    links = ActionLinks(book, agent.email, book.address, now)
    shown = _shown(parts, book, links, now)
    return [mail_to_agent(YOUR_DESK, agent, TokenKind.NOTICE, {"sections": shown})] if shown else []


def _today(reader: DeskReader) -> tuple[Ticket, ...]:
    """What he promised, planned or was promised for him until midnight of the desk, and what is late already."""
    book, zone = reader.book, ZoneInfo(reader.book.timezone)
    tomorrow = reader.now.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), zone)
    mine = both(parse_query("is:open assignee:me"), book.eyes(reader.agent))
    setting = book.setting(reader.now, reader.agent)
    promised = promised_by(reader.tx, mine, setting, midnight, LISTED) if book.tells_sla else []
    found = {each.number: each for each in (*reader.find(TODAY).tickets, *promised)}
    return tuple(sorted(found.values(), key=lambda each: next_due(each, book) or (midnight, "")))


def _free(agent: Agent) -> str:
    """Nobody's tickets of his teams, and those of no team."""
    teams = " or ".join((*(f"team:{_as_itself(team)}" for team in agent.teams), "team:none"))
    return f"is:open assignee:none -is:spam ({teams}) {WORST_FIRST}"


def _as_itself(word: str) -> str:
    escaped = word.replace("\\", "").replace('"', r"\"")
    return f'"{escaped}"'


def _by_urgency(tickets: Iterable[Ticket], book: Rulebook) -> tuple[Ticket, ...]:
    """The most urgent first; among equals what is due first."""
    ranks = {name: place for place, name in enumerate(book.priorities)}

    def urgency(ticket: Ticket) -> tuple[int, bool, float]:
        due = next_due(ticket, book)
        return -ranks.get(ticket.priority, -1), due is None, due[0].timestamp() if due else 0.0

    return tuple(sorted(tickets, key=urgency))


def next_due(ticket: Ticket, book: Rulebook) -> tuple[datetime, str] | None:
    """(when, what) of the next date or promise; one that is over and not kept comes first."""
    dates = [(ticket.due_at, "due"), (ticket.followup_at, "followup"), (ticket.action_at, "action")]
    if ticket.clocks is not None and book.tells_sla:
        clocks = [(target.value, ticket.clocks.of(target)) for target in Target]
        dates += [(clock.due_at, name) for name, clock in clocks if clock.met_at is None]
    return min(((at, what) for at, what in dates if at is not None), default=None)


def _at_risk(tx: Tx, book: Rulebook, now: datetime) -> list[Notice]:
    found = (_at_risk_to(tx, book, address, now) for address in book.directory.admins)
    return [notice for notice in found if notice is not None]


def _at_risk_to(tx: Tx, book: Rulebook, address: str, now: datetime) -> Notice | None:
    """Within what this admin may see; one-click links only for who may act by mail."""
    agent = book.directory.agent_at(address)
    parts = _apart(_risks(tx, book, agent, now))
    links = ActionLinks(book, agent.email, book.address, now) if agent else None
    shown = _shown(parts, book, links, now)
    if not shown:
        return None
    box = Mailbox(address, agent.title if agent else "")
    return Notice(
        AT_RISK, Audience.ADMIN, (box,), language=agent.language if agent else None, extra={"sections": shown}
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


def _shown(
    parts: Iterable[Listed], book: Rulebook, links: ActionLinks | None, now: datetime
) -> list[dict[str, object]]:
    sections = [(part.name, _section(part, book, links, now)) for part in parts if part.tickets]
    return as_context(sections, links or ActionLinks(book, book.address, book.address, now))


def _section(part: Listed, book: Rulebook, links: ActionLinks | None, now: datetime) -> Section:
    shown = len(part.tickets)
    result = str(shown) if part.total <= shown else f"{shown} / {part.total}"
    rows = tuple(_row(each, book, now, acts=links is not None) for each in part.tickets)
    return Section(result, columns=COLUMNS, rows=rows)


def _row(ticket: Ticket, book: Rulebook, now: datetime, *, acts: bool) -> Row:
    due = next_due(ticket, book)
    at = local_time(due[0], book.timezone) if due else ""
    late = due is not None and due[0] <= now
    cells = (
        book.label(ticket.number),
        ticket.subject,
        ticket.priority,
        ticket.status,
        ticket.requester.name or ticket.requester.address,
        due[1] if due else "",
        "" if late else at,
        at if late else "",
    )
    actions = FREE if ticket.assignee is None else OWN
    return Row(cells, ticket.number if acts else None, actions)
