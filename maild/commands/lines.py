"""An agent's text as lines: a block of `#commands` at the top, then the words (SPEC AG-2). Lenient in form."""

import re
from dataclasses import dataclass

LINE = re.compile(r"[#＃]\s?([^\W\d_][\w-]*)[:=]?[ \t]*(.*)\Z")
REASON = re.compile(r"(?:^|\s)(?:--|—|–)\s*")
BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
QUOTES = {**dict.fromkeys("“”„‟«»＂", '"'), **dict.fromkeys("‘’‚‛", "'"), **dict.fromkeys("‐‑", "-")}
SMOOTHED = str.maketrans(QUOTES | dict.fromkeys(BLANKS, " "))
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u00ad"))
SCHEMES = ("mailto:", "http://", "https://")
MAX_LINES = 30
TORN_FROM = 56  # mail programs break lines at 60 to 78 letters; a shorter line was ended by its writer


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One line of the block: the word in lower case, its argument, the reason after `--`, and the line as written."""

    word: str
    argument: str
    written: str


@dataclass(frozen=True, slots=True)
class Script:
    """An agent's text, split. `torn`: a long last command with words right below may have been broken in two."""

    lines: tuple[CommandLine, ...]
    text: str
    torn: bool = False


def read_script(text: str) -> Script:
    """Splits the block of commands from the words below it."""
    rows = text.splitlines()
    place = 0
    lines: list[CommandLine] = []
    last = 0
    for place, row in enumerate([*rows, ""]):
        line = line_of(row)
        if len(lines) > MAX_LINES:
            break  # wrong already, whatever follows
        if line is not None:
            lines.append(line)
            last = place
        elif smooth(row) or place >= len(rows):
            break
    if not lines:
        return Script((), text.strip())
    words = "\n".join(rows[place:]).strip()
    return Script(tuple(lines), words, torn=bool(words) and place == last + 1 and len(smooth(rows[last])) >= TORN_FROM)


def line_of(row: str) -> CommandLine | None:
    """The command of one line, or None for words."""
    found = LINE.match(smooth(row))
    return CommandLine(found[1].lower(), found[2].strip(), row.strip()) if found else None


def smooth(row: str) -> str:
    """What a person sees: mail clients put zero-width characters also on lines that look empty."""
    plain = row.translate(INVISIBLE).translate(SMOOTHED).strip()
    return _unlinked(plain) if plain.startswith(("#", "＃")) and "<" in plain else plain


def _unlinked(line: str) -> str:
    """Without what clients add to an address in plain text: `jane@x.test<mailto:jane@x.test>`."""
    first, *pieces = line.split("<")
    kept = [first]
    for piece in pieces:
        link, closed, rest = piece.partition(">")
        shown = kept[-1].split()[-1:] if closed and link.lower().startswith(SCHEMES) else []
        same = bool(shown) and shown[0].lstrip("<").casefold() in link.casefold()
        kept.append(rest if same else f"<{piece}")
    return "".join(kept)


def split_reason(argument: str) -> tuple[str, str]:
    """(argument, reason): the reason stands after two hyphens, or the dash that a phone makes of them."""
    before, *after = REASON.split(argument, maxsplit=1)
    return before.strip(), (after[0].strip() if after else "")
