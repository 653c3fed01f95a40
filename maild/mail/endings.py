"""What stands below a reply without being one: signature, the phone's line, the lawyer's paragraph."""

import re

from maild.mail import quote_words as words

SIGNATURE = re.compile(r"(?:--|—|__+|-- )[\s\u200b]*")


def without_ending(lines: list[str]) -> list[str]:
    """Without signature, phone line and legal paragraph at the end, as long as something remains."""
    for shorten in (_signature, _mobile, _disclaimer, _mobile, _signature):
        end = shorten(lines)
        if end is not None and "".join(lines[:end]).strip():
            lines = lines[:end]
    return lines


def _signature(lines: list[str]) -> int | None:
    """Where the signature's mark stands, at most 15 lines of text above the end."""
    texts = 0
    for place in range(len(lines) - 1, 0, -1):
        line = lines[place][:200]
        texts += bool(line.strip())
        if SIGNATURE.fullmatch(line) and (texts <= 7 or "_" not in line):
            return place
        if texts > 15:
            return None
    return None


def _mobile(lines: list[str]) -> int | None:
    """Where the phone's lines begin, at most one line of text after each."""
    texts = [place for place, line in enumerate(lines) if line.strip()]
    found: int | None = None
    spare = 1
    for place in reversed(texts):
        line = lines[place].strip(" \t*_[(<-~").lower()
        count = len(line.partition("<")[0].split())
        if (line.startswith(words.MOBILE) and count <= 12) or (line.startswith(words.MOBILE_SHORT) and count <= 4):
            found = place
        elif spare:
            spare -= 1
        else:
            break
    return found


def _disclaimer(lines: list[str]) -> int | None:
    """Where a legal paragraph begins that runs to the end, at most 40 lines."""
    for place in range(max(1, len(lines) - 40), len(lines)):
        if lines[place].strip(" \t*_>").lower().startswith(words.DISCLAIMERS) and not lines[place - 1].strip(" -_*="):
            return place
    return None
