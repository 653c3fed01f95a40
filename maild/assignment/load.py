"""Load: whoever has the fewest open tickets gets the next one (SPEC AS-1)."""

from maild.assignment.candidate import Candidate, Pick, first_available
from maild.assignment.rule import AssignmentRule, NewTicket


def pick(_new: NewTicket, candidates: tuple[Candidate, ...], _rule: AssignmentRule) -> Pick:
    """The fewest open tickets; among equals who waited longest, then the first in the config."""
    line = sorted(candidates, key=lambda each: (each.open, each.turn))
    return first_available(line, lambda each: f"{each.name} has the fewest open tickets: {each.open}")
