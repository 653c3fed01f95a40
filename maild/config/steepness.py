"""How slow can a pattern be made by the text that it is held against? (RELIABILITY E8)

`re` tries every way to share a text between repeats that stand beside one another: with two unbounded ones the time
grows with the square of the piece looked at, and each further one multiplies it. A repeated group of which each round
can take several lengths is worse: there the ways double with every letter.
"""

import re

WORD = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<opens>\((?:\?[:=!>]|\?<[=!]|\?P?<\w+>)?)|(?P<closes>\))|(?P<either>\|)"
    r"|(?P<repeat>[*+?]|\{\d{0,9},?\d{0,9}\})[?+]?|.",
    re.DOTALL,
)
BOUNDS = re.compile(r"\{(\d*)(,?)(\d*)\}")
BACKREFERENCE = re.compile(r"\\[1-9]|\(\?P=")
SMALL = 9
MOST_LONG = 2
MOST_SMALL = 6


def steep(pattern: str) -> str:
    """What makes a pattern too slow, in words; empty when it is fine."""
    words = list(WORD.finditer(pattern))
    widths = [width for found in words if (width := _width(found["repeat"]))]
    if BACKREFERENCE.search(pattern):
        return "refers back to a group: such a pattern can be slow"
    if _repeats_what_varies(words):
        return "repeats a group that repeats or chooses inside: such a pattern can run for ever"
    if sum(width > SMALL for width in widths) > MOST_LONG:
        return f"has more than {MOST_LONG} long repeats (*, +, {{2,}}): such a pattern can be slow; write {{1,9}}"
    if len(widths) > MOST_SMALL:
        return f"has more than {MOST_SMALL} repeats of different lengths: such a pattern can be slow"
    return ""


def _repeats_what_varies(words: list[re.Match[str]]) -> bool:
    """True for `(a?){30}` or `(a|aa)+`: a group is repeated, and its rounds can differ. `(…)?` is one round at most."""
    varies = [False]
    closed = False  # whether the group that has just ended varies
    for found in words:
        if found["opens"]:
            varies.append(False)
        elif found["either"] or _width(found["repeat"]):
            varies[-1] = True
        if found["repeat"] and closed and not found["repeat"].startswith("?"):
            return True
        closed = bool(found["closes"]) and len(varies) > 1 and varies.pop()
        varies[-1] |= closed
    return False


def _width(repeat: str | None) -> int:
    """In how many lengths a repeat can end, less one; 0 for none or one of a fixed length."""
    if repeat is None:
        return 0
    bounds = BOUNDS.fullmatch(repeat)
    if bounds is None:
        return 1 if repeat == "?" else SMALL + 1
    low, comma, high = bounds.groups()
    if not comma or not (low or high):
        return 0  # `{3}`, or the letters `{,}`
    return int(high) - int(low or 0) if high else SMALL + 1
