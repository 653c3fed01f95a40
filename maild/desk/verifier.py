"""Checks DKIM and DMARC of a mail that says it is an agent's (SPEC ID-3, RFC 6376, RFC 7489; RELIABILITY A8).

Everything that can be decided without cryptography is decided in `mail/signatures.py` and `mail/alignment.py`; dkimpy
hashes the header and verifies. SPF is never asked: it speaks of the envelope, and whoever forwards breaks it.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import dkim

from maild.desk.lookup import Lookup
from maild.errors import TransientError
from maild.mail.alignment import Alignment, domain_of, is_aligned, organisational_domain, published_alignment
from maild.mail.authentication import CheckedHere
from maild.mail.signatures import RawMail, Signature, body_digest, raw_mail, read_signature, usable_key, why_not

log = logging.getLogger("maild.verifier")
MOST_SIGNATURES = 10  # looked at
MOST_CHECKED = 3  # of From's own organisation: each may cost a question to the DNS
SMALLEST_KEY = 1024  # bits; RFC 8301 3.2
# The library writes what strangers sent into its log; nobody listens (RELIABILITY F6).
_SILENT = logging.Logger("dkimpy", logging.CRITICAL + 1)


@dataclass(slots=True)
class _Bodies:
    """The digest of a body in either form, computed at most once each."""

    body: bytes
    _known: dict[bool, bytes] = field(default_factory=dict)

    def digest(self, *, relaxed: bool) -> bytes:
        if relaxed not in self._known:
            self._known[relaxed] = body_digest(self.body, relaxed=relaxed)
        return self._known[relaxed]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One mail whose From is `author`'s, and until when the DNS may be asked about it."""

    mail: RawMail
    author: str
    bodies: _Bodies
    now: datetime
    until: float


@dataclass(frozen=True, slots=True)
class Verifier:
    """Implements `maild.desk.work.Checks`. `seconds`: how long the DNS may take for one mail in all."""

    lookup: Lookup
    seconds: float = 3.0
    ticks: Callable[[], float] = time.monotonic

    def check(self, address: str, source: bytes, now: datetime) -> CheckedHere:
        """The first aligned signature that holds proves the address; else the first one's trouble is told."""
        author = domain_of(address)
        result, words = self._weighed(author, source, now)
        return CheckedHere("maild", "dkim", result, (("header.from", author),), address, words)

    def _weighed(self, author: str, source: bytes, now: datetime) -> tuple[str, str]:
        mail = raw_mail(source)
        if mail is None:
            return "permerror", "its header is too odd for a DKIM signature to count"
        fields = mail.all(b"dkim-signature")
        if not fields:
            return "none", "it has no DKIM signature"
        read = [read_signature(each) for each in fields[:MOST_SIGNATURES]]
        near = [
            each for each in read if isinstance(each, Signature) and is_aligned(each.domain, author, Alignment.RELAXED)
        ]
        if not near:
            odd = next((each for each in read if isinstance(each, str)), None)
            return "fail", f"no DKIM signature of it is {author}'s" + (f", and one is odd: {odd}" if odd else "")
        asked = _Asked(mail, author, _Bodies(source[mail.body_start :]), now, self.ticks() + self.seconds)
        troubles: list[tuple[str, str]] = []
        for each in near[:MOST_CHECKED]:
            result, words = self._judged(each, asked)
            if result == "pass":
                return result, words
            troubles.append((result, words))
        result, words = troubles[0]
        return result, f"its DKIM signature proves nothing: {words}"

    def _judged(self, signature: Signature, asked: _Asked) -> tuple[str, str]:
        try:
            words = self._objection(signature, asked)
        except TransientError as error:
            return "temperror", f"it could not be checked: {error}"
        return ("fail", words) if words else ("pass", _proof(signature, asked.author))

    def _objection(self, signature: Signature, asked: _Asked) -> str | None:
        """The first thing that is wrong, cheapest questions first; None when the signature proves From."""
        words = why_not(signature, asked.mail, asked.now)
        if words:
            return words
        if signature.body_hash != asked.bodies.digest(relaxed=signature.relaxed_body):
            return "the text was changed after it was signed"
        name = f"{signature.selector}._domainkey.{signature.domain}"
        key, words = usable_key(self._records(name, asked), signature)
        if key is None:
            return f"{words} at {name}"
        if not self._speaks_for(signature.domain, asked):
            return f"{asked.author} does not let {signature.domain} sign for it (DMARC)"
        return _broken(signature, asked.mail, key)

    def _speaks_for(self, signer: str, asked: _Asked) -> bool:
        """A neighbour's signature counts only where the domain itself publishes that it may (RFC 7489 6.6.3)."""
        if is_aligned(signer, asked.author, Alignment.STRICT):
            return True
        for domain in dict.fromkeys((asked.author, organisational_domain(asked.author))):
            mode = published_alignment(self._records(f"_dmarc.{domain}", asked))
            if mode is not None:
                return is_aligned(signer, asked.author, mode)
        return False

    def _records(self, name: str, asked: _Asked) -> list[bytes]:
        seconds = asked.until - self.ticks()
        if seconds <= 0:
            raise TransientError("the DNS took too long")
        return self.lookup.txt(name, seconds)


def _proof(signature: Signature, author: str) -> str:
    by = "" if signature.domain == author else f", signed by {signature.domain} as its DMARC record allows"
    return f"checked here: dkim=pass for {author}{by}"


def _broken(signature: Signature, mail: RawMail, key: bytes) -> str | None:
    """Words unless the signature verifies. The body's hash is compared already, so dkimpy need not do it again."""
    message = dkim.DKIM(logger=_SILENT, minkey=SMALLEST_KEY)
    message.headers, message.body = [list(each) for each in mail.fields], b""
    tags = {name: value for name, value in signature.tags.items() if name != b"bh"}
    names = [name.encode("ascii", "replace") for name in signature.signed]
    try:
        holds = message.verify_sig(tags, names, signature.raw, lambda _name, timeout: key)
    except dkim.DKIMException as error:
        return f"its key cannot be used ({type(error).__name__})"
    except Exception as error:  # noqa: BLE001 - a stranger's field may hit any bug of the library; unproven is safe
        log.warning("dkimpy failed error=%s", type(error).__name__)
        return f"its key cannot be used ({type(error).__name__})"
    return None if holds else "the header was changed after it was signed, or signed with another key"
