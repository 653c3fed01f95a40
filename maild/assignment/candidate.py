"""Whom a ticket may be given to, and whether he is there (SPEC AS-1)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from maild.records import replace

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent as assignment sees him. `open` tickets are on his desk; `last`: the customer's newest ticket is his.

    `turn` numbers the turn in which he was last given a ticket, 0 for never: who waited longest has the lowest.
    `away`: why he takes nothing new, as words after his name.
    """

    name: str
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    open: int = 0
    max_open: int | None = None
    turn: int = 0
    last: bool = False
    away: str = ""

    @property
    def unavailable(self) -> str:
        """Why he gets nothing now, as words after his name; empty when he may."""
        if not self.away and self.max_open is not None and self.open >= self.max_open:
            return f"has {self.open} of at most {self.max_open} open tickets"
        return self.away


@dataclass(frozen=True, slots=True)
class Pick:
    """What a strategy says: an agent, or a team, or neither; and why, in words."""

    because: str
    agent: str | None = None
    team: str | None = None


def first_available(line: Iterable[Candidate], because: Callable[[Candidate], str]) -> Pick:
    """The first of a line who is available; the words name those who stood before him."""
    passed: list[str] = []
    for each in line:
        if not each.unavailable:
            return Pick(_beside(because(each), passed), agent=each.name)
        passed.append(f"{each.name} {each.unavailable}")
    return Pick(_beside("nobody is available", passed))


def _beside(words: str, passed: list[str]) -> str:
    named = [*passed[:MOST_NAMED], *([f"and {len(passed) - MOST_NAMED} more"] if len(passed) > MOST_NAMED else [])]
    return f"{words} ({', '.join(named)})" if named else words


def of_teams(candidates: tuple[Candidate, ...], teams: tuple[str, ...]) -> tuple[Candidate, ...]:
    """Those who are in one of the teams; all of them when no team is named."""
    wanted = {team.casefold() for team in teams}
    return tuple(each for each in candidates if not wanted or wanted & {team.casefold() for team in each.teams})


def after_taking(candidates: tuple[Candidate, ...], name: str) -> tuple[Candidate, ...]:
    """The same people when one of them was given a ticket."""
    turn = max(each.turn for each in candidates) + 1
    return tuple(replace(each, open=each.open + 1, turn=turn) if each.name == name else each for each in candidates)
