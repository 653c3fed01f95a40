"""What answering does by itself, unless a command of the same mail or line says otherwise."""

from maild.commands import Outcome
from maild.commands.script import Reasoned
from maild.desk.rulebook import Rulebook
from maild.tickets.decide import on_public_answer
from maild.tickets.events import Assigned, StatusChanged
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket


def by_answering(ticket: Ticket, outcome: Outcome, book: Rulebook, agent: Agent, *, public: bool) -> list[Reasoned]:
    """The first answer opens a new ticket and takes an unowned one; a note does neither."""
    if not public:
        return []
    commanded = {type(each.change) for each in outcome.changes}
    return [
        Reasoned(change, "answered")
        for change in on_public_answer(ticket, book.workflow, book.habits, agent.name)
        if not (isinstance(change, StatusChanged | Assigned) and type(change) in commanded)
    ]
