"""From an agent's text to commands and words: a block of `#lines` at the top, then the text (SPEC AG-2).

Lenient in form, strict in meaning: if one line is wrong nothing happens, and every wrong line is named.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from maild.commands.canned import Canned, named
from maild.commands.command import Command, Scope, Visibility, Vocabulary, Wanted, WrongCommand, nearest
from maild.commands.effects import Effect
from maild.commands.reader import Reader, Section
from maild.tickets.events import Change, Event
from maild.tickets.fold import fold
from maild.tickets.people import Agent
from maild.tickets.roles import may
from maild.tickets.ticket import Ticket

LINE = re.compile(r"[#＃]\s?([^\W\d_][\w-]*)[ \t]*(.*)\Z")
REASON = re.compile(r"(?:^|\s)(?:--|—|–)\s+")
SMOOTHED = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u202f": " "})
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u00ad"))
MAX_LINES = 30
MACRO = "macro"
PROOF = "send it logged in to the desk's own server, or by a mail server whose word counts here"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One line of the block: the word in lower case, its argument, the reason after `--`, and the line as written."""

    word: str
    argument: str
    written: str


@dataclass(frozen=True, slots=True)
class Script:
    """An agent's text, split."""

    lines: tuple[CommandLine, ...]
    text: str


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that stops everything, with what is wrong and what would be right."""

    written: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A change and the reason that its line gave."""

    change: Change
    reason: str


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
    wrong: tuple[WrongLine, ...] = ()


def read_script(text: str) -> Script:
    """Splits the block of commands from the words below it."""
    rows = text.splitlines()
    place = 0
    lines: list[CommandLine] = []
    for place, row in enumerate([*rows, ""]):
        line = _line(row)
        if len(lines) > MAX_LINES:
            break  # wrong already, whatever follows
        if line is not None:
            lines.append(line)
        elif _smooth(row) or place >= len(rows):
            break
    return Script(tuple(lines), "\n".join(rows[place:]).strip() if lines else text.strip())


def _smooth(row: str) -> str:
    """What a person sees: mail clients put zero-width characters also on lines that look empty."""
    return row.translate(INVISIBLE).translate(SMOOTHED).strip()


def _line(row: str) -> CommandLine | None:
    found = LINE.match(_smooth(row))
    return CommandLine(found[1].lower(), found[2].strip(), row.strip()) if found else None


def run_script(
    script: Script, registry: tuple[Command, ...], ticket: Ticket | None, agent: Agent, words: Vocabulary
) -> Outcome:
    """Tries every line in order on the ticket as the lines before left it; touches nothing itself.

    Without a ticket only desk commands are right. A macro stands for the lines in its file (KB-3).
    """
    script = with_macros(script, words.canned)
    if len(script.lines) > MAX_LINES:
        written = script.lines[MAX_LINES].written
        return Outcome(wrong=(WrongLine(written, f"more than {MAX_LINES} commands", "write two mails"),))
    done, wrong = Outcome(text=script.text), []
    texts: list[str] = []
    for line in script.lines:
        try:
            wanted, reason = _read(line, registry, agent, words, on_ticket=ticket is not None)
            changes = wanted.changes(ticket) if ticket is not None else []
        except WrongCommand as error:
            wrong.append(WrongLine(line.written, str(error), error.hint))
            continue
        if ticket is not None and changes:
            ticket = fold(ticket.number, ticket, _as_events(changes, ticket, agent, words.now))
        done = _with(done, wanted, changes, reason, line.written)
        texts += [wanted.text] if wanted.text else []
    if wrong:
        return Outcome(wrong=tuple(wrong))
    return replace(done, text="\n\n".join([*texts, script.text]).strip())


def _with(done: Outcome, wanted: Wanted, changes: Iterable[Change], reason: str, written: str) -> Outcome:
    return replace(
        done,
        changes=(*done.changes, *(Reasoned(change, wanted.reason or reason) for change in changes)),
        visibility=wanted.visibility or done.visibility,
        effects=(*done.effects, *wanted.effects),
        asks=(*done.asks, Asked(written, wanted.ask)) if wanted.ask else done.asks,
    )


def with_macros(script: Script, macros: tuple[Canned, ...]) -> Script:
    """The script with `#macro name` replaced by that canned response's commands; its text comes before one's own."""
    lines: list[CommandLine] = []
    texts: list[str] = []
    for line in script.lines:
        macro = named(line.argument.lstrip("/").strip(), macros) if line.word == MACRO else None
        if macro is None:
            lines.append(line)
            continue
        inner = (_line(each) for each in macro.commands)
        # A macro in a macro is left as it stands: it is a wrong line, never a loop.
        lines += [replace(each, written=f"{line.written} → {each.written}") for each in inner if each is not None]
        texts += [macro.text] if macro.text.strip() else []
    return Script(tuple(lines), "\n\n".join([*texts, script.text]).strip())


def _read(
    line: CommandLine, registry: tuple[Command, ...], agent: Agent, words: Vocabulary, *, on_ticket: bool
) -> tuple[Wanted, str]:
    if line.word == MACRO:
        raise WrongCommand(*_no_macro(line.argument, words.canned))
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
    argument, reason = (line.argument, "") if command.takes_text else _split_reason(line.argument)
    return command.read(argument, agent, words), reason


def _no_macro(argument: str, macros: tuple[Canned, ...]) -> tuple[str, str]:
    known = tuple(each.name for each in macros)
    wrong = f"there is no macro '{argument}'" if argument else "the name of a macro is missing"
    return wrong, nearest(argument, known) if known else "an admin puts them into canned_dir"


def _split_reason(argument: str) -> tuple[str, str]:
    before, *after = REASON.split(argument, maxsplit=1)
    return before.strip(), (after[0].strip() if after else "")


def _as_events(changes: Iterable[Change], ticket: Ticket, agent: Agent, now: datetime) -> list[Event]:
    return [Event(now, f"agent:{agent.name}", change, seq=ticket.seq) for change in changes]


def find(word: str, registry: tuple[Command, ...]) -> Command | None:
    """The command of this name or alias."""
    return next((each for each in registry if word in (each.name, *each.aliases)), None)


def names(registry: tuple[Command, ...]) -> tuple[str, ...]:
    """Every name, in the registry's order."""
    return tuple(each.name for each in registry)
