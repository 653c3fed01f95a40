"""Scrubbing: no NUL, lone surrogate or control character leaves this room (RELIABILITY A10, C4, D7)."""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufff9-\ufffb]")


def clean_text(text: str) -> str:
    """Text of several lines: line ends become `\\n`, other control characters go, `\\t` stays."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", text))


def clean_line(text: str) -> str:
    """Text of one line (subject, name): also no bidi or zero-width characters, white space folded."""
    folded = " ".join(_BREAKS.sub(" ", text).split())
    return _INVISIBLE.sub("", _CONTROLS.sub("", folded)).strip()


def cut_bytes(text: str, size: int) -> str:
    """The longest beginning of `text` that has at most `size` bytes in UTF-8."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= size else raw[:size].decode("utf-8", "ignore")
