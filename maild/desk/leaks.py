"""The last net before an agent's words reach a customer: no private address, no token, no internal note."""

import re

from maild.desk.rulebook import MARKER, Rulebook
from maild.mail.model import Attachment
from maild.mail.tokens import FOUND, remove_tokens

SHINGLE = 40
QUOTED_LINE = 12
LOOKED_AT = 20_000
LAST_LINES = 15
_FILE_LOOKED_AT = 1024 * 1024
_CLIENTS_OWN = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys",
    "text/vcard", "text/x-vcard", "text/directory",
})  # fmt: skip
_MAILS = frozenset({"message/rfc822", "message/global", "application/vnd.ms-outlook", "text/rfc822-headers"})
_CONTACT = re.compile(r"\+?\d[\d ()/.\u00a0-]{5,30}\d|[^\s@]{1,64}@[^\s@]{3,200}|https?://|www\.", re.IGNORECASE)
_HEAD = re.compile(r"[^|,;·•–/<(\d]{0,60}")
_WORD = re.compile(r"[^\W\d_]{3,40}")
_QUOTED = re.compile(r"\s{0,3}>[\s>]*")


def cleaned_for_customer(text: str, book: Rulebook) -> str:
    """The answer without agents' addresses and numbers, and without anything like a signed reference (F4, A12)."""
    text = _without_card(text, _names(book))
    staff = sorted(book.directory.staff_addresses(), key=len, reverse=True)
    if staff:
        pattern = "|".join(rf"(?<![\w.+-]){re.escape(each)}(?![\w-])" for each in staff)
        text = re.sub(pattern, book.address, text, flags=re.IGNORECASE)
    return remove_tokens(text)


def leaked_note(text: str, notes: tuple[str, ...]) -> str | None:
    """What the answer shares with an internal note: 40 characters in a row, or a line that it quotes (F2).

    Our own line for answers counts too: below it stands what we wrote to the agent alone.
    """
    if _letters(MARKER) in _letters(text):
        return MARKER
    seen: set[str] = set()
    room = LOOKED_AT
    folded = [_folded(note)[:room] for note in notes]
    for note in folded:
        seen |= {note[place : place + SHINGLE] for place in range(min(len(note), room) - SHINGLE + 1)}
        room -= len(note)
    answer = _folded(text)
    places = range(len(answer) - SHINGLE + 1)
    shared = (answer[place : place + SHINGLE] for place in places if answer[place : place + SHINGLE] in seen)
    return next(shared, None) or _quoted_note(text, "\n".join(folded)[:LOOKED_AT])


def files_for_customer(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The files without those that mail clients add by themselves: certificates, keys and cards name the agent (F4)."""
    return tuple(file for file in files if file.content_type not in _CLIENTS_OWN and not file.name.endswith(".vcf"))


def leaked_file(files: tuple[Attachment, ...]) -> str | None:
    """The name of a file that holds a mail of ours: Outlook can answer with the original as an attachment (F2)."""
    return next((file.name for file in files if file.content_type in _MAILS and _is_ours(file.content)), None)


def _is_ours(content: bytes) -> bool:
    """It shows one of our references, or the header field that only mails to agents have; wide characters folded."""
    text = content[:_FILE_LOOKED_AT].replace(b"\0", b"").decode("latin-1")
    return "x-maild-desk:" in text.lower() or FOUND.search(text) is not None


def _quoted_note(text: str, notes: str) -> str | None:
    """A short line of a note, where the agent's mail client marked it as quoted."""
    quoted = (_folded(row[mark.end() :]) for row in text.splitlines()[:2000] if (mark := _QUOTED.match(row)))
    return next((row for row in quoted if len(row) >= QUOTED_LINE and row in notes), None)


def _names(book: Rulebook) -> frozenset[str]:
    """Every word that an agent's name is made of."""
    written = (f"{agent.title} {agent.name} {agent.email.partition('@')[0]}" for agent in book.directory.agents)
    return frozenset(_WORD.findall(" ".join(written).casefold()))


def _without_card(text: str, names: frozenset[str]) -> str:
    """The text without the agent's own signature: what follows his name down to his number; the name stays.

    Mail clients mark it in no way that survives; what customers read of an agent is for the config to say (AG-1).
    """
    rows = text.split("\n")
    for place in [place for place, row in enumerate(rows) if row.strip()][-LAST_LINES:]:
        if not _is_name(rows[place], names):
            continue
        end = _card_end(rows, place)
        if any(_CONTACT.search(row[:300]) for row in rows[place:end]):
            head = _HEAD.match(rows[place])
            return "\n".join([*rows[:place], head[0].strip() if head else "", *rows[end:]]).strip()
    return text


def _is_name(row: str, names: frozenset[str]) -> bool:
    """A few words, an agent's name among them, and no sentence."""
    head = _HEAD.match(row.strip())
    words = head[0].casefold().split() if head else []
    return 0 < len(words) <= 5 and bool(names.intersection(_WORD.findall(" ".join(words)))) and not _is_sentence(row)


def _card_end(rows: list[str], start: int) -> int:
    """Where the short lines below a name end."""
    return next((place for place in range(start, len(rows)) if _is_sentence(rows[place])), len(rows))


def _is_sentence(row: str) -> bool:
    bare = row.strip()
    return len(bare) > 120 or (bare.endswith((".", "!", "?", ":")) and len(bare.split()) >= 3)


def _letters(text: str) -> str:
    """What survives programs that wrap, mark and embolden."""
    return "".join(filter(str.isalnum, text.casefold()))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
