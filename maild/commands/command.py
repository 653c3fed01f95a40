"""What a command is: its grammar, its permission, its help, and what it wants from a ticket."""

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from maild.errors import PermanentError
from maild.tickets.events import Change
from maild.tickets.people import Agent, Directory
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Workflow


class Visibility(StrEnum):
    """Who may read a message."""

    PUBLIC = "public"
    INTERNAL = "internal"


class WrongCommand(PermanentError):
    """The line cannot be done; `hint` says what would be right."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that this desk's config allows."""

    workflow: Workflow
    priorities: tuple[str, ...]
    directory: Directory


def no_changes(_ticket: Ticket) -> list[Change]:
    """A command that changes no field."""
    return []


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one line asks for. `changes` may raise WrongCommand when the ticket does not allow it now."""

    changes: Callable[[Ticket], list[Change]] = field(default=no_changes)
    visibility: Visibility | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One `#word`. `read` turns the argument (without the reason) into what is wanted."""

    name: str
    usage: str
    summary: str
    example: str
    verb: Verb
    read: Callable[[str, Agent, Vocabulary], Wanted]
    aliases: tuple[str, ...] = ()
    takes_text: bool = False  # the rest of the line is text: no reason is split off


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
