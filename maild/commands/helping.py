"""`#help`: what may be written, made from the commands themselves."""

from collections.abc import Callable

from maild.commands.command import Command, Scope, Vocabulary, Wanted, WrongCommand, nearest
from maild.commands.reader import Row, Section
from maild.tickets.people import Agent
from maild.tickets.roles import Verb, may

GRAMMAR = (
    "Write commands as the first lines of an answer, one a line; then a blank line, then your text. "
    "A reason goes after --, as in #assign bob -- knows the VPN. If one line is wrong, nothing happens."
)


def command_of(registry: Callable[[], tuple[Command, ...]]) -> Command:
    """The command itself; the registry is asked late, because it holds this one, too."""

    def read(argument: str, agent: Agent, words: Vocabulary) -> Wanted:
        mine = tuple(each for each in registry() if may(agent, each.verb, words.roles))
        wanted = argument.lower().lstrip("#/ ")
        if not wanted:
            return Wanted(ask=lambda _reader: Section(GRAMMAR, columns=("write", "", "does"), rows=_rows(mine)))
        found = next((each for each in mine if wanted in (each.name, *each.aliases)), None)
        if found is None:
            known = tuple(f"#{each.name}" for each in mine)
            raise WrongCommand(f"there is no command #{wanted}", nearest(f"#{wanted}", known))
        return Wanted(ask=lambda _reader: Section(found.summary, text=described(found)))

    return Command(
        name="help",
        usage="#help [command]",
        summary="Lists the commands, or explains one.",
        example="#help assign",
        verb=Verb.READ,
        read=read,
        scope=Scope.DESK,
        aliases=("commands",),
    )


def _rows(commands: tuple[Command, ...]) -> tuple[Row, ...]:
    # A mail shows the first two cells as a row's head, and the others below it.
    return tuple(Row((each.usage, "", each.summary)) for each in commands)


def described(command: Command) -> str:
    """One command in full."""
    lines = [f"Write:    {command.usage}", f"Example:  {command.example.splitlines()[0]}"]
    if command.aliases:
        lines.append(f"Also:     {', '.join('#' + each for each in command.aliases)}")
    lines.append(f"Needs:    the permission to {command.verb.value}")
    if command.strong:
        lines.append("Proof:    a login or a mail server's word; a signed address is not enough")
    if command.scope is Scope.DESK:
        lines.append("Where:    in an answer, or in a mail to the desk itself")
    return "\n".join(lines)
