"""Monitoring mails with the same key belong to one ticket; a recovery resolves it (SPEC UN-4c)."""

import re
from dataclasses import dataclass

from maild.mail.addresses import lower
from maild.mail.model import InboundMail

LOOKED_AT = 4096


@dataclass(frozen=True, slots=True)
class Alert:
    """`sender`: an address or a domain. `key`: a pattern for subject or text whose groups (or whole match) are the key.
    `recovery`: a pattern that says the trouble is over."""

    name: str
    sender: str
    key: re.Pattern[str]
    recovery: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert's mail: the key that ties it to others, and whether it is a recovery."""

    name: str
    key: str
    over: bool

    @property
    def reference(self) -> str:
        """The key among the ids that lead to a ticket; no mail can have such a Message-ID."""
        return f"alert:{self.name}:{self.key}"[:500]


def raised(mail: InboundMail, alerts: tuple[Alert, ...]) -> Raised | None:
    """The alert that a mail is, by the first one whose sender and key fit."""
    author = mail.author or mail.claimed
    if author is None:
        return None
    seen = f"{mail.subject}\n{mail.text[:LOOKED_AT]}"
    for alert in alerts:
        if lower(alert.sender) not in (author.address, author.address.rpartition("@")[2]):
            continue
        found = alert.key.search(seen)
        if found:
            key = "|".join(group or "" for group in found.groups()) or found.group()
            return Raised(
                alert.name, " ".join(key.casefold().split()), bool(alert.recovery and alert.recovery.search(seen))
            )
    return None
