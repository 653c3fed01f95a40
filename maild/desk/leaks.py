"""The last net before an agent's words reach a customer: no private address, no token of ours, no internal note."""

import re

from maild.desk.rulebook import Rulebook
from maild.mail.tokens import remove_tokens

SHINGLE = 40
LOOKED_AT = 20_000


def cleaned_for_customer(text: str, book: Rulebook) -> str:
    """The answer without agents' addresses and without anything that looks like a signed reference (F4, A12)."""
    staff = sorted(book.directory.staff_addresses(), key=len, reverse=True)
    if staff:
        pattern = "|".join(rf"(?<![\w.+-]){re.escape(each)}(?![\w-])" for each in staff)
        text = re.sub(pattern, book.address, text, flags=re.IGNORECASE)
    return remove_tokens(text)


def leaked_note(text: str, notes: tuple[str, ...]) -> str | None:
    """The first 40 characters in a row that the answer shares with an internal note, white space folded (F2)."""
    seen: set[str] = set()
    room = LOOKED_AT
    for note in notes:
        folded = _folded(note)[:room]
        room -= len(folded)
        seen |= {folded[place : place + SHINGLE] for place in range(len(folded) - SHINGLE + 1)}
    answer = _folded(text)
    places = range(len(answer) - SHINGLE + 1)
    return next((answer[place : place + SHINGLE] for place in places if answer[place : place + SHINGLE] in seen), None)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
