"""What a block of `#lines` does, as a whole (SPEC AG-2): if one line is wrong nothing happens, and each is named."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from maild.commands.command import Command, Scope, Visibility, Vocabulary, Wanted, WrongCommand, nearest
from maild.commands.effects import Effect
from maild.commands.lines import MAX_LINES, CommandLine, Script, line_of, read_script, split_reason
from maild.commands.macros import MACRO, no_macro, with_macros
from maild.commands.reader import Reader, Section
from maild.records import replace
from maild.tickets.events import Change, Event
from maild.tickets.fold import fold
from maild.tickets.people import Agent
from maild.tickets.roles import may
from maild.tickets.ticket import Ticket

PROOF = "send it logged in to the desk's own server, or by a mail server whose word counts here"
WHOSE = {
    Visibility.PUBLIC: "an answer to the customer",
    Visibility.INTERNAL: "a note for colleagues",
    Visibility.SUPPLIER: "a mail to the supplier",
}
LOOKED_AT = 200  # rows of the text in which a misplaced command is looked for


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that stops everything, with what is wrong and what would be right."""

    written: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A change and the reason that its line gave; `actor` when it is not the one of the whole act (`rule:NAME`)."""

    change: Change
    reason: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the desk, and the line that asked it."""

    written: str
    answer: Callable[[Reader], Section]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a whole script does: either everything is right, or `wrong` is not empty and nothing else counts."""

    changes: tuple[Reasoned, ...] = ()
    visibility: Visibility | None = None
    text: str = ""
    effects: tuple[Effect, ...] = ()
    asks: tuple[Asked, ...] = ()
    once: tuple[tuple[str, str], ...] = ()  # what cannot be asked for again, and by which command it was
    wrong: tuple[WrongLine, ...] = ()


def run_script(
    script: Script, registry: tuple[Command, ...], ticket: Ticket | None, agent: Agent, words: Vocabulary
) -> Outcome:
    """Tries every line in order on the ticket as the lines before left it; touches nothing itself.

    Without a ticket only desk commands are right. A macro stands for the lines in its file (KB-3).
    """
    own, script = script, with_macros(script, words.canned)
    if len(script.lines) > MAX_LINES:
        written = script.lines[MAX_LINES].written
        return Outcome(wrong=(WrongLine(written, f"more than {MAX_LINES} commands", "write two mails"),))
    done, wrong = Outcome(text=script.text), []
    texts: list[str] = []
    for line in script.lines:
        try:
            wanted, reason = _read(line, registry, agent, words, on_ticket=ticket is not None)
            _require_fits(line, wanted, done)
            changes = wanted.changes(ticket) if ticket is not None else []
        except WrongCommand as error:
            wrong.append(WrongLine(line.written, str(error), error.hint))
            continue
        if ticket is not None and changes:
            ticket = fold(ticket.number, ticket, _as_events(changes, ticket, agent, words.now))
        done = _with(done, line, wanted, changes, reason)
        texts += [wanted.text] if wanted.text else []
    wrong += [*_torn(own, texts), *_misplaced(own, registry, agent, words)]
    if wrong:
        return Outcome(wrong=tuple(wrong))
    return replace(done, text="\n\n".join([*texts, script.text]).strip())


def _require_fits(line: CommandLine, wanted: Wanted, done: Outcome) -> None:
    """No mail has two readers, and what can be done only once is asked for once."""
    before = done.visibility
    if wanted.visibility and before and wanted.visibility is not before:
        raise WrongCommand(f"the lines above make this mail {WHOSE[before]}", "write two mails")
    rival = dict(done.once).get(wanted.once)
    if rival is not None:
        raise WrongCommand(f"it cannot stand in one mail with the {rival} above", "write it in a mail of its own")


def _torn(own: Script, texts: list[str]) -> list[WrongLine]:
    """The rest of a command that a mail program broke in two must not reach a customer as an answer."""
    if not own.torn or (texts and own.lines[-1].argument.endswith(texts[-1])):
        return []
    hint = "put an empty line before your text; a line that your mail program broke in two must be shorter"
    return [WrongLine(own.lines[-1].written, "an empty line is missing below", hint)]


def _misplaced(own: Script, registry: tuple[Command, ...], agent: Agent, words: Vocabulary) -> list[WrongLine]:
    """A right command below the text would reach the customer as words: `#note he never pays` (AG-2)."""
    rows = [row.strip() for row in own.text.splitlines()[:LOOKED_AT] if row.lstrip().startswith("#")]
    hint = "commands stand at the top: move it above your text, or put a word before it"
    return [
        WrongLine(row, "this command stands below the text", hint)
        for row in rows
        if _is_right(row, registry, agent, words)
    ]


def _is_right(row: str, registry: tuple[Command, ...], agent: Agent, words: Vocabulary) -> bool:
    line = line_of(row) if row[1:2].isalpha() else None
    if line is None or find(line.word, registry) is None:
        return False
    try:
        _read(line, registry, agent, words, on_ticket=True)
    except WrongCommand:
        return False
    return True


def _with(done: Outcome, line: CommandLine, wanted: Wanted, changes: Iterable[Change], reason: str) -> Outcome:
    return replace(
        done,
        changes=(*done.changes, *(Reasoned(change, wanted.reason or reason) for change in changes)),
        visibility=wanted.visibility or done.visibility,
        effects=(*done.effects, *wanted.effects),
        asks=(*done.asks, Asked(line.written, wanted.ask)) if wanted.ask else done.asks,
        once=(*done.once, (wanted.once, f"#{line.word}")) if wanted.once else done.once,
    )


def _read(
    line: CommandLine, registry: tuple[Command, ...], agent: Agent, words: Vocabulary, *, on_ticket: bool
) -> tuple[Wanted, str]:
    if line.word == MACRO:
        raise WrongCommand(*no_macro(line.argument, words.canned))
    command = find(line.word, registry)
    if command is None:
        known = tuple(f"#{each}" for each in names(registry))
        raise WrongCommand(f"there is no command #{line.word}", nearest(f"#{line.word}", known))
    if not may(agent, command.verb, words.roles):
        raise WrongCommand(f"your role ({agent.role}) may not #{command.name}", "ask an admin of this desk")
    if command.strong and not words.strong:
        raise WrongCommand(f"#{command.name} needs more proof than a signed address", PROOF)
    if command.scope is Scope.TICKET and not on_ticket:
        raise WrongCommand("this mail belongs to no ticket", "answer one of its notifications, or find it by #list")
    argument, reason = (line.argument, "") if command.takes_text else split_reason(line.argument)
    return command.read(argument, agent, words), reason


def _as_events(changes: Iterable[Change], ticket: Ticket, agent: Agent, now: datetime) -> list[Event]:
    return [Event(now, f"agent:{agent.name}", change, seq=ticket.seq) for change in changes]


def find(word: str, registry: tuple[Command, ...]) -> Command | None:
    """The command of this name or alias."""
    return next((each for each in registry if word in (each.name, *each.aliases)), None)


def names(registry: tuple[Command, ...]) -> tuple[str, ...]:
    """Every name, in the registry's order."""
    return tuple(each.name for each in registry)


__all__ = [
    "MAX_LINES",
    "Asked",
    "CommandLine",
    "Outcome",
    "Reasoned",
    "Script",
    "WrongLine",
    "find",
    "names",
    "read_script",
    "run_script",
    "with_macros",
]
