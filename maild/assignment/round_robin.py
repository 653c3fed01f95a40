"""Round-robin: whoever was given a ticket longest ago gets the next one (SPEC AS-1).

By the last turn, not by a count: who comes back after a week takes part again, and is not flooded with what he missed.
"""

from maild.assignment.candidate import Candidate, Pick, first_available
from maild.assignment.rule import AssignmentRule, NewTicket


def pick(_new: NewTicket, candidates: tuple[Candidate, ...], _rule: AssignmentRule) -> Pick:
    """Who waited longest; among those who never had one, the first in the config."""
    return first_available(
        sorted(candidates, key=lambda each: each.turn), lambda each: f"it is the turn of {each.name}"
    )
