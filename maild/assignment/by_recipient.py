"""By recipient: the admin's table says which agent or team an address of ours belongs to (SPEC AS-1)."""

from maild.assignment.candidate import Candidate, Pick
from maild.assignment.rule import AssignmentRule, NewTicket, target_of


def pick(new: NewTicket, candidates: tuple[Candidate, ...], rule: AssignmentRule) -> Pick:
    """The target of the address that the customer wrote to."""
    return target_of(rule, new.ticket.inbox, candidates, "mail to")
