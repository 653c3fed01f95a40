"""Skill: whoever knows most of what the ticket is about (SPEC AS-1)."""

from maild.assignment.candidate import Candidate, Pick, first_available
from maild.assignment.rule import AssignmentRule, NewTicket


def topics(new: NewTicket) -> frozenset[str]:
    """What the ticket is about: its category, its tags, and the words of keyword rules that the mail has."""
    return frozenset(each.casefold() for each in (new.ticket.category or "", *new.ticket.tags, *new.words) if each)


def pick(new: NewTicket, candidates: tuple[Candidate, ...], _rule: AssignmentRule) -> Pick:
    """The most skills that are asked for; among equals who waited longest. Who has none of them is not asked."""
    wanted = topics(new)
    known = {each.name: [skill for skill in each.skills if skill.casefold() in wanted] for each in candidates}
    able = [each for each in candidates if known[each.name]]
    if not able:
        return Pick(
            f"nobody has a skill for {', '.join(sorted(wanted))}" if wanted else "nothing says which skill it asks"
        )
    line = sorted(able, key=lambda each: (-len(known[each.name]), each.turn))
    return first_available(line, lambda each: f"{each.name} knows {', '.join(known[each.name])}")
