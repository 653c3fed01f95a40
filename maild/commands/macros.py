"""`#macro name`: the commands and words of a canned response, in its place (SPEC KB-3)."""

from maild.commands.canned import Canned, named
from maild.commands.command import nearest
from maild.commands.lines import CommandLine, Script, line_of
from maild.records import replace

MACRO = "macro"


def with_macros(script: Script, macros: tuple[Canned, ...]) -> Script:
    """The script with `#macro name` replaced by that canned response's commands; its text comes before one's own."""
    lines: list[CommandLine] = []
    texts: list[str] = []
    for line in script.lines:
        macro = named(line.argument.lstrip("/").strip(), macros) if line.word == MACRO else None
        if macro is None:
            lines.append(line)
            continue
        inner = (line_of(each) for each in macro.commands)
        # A macro in a macro is left as it stands: it is a wrong line, never a loop.
        lines += [replace(each, written=line.written) for each in inner if each is not None]
        texts += [macro.text] if macro.text.strip() else []
    return replace(script, lines=tuple(lines), text="\n\n".join([*texts, script.text]).strip())


def no_macro(argument: str, macros: tuple[Canned, ...]) -> tuple[str, str]:
    """What is wrong with a line that names no macro, and what would be right."""
    known = tuple(each.name for each in macros)
    wrong = f"there is no macro '{argument}'" if argument else "the name of a macro is missing"
    return wrong, nearest(argument, known) if known else "an admin puts them into canned_dir"
