"""Does one domain speak for another: alignment of DKIM with From, and of Reply-To with From (RFC 7489 3.1).

There is no list of all public suffixes here. Relaxed alignment takes the safe form: one domain is the other, or lies
below it, and the upper one is no suffix under which anybody may register. Two that only share a parent never align.
"""

from collections.abc import Iterable
from enum import Enum

from maild.mail.addresses import lower
from maild.mail.model import Mailbox

# What stands below a country's domain and is sold to everybody (`co.uk`, `com.au`): enough to name an organisation.
_SOLD_BELOW_COUNTRIES = frozenset({
    "ac", "asn", "co", "com", "edu", "ed", "go", "gob", "gouv", "gov", "gv", "id", "info", "ltd", "me", "mil", "ne",
    "net", "nhs", "nic", "nom", "or", "org", "plc", "police", "sch", "web",
})  # fmt: skip
_COUNTRY = 2  # letters of a country's top level, and labels of a name right below it
_RECORD_BYTES = 4096
# Where a domain is no organisation: any two of its addresses are strangers to each other.
ANYBODYS = frozenset({
    "163.com", "aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.de", "gmx.net",
    "googlemail.com", "hotmail.com", "icloud.com", "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "orange.fr",
    "outlook.com", "posteo.de", "proton.me", "protonmail.com", "qq.com", "t-online.de", "web.de", "yahoo.com",
    "yandex.ru",
})  # fmt: skip


class Alignment(Enum):
    """How near a signing domain must be to From's (RFC 7489 6.3, `adkim`)."""

    STRICT = "s"
    RELAXED = "r"


def domain_of(address: str) -> str:
    """What stands behind the last @, in lower case, without the root's dot."""
    return lower(address.rpartition("@")[2]).rstrip(".")


def is_public_suffix(domain: str) -> bool:
    """True for a domain under which strangers own names: a top level, or `co.uk` and its like."""
    labels = domain.split(".")
    below_country = len(labels) == _COUNTRY and len(labels[-1]) == _COUNTRY
    return len(labels) == 1 or (below_country and labels[0] in _SOLD_BELOW_COUNTRIES)


def organisational_domain(domain: str) -> str:
    """`mail.shop.acme.co.uk` → `acme.co.uk`: one label below the public suffix (RFC 7489 3.2)."""
    labels = domain.split(".")
    for start in range(len(labels) - 1, -1, -1):
        candidate = ".".join(labels[start:])
        if not is_public_suffix(candidate):
            return candidate
    return domain


def is_aligned(signer: str, author: str, mode: Alignment) -> bool:
    """True when a signature of `signer` speaks for From at `author`, both in lower case."""
    if not signer or not author:
        return False
    if signer == author:
        return True
    if mode is Alignment.STRICT:
        return False
    upper, below = sorted((signer, author), key=len)
    return below.endswith(f".{upper}") and not is_public_suffix(upper)


def published_alignment(records: Iterable[bytes]) -> Alignment | None:
    """What the one DMARC record of a domain demands of DKIM; None when there is none, or several (RFC 7489 6.6.3)."""
    policies = [record for record in records if record[:_RECORD_BYTES].split(b";")[0].strip() == b"v=DMARC1"]
    if len(policies) != 1:
        return None
    pairs = [tag.partition(b"=") for tag in policies[0][:_RECORD_BYTES].split(b";")]
    wanted = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    return Alignment.STRICT if wanted.get(b"adkim") == b"s" else Alignment.RELAXED


def answer_address(author: Mailbox, reply_to: tuple[Mailbox, ...]) -> Mailbox:
    """Where a person's answer goes: Reply-To only when it is one mailbox of From's own organisation (RELIABILITY A4).

    A foreign Reply-To would let whoever forges From read what is meant for the real owner.
    """
    if len(reply_to) != 1:
        return author
    wished, home = reply_to[0], domain_of(author.address)
    near = home not in ANYBODYS and is_aligned(domain_of(wished.address), home, Alignment.RELAXED)
    return Mailbox(wished.address, wished.name or author.name) if near else author
