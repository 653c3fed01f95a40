"""Sticky: a customer stays with the agent who had his last ticket (SPEC AS-1)."""

from maild.assignment.candidate import Candidate, Pick, first_available
from maild.assignment.rule import AssignmentRule, NewTicket


def pick(_new: NewTicket, candidates: tuple[Candidate, ...], _rule: AssignmentRule) -> Pick:
    """The last agent of this customer, when he is available."""
    last = [each for each in candidates if each.last]
    if not last:
        return Pick("nobody here had a ticket of this customer")
    return first_available(last, lambda each: f"{each.name} had the last ticket of this customer")
