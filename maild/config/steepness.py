"""How slow can a pattern be made by the text that it is held against? (RELIABILITY E8)

`re` tries every way to share a text between repeats that stand beside one another: with two unbounded ones the time
grows with the square of the piece looked at, and each further one multiplies it.
"""

import re

WORD = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?|(?P<repeat>[*+?]|\{\d{0,9},?\d{0,9}\})[?+]?|.", re.DOTALL)
BOUNDS = re.compile(r"\{(\d*)(,?)(\d*)\}")
BACKREFERENCE = re.compile(r"\\[1-9]|\(\?P=")
SMALL = 9
MOST_LONG = 2
MOST_SMALL = 6


def steep(pattern: str) -> str:
    """What makes a pattern too slow, in words; empty when it is fine."""
    widths = [width for found in WORD.finditer(pattern) if (width := _width(found["repeat"]))]
    if BACKREFERENCE.search(pattern):
        return "refers back to a group: such a pattern can be slow"
    if sum(width > SMALL for width in widths) > MOST_LONG:
        return f"has more than {MOST_LONG} long repeats (*, +, {{2,}}): such a pattern can be slow; write {{1,9}}"
    if len(widths) > MOST_SMALL:
        return f"has more than {MOST_SMALL} repeats of different lengths: such a pattern can be slow"
    return ""


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
