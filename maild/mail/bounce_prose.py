"""Who was not reached, from the words of a bounce that no known form fits; only asked of mails that are bounces.

An address counts where a line is about it alone, names it as the recipient, or tells a failure beside it.
"""

import re
from collections.abc import Collection
from itertools import islice

from maild.mail import phrases
from maild.mail.addresses import lower
from maild.mail.model import Bounced

_MAX_LINES = 200
_MAX_FOUND = 10
_MAX_OF_A_LINE = 5
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'=&/!#$*?^`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
# From here on the mail that came back is repeated.
_COPY = re.compile(
    r"below this line|"
    r"^\W{0,40}(?:\w{1,20} ){0,3}(?:original|returned|unsent|undelivered) "
    r"(?:message|mail|headers?)\W{0,5}(?:follows)?\W{0,80}$|"
    r"copy of (?:the|your|this) |^\s*(?:return-path|received|mime-version|dkim-signature|x-mailer):|"
    r"^\W*(?:original-nachricht|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale)",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"recipient|rcpt to|\bto\b|\bfor\b|\buser\b|mailbox|address|account|empfänger|destinat|ontvanger|odbiorc|"
    r"mottagare|modtager|příjemc|получател|адрес|宛先|送信先|收件人|fail|"
    r"unknown|reject|refus|undeliver|not exist|error",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"mail from|\bfrom\s*:|contact|postmaster|\bhelp|support|administrator|sender|absender|expéditeur|remit",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_WAITS = re.compile(
    r"delayed|postponed|temporar|not yet been|will (?:continue|keep|retry|be retried)|keep trying|over ?quota|"
    r"quota exceeded|mailbox (?:is )?full|full mailbox",
    re.IGNORECASE,
)


def told_failures(text: str, ours: Collection[str]) -> tuple[Bounced, ...]:
    """The addresses that the words of a bounce speak of, without `ours`, whose mail came back."""
    told = _before_the_copy(text.split("\n")[:_MAX_LINES])
    found: dict[str, None] = {}
    for line in told:
        for match in islice(_ADDRESS.finditer(line[:500]), _MAX_OF_A_LINE):
            address = lower(match.group().strip(".'"))
            if address not in ours and not _is_server(address) and _is_about(line[:500], match):
                found[address] = None
    whole = "\n".join(told)
    status = _STATUS.search(whole)
    soft = (status.group(1) == "4" or status.group() == "5.2.2") if status else bool(_WAITS.search(whole))
    return tuple(Bounced(each, not soft, status.group() if status else None) for each in list(found)[:_MAX_FOUND])


def _before_the_copy(lines: list[str]) -> list[str]:
    end = next((place for place, line in enumerate(lines) if place and _COPY.search(line[:300])), len(lines))
    return lines[:end]


def _is_server(address: str) -> bool:
    return address.partition("@")[0] in phrases.SERVERS


def _is_about(line: str, match: re.Match[str]) -> bool:
    around = line[: match.start()] + " " + line[match.end() :]
    if _OTHERS.search(_ADDRESS.sub(" ", line[: match.start()])):
        return False
    alone = sum(char.isalnum() for char in around) <= 3
    return alone or bool(_RECIPIENT.search(around))
