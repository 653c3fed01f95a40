"""A desk as values for tests of commands: people, roles, fields, tickets that know each other; nothing is stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from maild.commands import COMMANDS, Filed, Known, Outcome, Vocabulary, read_script, run_script
from maild.commands.canned import Canned
from maild.mail.model import Mailbox
from maild.tickets.clocks import Clocks
from maild.tickets.events import Change, Event
from maild.tickets.fields import FieldKind, FieldType
from maild.tickets.fold import fold
from maild.tickets.people import Agent, Directory, Inbox
from maild.tickets.promises import Target
from maild.tickets.roles import EVERYTHING, Role, Verb
from maild.tickets.roles import ROLES as OF_THE_HOUSE
from maild.tickets.ticket import Link, Participant, Standing, Ticket, Todo
from maild.tickets.workflow import DEFAULT_PRIORITIES, DEFAULT_WORKFLOW, Phase

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday; ten o'clock in Berlin
ALICE = Agent("alice", "alice@acme.test", role="all", teams=("first-line",), addresses=("al@home.test",))
BOB = Agent("bob", "bob@acme.test", teams=("network",))
DIRECTORY = Directory((ALICE, BOB), (Inbox(("support@acme.test",)),))
ROLES = {**OF_THE_HOUSE, "all": Role("all", EVERYTHING)} | {
    f"not-{verb.value}": Role(f"not-{verb.value}", EVERYTHING - {verb}) for verb in Verb
}
FIELDS = (
    FieldType("serial"),
    FieldType("devices", FieldKind.NUMBER),
    FieldType("plan", FieldKind.CHOICE, ("Basic", "Gold")),
    FieldType("bought", FieldKind.DATE),
    FieldType("paid", FieldKind.YES_NO),
)
CANNED = (
    Canned("turn", "Turn it off", "printer", "Please turn it off and on.", ("#waiting", "#tag turned")),
    Canned("recall", "Battery recall", "mail", "Please send your battery back."),
    Canned("wrong", "A wrong one", "mail", "", ("#frobnicate", "#take")),
    Canned("round", "In a circle", "mail", "", ("#macro round",)),
)
TICKET = Ticket(
    number=1001,
    subject="Printer on fire",
    status="open",
    phase=Phase.ACTIVE,
    priority="normal",
    category="billing",
    requester=Mailbox("jane@customer.test", "Jane"),
    inbox="support@acme.test",
    created_at=NOW,
    updated_at=NOW,
    assignee="bob",
    teams=("network",),
    tags=("old",),
    participants=(
        Participant("carl@customer.test", "Carl", Standing.UNVERIFIED),
        Participant("ida@customer.test", "Ida"),
        Participant("help@vendor.test", "Vendor", Standing.SUPPLIER),
    ),
    followers=("bob",),
    links=(Link("related", 1002), Link("merged from", 1003), Link("follow-up of", 1005)),
    fields=(("serial", "SN-1"),),
    references=(("order", "ORD-1"), ("", "KEY-9")),
    todos=(Todo(1, "order a ribbon"), Todo(2, "call back", done=True)),
    followup_at=NOW + timedelta(days=1),
    plans=(("followup", "ask again"),),
    minutes=10,
    quality=3,
    level=1,
    clocks=Clocks("gold", "normal", Phase.ACTIVE, breached=(Target.RESOLUTION,)),
    phase_at=NOW,
    messages=3,
    seq=9,
)


def other(number: int, **values: object) -> Ticket:
    """A ticket beside that one."""
    return replace(TICKET, number=number, links=(), **values)  # type: ignore[arg-type]


KNOWN = Known(
    own=1001,
    tickets={
        each.number: each
        for each in (
            TICKET,
            other(1002),
            other(1003, merged_into=1001),
            other(1004, merged_into=1002),
            other(1005, phase=Phase.CLOSED, status="closed"),
            other(1006),
        )
    },
    messages=(
        Filed(11, 1, "jane@customer.test", "Jane", "in", "Printer on fire"),
        Filed(12, 2, "alice@acme.test", "Alice", "out", "Re: Printer on fire"),
        Filed(13, 3, "ida@customer.test", "Ida", "in", "And the scanner"),
    ),
)
WORDS = Vocabulary(
    DEFAULT_WORKFLOW,
    DEFAULT_PRIORITIES,
    DIRECTORY,
    categories=("billing", "technical"),
    fields=FIELDS,
    roles=ROLES,
    canned=CANNED,
    views={"mine": "assignee:me is:open"},
    events=("new_ticket", "change", "note"),
    timezone="Europe/Berlin",
    now=NOW,
    known=KNOWN,
)


def run(text: str, agent: Agent = ALICE, ticket: Ticket | None = TICKET, words: Vocabulary = WORDS) -> Outcome:
    """What an agent's text would do."""
    return run_script(read_script(text), COMMANDS, ticket, agent, words)


def done(text: str, agent: Agent = ALICE, ticket: Ticket | None = TICKET, words: Vocabulary = WORDS) -> list[Change]:
    """The changes of a text that is right."""
    outcome = run(text, agent, ticket, words)
    assert outcome.wrong == ()
    return [each.change for each in outcome.changes]


def happened(changes: list[Change], actor: str, at: datetime, cause: str, ticket: Ticket = TICKET) -> list[Event]:
    """The same as events on the ticket."""
    return [Event(at, actor, each, "", cause, ticket.seq + place) for place, each in enumerate(changes, 1)]


def after(events: list[Event], ticket: Ticket = TICKET) -> Ticket:
    """The ticket behind them."""
    return fold(ticket.number, ticket, events)
