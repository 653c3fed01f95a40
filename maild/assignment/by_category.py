"""By category: the admin's table says which agent or team a category goes to (SPEC AS-1)."""

from maild.assignment.candidate import Candidate, Pick
from maild.assignment.rule import AssignmentRule, NewTicket, target_of


def pick(new: NewTicket, candidates: tuple[Candidate, ...], rule: AssignmentRule) -> Pick:
    """The target of the ticket's category."""
    return target_of(rule, new.ticket.category, candidates, "category")
