"""What answering does by itself, unless a command of the same mail or line says otherwise; and what words stand for."""

import re

from maild.commands import Outcome, Script, Vocabulary, WrongLine
from maild.commands.canned import expand, filled, misspelt, values_of
from maild.commands.script import Reasoned
from maild.desk.rulebook import Rulebook
from maild.records import replace
from maild.tickets.decide import on_public_answer
from maild.tickets.events import Assigned, FollowersChanged, StatusChanged
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket

MENTION = re.compile(r"(?<![\w@.+-])@([^\s@#,;:!?()<>]{1,40})")


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


def mentioned(ticket: Ticket, outcome: Outcome, book: Rulebook, agent: Agent) -> list[Reasoned]:
    """`@alice` in a note: she takes part from now on, and so is told (AG-6)."""
    there = [agent.name, *ticket.followers]
    for each in outcome.changes:
        there = list(each.change.new) if isinstance(each.change, FollowersChanged) else there
    named = (book.directory.agent_named(word.rstrip(".'")) for word in MENTION.findall(outcome.text))
    fresh = dict.fromkeys(each.name for each in named if each is not None and each.name not in there)
    # The note itself has made its author a follower already: the fold puts him there first.
    followers = tuple(dict.fromkeys((*ticket.followers, agent.name)))
    return [Reasoned(FollowersChanged(followers, (*dict.fromkeys(there), *fresh)), "mentioned")] if fresh else []


def with_canned(text: str, ticket: Ticket, agent: Agent, book: Rulebook) -> str:
    """The words with each `/name` line replaced by that canned response, in the customer's language (KB-3)."""
    return expand(text, book.canned, canned_values(ticket, agent, book), ticket.language) if book.canned else text


def with_values(words: Vocabulary, ticket: Ticket | None, agent: Agent, book: Rulebook) -> Vocabulary:
    """Macros' texts are taken as they stand: filled for this ticket before."""
    if ticket is None or not book.canned:
        return words
    return replace(words, canned=filled(book.canned, canned_values(ticket, agent, book)))


def misspelt_canned(script: Script, book: Rulebook) -> tuple[WrongLine, ...]:
    """Better asked than sent to a customer: a line that is nearly the name of a canned response."""
    wrong = misspelt(script.text, book.canned) if book.canned else ()
    return tuple(
        WrongLine(str(each).partition("'")[2].partition("'")[0] or "/", str(each), each.hint) for each in wrong
    )


def canned_values(ticket: Ticket, agent: Agent, book: Rulebook) -> dict[str, str]:
    """What the variables of canned responses stand for."""
    return dict(values_of(ticket, agent, book.label(ticket.number) if ticket.number else "", book.name))
