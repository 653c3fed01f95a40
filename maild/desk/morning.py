"""The mails of the day: each agent's own desk in the morning, and to admins what is at risk (SPEC SL-3, SL-5b).

Each is told once a day among all processes: the row that says so is written with the mail. What was missed while
nobody looked is told late, but only on its own day: yesterday's desk helps nobody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from maild.desk.answers import LISTED, DeskReader
from maild.desk.at_risk import AT_RISK, at_risk
from maild.desk.decision import mail_to_agent
from maild.desk.links import ActionLinks
from maild.desk.listing import WORST_FIRST, Listed, next_due, shown
from maild.desk.notify import Occasion, preferences_of, write_notices
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.desk.staffing import away_now
from maild.mail.tokens import TokenKind
from maild.notices import Notice
from maild.notices.choices import day_due
from maild.store import Tx, agents, daily
from maild.store.promised import promised_by
from maild.tickets.people import Agent
from maild.tickets.query import both, parse_query
from maild.tickets.ticket import Ticket

YOUR_DESK = "your_desk"
TODAY = "is:open assignee:me (due:<tomorrow or followup:<tomorrow or action:<tomorrow) sort:due"


@dataclass(frozen=True, slots=True)
class Turn:
    """One mail whose time of the day has come; `agent` is None for the one to admins."""

    name: str
    day: date
    agent: Agent | None = None


def due_turns(book: Rulebook, now: datetime) -> Iterator[Turn]:
    """Whose time has come today, told already or not; nobody's on a day on which he does not work. Pure."""
    day = day_due(book.choices.risk_mail_at, ZoneInfo(book.timezone), now)
    if day is not None:
        yield Turn(AT_RISK, day)
    for agent in book.directory.agents:
        wishes = preferences_of(agent, book, {})
        day, hours = day_due(wishes.morning_at, wishes.timezone, now), book.working_hours.get(agent.name)
        if day is not None and (hours is None or hours.frames(day)):
            yield Turn(f"{YOUR_DESK}/{agent.name}", day, agent)


def send_daily(room: Room, now: datetime) -> int:
    """Every mail of the day that is due, each in one transaction; gives how many were written."""
    turns = tuple(due_turns(room.book, now))
    if not turns:
        return 0
    with room.store.read() as tx:
        taken, away = daily.days_taken(tx), away_now(agents.states(tx), now)
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
        notices = _your_desk(tx, room.book, turn.agent, now) if turn.agent else at_risk(tx, room.book, now)
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
    sections = shown(parts, book, links, now)
    return [mail_to_agent(YOUR_DESK, agent, TokenKind.NOTICE, {"sections": sections})] if sections else []


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
