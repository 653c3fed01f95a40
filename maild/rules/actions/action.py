"""What an action of a rule is: a value from the config, and a pure function from the ticket to what shall happen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from maild.tickets.events import Change
from maild.tickets.fields import FieldType
from maild.tickets.people import Directory
from maild.tickets.query import Setting
from maild.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Scene:
    """What rules know of the desk: the meaning of words, its people and its own fields."""

    setting: Setting
    directory: Directory
    fields: tuple[FieldType, ...] = ()


@dataclass(frozen=True, slots=True)
class Tell:
    """These agents shall be told: names, teams, addresses, or a word of `notify.WORDS`."""

    whom: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The customer shall get this canned response, as automatic mail."""

    canned: str


@dataclass(frozen=True, slots=True)
class Call:
    """This address shall be told over HTTP."""

    url: str


Wish = Tell | Answer | Call


@dataclass(frozen=True, slots=True)
class Done:
    """What an action comes to; `words` says why it comes to nothing."""

    changes: tuple[Change, ...] = ()
    wishes: tuple[Wish, ...] = ()
    words: str = ""


NOTHING = Done()


@dataclass(frozen=True, slots=True)
class ActionKind:
    """One line of the registry. `tells`: nothing on the ticket changes, so only a schedule keeps it from repeating."""

    name: str
    do: Callable[[Any, Ticket, Scene], Done]
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """`set_priority = "high"`: which action, and with what."""

    kind: ActionKind
    value: Any

    def on(self, ticket: Ticket, scene: Scene) -> Done:
        """What it comes to on this ticket."""
        return self.kind.do(self.value, ticket, scene)

    def __str__(self) -> str:
        """`set_priority high`."""
        if self.value is True:
            return self.kind.name
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return f"{self.kind.name} {', '.join('='.join(each) if isinstance(each, tuple) else each for each in values)}"
