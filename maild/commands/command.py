"""What a command is: its grammar, its permission, its help, and what it wants from a ticket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from zoneinfo import ZoneInfo

from maild.commands.canned import Canned
from maild.commands.effects import Effect
from maild.commands.reader import Reader, Section
from maild.errors import PermanentError
from maild.tickets.events import Change, Event
from maild.tickets.fields import FieldType
from maild.tickets.people import Agent, Directory
from maild.tickets.query import Setting
from maild.tickets.roles import ROLES, Role, Verb
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Workflow


class Visibility(StrEnum):
    """Who may read a message."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SUPPLIER = "supplier"


class WrongCommand(PermanentError):
    """The line cannot be done; `hint` says what would be right."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Filed:
    """A message on the ticket, as `#split` needs it; `place` counts from 1."""

    id: int
    place: int
    author: str
    name: str
    direction: str
    subject: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows that the lines of one script may speak of, looked up before.

    `tickets`: those that this agent may see, of the numbers in the lines and of the ticket's links.
    """

    own: int = 0  # the number of the ticket that the script is about
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    history: tuple[Event, ...] = ()
    messages: tuple[Filed, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that this desk's config allows, and for one script: when it is, what is known, how far he is proven.

    `strong`: the agent is authenticated, not only known by an address that might have been forwarded.
    """

    workflow: Workflow
    priorities: tuple[str, ...]
    directory: Directory
    categories: tuple[str, ...] = ()
    fields: tuple[FieldType, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=lambda: ROLES)
    canned: tuple[Canned, ...] = ()
    views: Mapping[str, str] = field(default_factory=dict)  # name → query
    events: tuple[str, ...] = ()  # the mails that an agent may choose
    prefix: str = "TICK"
    timezone: str = "UTC"
    now: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    known: Known = field(default_factory=Known)
    strong: bool = True

    @property
    def zone(self) -> ZoneInfo:
        """The desk's time zone."""
        return ZoneInfo(self.timezone)

    def setting(self, agent: Agent) -> Setting:
        """What the words of a query mean to this agent."""
        names = tuple(each.name for each in self.fields)
        return Setting(self.now, self.zone, self.workflow, self.priorities, agent.name, self.prefix, names)


def no_changes(_ticket: Ticket) -> list[Change]:
    """A command that changes no field."""
    return []


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one line asks for. `changes` may raise WrongCommand when the ticket does not allow it now.

    `effects` reach beyond the ticket; `ask` answers a question to the desk. Of all lines with the same `once` a mail
    has one: a second one would look at what the first has not done yet.
    """

    changes: Callable[[Ticket], list[Change]] = field(default=no_changes)
    visibility: Visibility | None = None
    text: str = ""
    reason: str = ""
    effects: tuple[Effect, ...] = ()
    ask: Callable[[Reader], Section] | None = None
    once: str = ""


class Scope(StrEnum):
    """Where a command may stand."""

    TICKET = "ticket"  # in an answer to a ticket's mail
    DESK = "desk"  # also in a mail to the desk's own address


@dataclass(frozen=True, slots=True)
class Command:
    """One `#word`. `read` turns the argument (without the reason) into what is wanted.

    `strong`: it needs more proof than a signed address, which somebody may have forwarded.
    """

    name: str
    usage: str
    summary: str
    example: str
    verb: Verb
    read: Callable[[str, Agent, Vocabulary], Wanted]
    aliases: tuple[str, ...] = ()
    takes_text: bool = False  # the rest of the line is text: no reason is split off
    scope: Scope = Scope.TICKET
    strong: bool = False


def nearest(word: str, words: tuple[str, ...]) -> str:
    """The words that somebody probably meant, for an error's hint."""
    plain = {each.casefold().lstrip("#"): each for each in words}
    close = get_close_matches(word.casefold().lstrip("#"), list(plain), n=3, cutoff=0.5)
    shown = [plain[each] for each in close] or list(words)
    return ("did you mean " if close else "one of ") + ", ".join(shown)


def nothing_after(argument: str, usage: str) -> None:
    """Refuses an argument where none belongs: the agent may have meant something else."""
    if argument:
        raise WrongCommand(f"'{argument}' is too much here", f"write {usage}; a reason goes after --")


def ticket_named(argument: str, words: Vocabulary) -> Ticket:
    """The ticket that an argument names: `TICK-1002`, `1002`, `#1002`, `[TICK-1002]`; one may see it, or it is not."""
    digits = argument.strip("[]# ").upper().removeprefix(f"{words.prefix.upper()}-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
        wrong = f"'{argument}' is no ticket number" if argument else "a ticket number is missing"
        raise WrongCommand(wrong, f"write it as {words.prefix}-1001")
    found = words.known.tickets.get(int(digits))
    if found is None:
        raise WrongCommand(f"there is no ticket {words.prefix}-{int(digits)}", "look it up with #list or #search")
    return found
