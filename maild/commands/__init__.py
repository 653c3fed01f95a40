"""`#words` that agents write: one small file each, and one line in this ordered tuple."""

from maild.commands import add, assign, note, priority, reply, status, tag
from maild.commands.command import Command, Visibility, Vocabulary, Wanted, WrongCommand
from maild.commands.script import Outcome, Script, WrongLine, find, names, read_script, run_script

COMMANDS: tuple[Command, ...] = (
    note.COMMAND,
    reply.COMMAND,
    status.COMMAND,
    status.OPEN,
    status.WAITING,
    status.HOLD,
    status.RESOLVE,
    status.CLOSE,
    priority.COMMAND,
    assign.COMMAND,
    assign.TAKE,
    tag.COMMAND,
    tag.UNTAG,
    add.COMMAND,
)

__all__ = [
    "COMMANDS",
    "Command",
    "Outcome",
    "Script",
    "Visibility",
    "Vocabulary",
    "Wanted",
    "WrongCommand",
    "WrongLine",
    "find",
    "names",
    "read_script",
    "run_script",
]
