"""`#status` and its short forms: the workflow's steps, none other."""

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nearest, nothing_after
from maild.commands.reply import tell_linked
from maild.records import replace
from maild.tickets.decide import step, waking
from maild.tickets.events import Change
from maild.tickets.fields import missing
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase, Status


def _to(status: Status, words: Vocabulary) -> Wanted:
    workflow = words.workflow

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.status != status.name and not workflow.allows(ticket.status, status.name):
            current = workflow.find(ticket.status)
            allowed = ", ".join(current.next) if current and current.next else "none"
            raise WrongCommand(f"from {ticket.status} there is no step to {status.name}", f"allowed now: {allowed}")
        empty = missing(ticket.fields, words.fields) if status.phase is Phase.RESOLVED else ()
        if empty:
            raise WrongCommand(f"{', '.join(empty)} must be known before it is resolved", f"#set {empty[0]}=…")
        return step(ticket, status)

    return Wanted(changes)


def _named(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    status = words.workflow.find(argument) if argument else None
    if status is None:
        wrong = f"there is no status '{argument}'" if argument else "a status is missing"
        raise WrongCommand(wrong, nearest(argument, words.workflow.names()))
    return _to(status, words)


def _short(name: str, phase: Phase, summary: str, *aliases: str) -> Command:
    def read(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
        if phase is Phase.RESOLVED and argument.casefold() == "linked":
            return _with_linked(words)
        nothing_after(argument, f"#{name}")
        status = words.workflow.in_phase(phase)
        if status is None:
            raise WrongCommand(f"no status of this desk is {phase.value}", nearest(name, words.workflow.names()))
        if phase is Phase.ACTIVE:
            return Wanted(lambda ticket: _to(waking(ticket, words.workflow) or status, words).changes(ticket))
        return _to(status, words)

    return Command(name, f"#{name}", summary, f"#{name} -- why", Verb.CHANGE, read, aliases)


def _with_linked(words: Vocabulary) -> Wanted:
    """This ticket and all that are linked as the same trouble."""
    status = words.workflow.in_phase(Phase.RESOLVED)
    if status is None:
        raise WrongCommand("no status of this desk is resolved", nearest("resolve", words.workflow.names()))
    own, linked = _to(status, words), tell_linked(words, resolve=True)
    return replace(linked, changes=lambda ticket: [*linked.changes(ticket), *own.changes(ticket)])


COMMAND = Command(
    name="status",
    usage="#status NAME",
    summary="Moves the ticket to a status, when the workflow allows it.",
    example="#status waiting -- asked for the serial number",
    verb=Verb.CHANGE,
    read=_named,
)
OPEN = _short("open", Phase.ACTIVE, "Work on it goes on.")
REOPEN = _short("reopen", Phase.ACTIVE, "A resolved or closed ticket is worked on again.")
WAITING = _short("waiting", Phase.WAITING, "We wait for the customer.", "wait", "pending")
HOLD = _short("hold", Phase.HOLD, "It rests for a reason on our side.")
RESOLVE = _short(
    "resolve",
    Phase.RESOLVED,
    "It is solved; the customer is told. linked: and all linked tickets.",
    "resolved",
    "solve",
    "solved",
)
CLOSE = _short("close", Phase.CLOSED, "It is closed.", "closed")
