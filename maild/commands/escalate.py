"""`#escalate` and `#quality`: more attention, and a lead's opinion of the work."""

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand
from maild.tickets.events import Change, Escalated, PriorityChanged, QualityJudged
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket


def _escalate(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    def changes(ticket: Ticket) -> list[Change]:
        found: list[Change] = [Escalated(ticket.level, ticket.level + 1)]
        higher = words.priorities[words.priorities.index(ticket.priority) + 1 :] if _known(ticket, words) else ()
        return [*found, PriorityChanged(ticket.priority, higher[0])] if higher else found

    return Wanted(changes, reason=argument)


def _known(ticket: Ticket, words: Vocabulary) -> bool:
    return ticket.priority in words.priorities


def _quality(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    if argument not in ("1", "2", "3", "4", "5"):
        raise WrongCommand(
            f"'{argument}' is no grade" if argument else "a grade is missing", "1 (poor) to 5 (excellent)"
        )
    new = int(argument)
    return Wanted(lambda ticket: [] if ticket.quality == new else [QualityJudged(ticket.quality, new)])


ESCALATE = Command(
    name="escalate",
    usage="#escalate [reason]",
    summary="Raises level and priority by one, and tells those who answer for it.",
    example="#escalate the customer threatens to leave",
    verb=Verb.CHANGE,
    read=_escalate,
)
QUALITY = Command(
    name="quality",
    usage="#quality 1-5",
    summary="Judges how well it was worked on; customers never see it.",
    example="#quality 4 -- quick and friendly",
    verb=Verb.JUDGE,
    read=_quality,
)
