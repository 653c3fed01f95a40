"""Who could get a ticket now: the people of the config with what the store knows of them (SPEC AS-1)."""

from datetime import datetime

from maild.assignment import Candidate
from maild.desk.rulebook import Rulebook
from maild.store import Tx, agents, assignment
from maild.store.agents import AgentState
from maild.store.assignment import Staffing
from maild.tickets.calendars import is_open
from maild.tickets.people import Agent
from maild.tickets.roles import Verb


def candidates_of(tx: Tx, customer: str, book: Rulebook, now: datetime, *, lock: bool) -> tuple[Candidate, ...]:
    """Everyone who may answer customers, in config order; `lock`: other processes wait until this one has decided."""
    if lock:
        assignment.lock_turns(tx)
    people = _answering(book)
    known = assignment.staffing(tx, (agent.name for agent in people), customer)
    states = agents.states(tx)
    return tuple(_candidate(agent, known, states.get(agent.name), book, now) for agent in people)


def available(tx: Tx, book: Rulebook, now: datetime) -> tuple[str, ...]:
    """Who would take a ticket now, by name; what lies on a desk is counted only where it has a limit."""
    states = agents.states(tx)
    here = [each.name for each in _answering(book) if not _away(each, states.get(each.name), book, now)]
    limits = {name: most for name in here if (most := book.max_open.get(name)) is not None}
    loads = assignment.staffing(tx, limits, "").open if limits else {}
    return tuple(name for name in here if name not in limits or loads.get(name, 0) < limits[name])


def _answering(book: Rulebook) -> list[Agent]:
    return [agent for agent in book.directory.agents if book.may(agent, Verb.ANSWER)]


def _candidate(agent: Agent, known: Staffing, state: AgentState | None, book: Rulebook, now: datetime) -> Candidate:
    return Candidate(
        agent.name,
        teams=agent.teams,
        skills=book.skills.get(agent.name, ()),
        open=known.open.get(agent.name, 0),
        max_open=book.max_open.get(agent.name),
        turn=known.turns.get(agent.name, 0),
        last=known.last == agent.name,
        away=_away(agent, state, book, now),
    )


def _away(agent: Agent, state: AgentState | None, book: Rulebook, now: datetime) -> str:
    """What he said himself goes before his working hours."""
    if state is not None and state.is_away(now):
        return away_words(state.away_until, book)
    hours = book.working_hours.get(agent.name)
    return "is outside working hours" if hours is not None and not is_open(hours, now) else ""


def away_words(until: datetime | None, book: Rulebook) -> str:
    """`is away until 2026-03-09 08:00`."""
    return f"is away until {book.local(until)}" if until is not None else "is away"


def away_now(states: dict[str, AgentState], now: datetime) -> frozenset[str]:
    """Who said that he is away."""
    return frozenset(name for name, state in states.items() if state.is_away(now))
