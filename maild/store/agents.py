"""What agents said of themselves by mail, what waits for their digests, and whom they blocked."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from maild.store import schema
from maild.store.dialect import insert_new, upsert
from maild.store.engine import Tx
from maild.store.prepared import Prepared

A = schema.agents
D = schema.digests
B = schema.blocked


@dataclass(frozen=True, slots=True)
class AgentState:
    """`choices`: (event or `*`, mail | digest | off), the latest words of the agent himself."""

    away: bool = False
    away_until: datetime | None = None
    choices: tuple[tuple[str, str], ...] = ()

    def is_away(self, now: datetime) -> bool:
        """True while he wants no new work."""
        return self.away and (self.away_until is None or now < self.away_until)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that an agent will be told in a digest."""

    agent: str
    at: datetime
    due_at: datetime
    ticket: int
    event: str
    actor: str
    words: str
    id: int = field(default=0)


_STATES = Prepared(sa.select(A))


def states(tx: Tx) -> dict[str, AgentState]:
    """The agents who said something; a handful of rows."""
    return {
        row.name: AgentState(row.away, row.away_until, tuple((event, choice) for event, choice in row.choices))
        for row in tx.execute(_STATES)
    }


def keep_state(tx: Tx, name: str, state: AgentState) -> None:
    """What he says now."""
    row = {"name": name, "away": state.away, "away_until": state.away_until, "choices": list(map(list, state.choices))}
    upsert(tx, A, row, ("name",))


_DIGEST = Prepared(sa.insert(D))


def wait_for_digest(tx: Tx, waiting: list[Waiting]) -> None:
    """Puts things aside until the digest."""
    names = ("agent", "at", "due_at", "ticket", "event", "actor", "words")
    if waiting:
        tx.execute(_DIGEST, [{name: getattr(each, name) for name in names} for each in waiting])


def due_digests(tx: Tx, now: datetime) -> list[str]:
    """Agents whose digest is due."""
    return list(tx.execute(sa.select(D.c.agent).where(D.c.due_at <= now).group_by(D.c.agent)).scalars())


def take_digest(tx: Tx, agent: str, now: datetime) -> list[Waiting]:
    """What is due for an agent, taken off; whoever takes the rows writes the mail in the same transaction."""
    due = sa.and_(D.c.agent == agent, D.c.due_at <= now)
    rows = tx.execute(sa.delete(D).where(due).returning(D)).all()
    found = (
        Waiting(row.agent, row.at, row.due_at, row.ticket, row.event, row.actor, row.words, row.id) for row in rows
    )
    return sorted(found, key=lambda each: each.id)


def block(tx: Tx, address: str, by: str, now: datetime) -> None:
    """Mails from this address or domain are kept out from now on."""
    insert_new(tx, B, [{"address": address, "by": by, "at": now}])


_BLOCKED = Prepared(
    sa.select(B.c.by).where(B.c.address.in_([sa.bindparam("address"), sa.bindparam("domain")])).limit(1)
)


def blocked_by(tx: Tx, address: str) -> str | None:
    """The agent who blocked this address or its domain."""
    return tx.execute(_BLOCKED, {"address": address, "domain": address.rpartition("@")[2]}).scalar_one_or_none()
