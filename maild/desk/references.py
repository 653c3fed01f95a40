"""What a mail points at: our signed addresses, ids and body lines first; foreign ids and the subject last (ID-1)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail
from maild.mail.tokens import Signer, Token, TokenKind, plus_part


@dataclass(frozen=True, slots=True)
class SignedReference:
    """A token that verified, and where it stood."""

    token: Token
    where: str


@dataclass(frozen=True, slots=True)
class Pointers:
    """Everything a mail points at. `ids` newest first; `numbers` are tickets named in the subject."""

    signed: tuple[SignedReference, ...]
    ids: tuple[str, ...]
    numbers: tuple[int, ...]

    def of_kind(self, *kinds: TokenKind) -> Iterator[SignedReference]:
        """Signed references of these kinds, strongest first."""
        return (reference for reference in self.signed if reference.token.kind in kinds)


def pointers(mail: InboundMail, envelope: Envelope, signer: Signer, prefix: str) -> Pointers:
    """Reads all references of a mail; checks signatures, looks nothing up."""
    handed_on = (mail.forwarded.message_id,) if mail.forwarded and mail.forwarded.message_id else ()
    ids = tuple(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references), *mail.bounced_ids, *handed_on)))
    signed = (
        *_from_addresses(mail, envelope, signer),
        *_signed("a signed Message-ID", (signer.read_message_id(each) for each in ids)),
        *_signed("our reference in the text", (signer.verify(each) for each in mail.tokens)),
    )
    return Pointers(signed, ids, _numbers(mail.subject, prefix))


def _from_addresses(mail: InboundMail, envelope: Envelope, signer: Signer) -> Iterator[SignedReference]:
    addressed = (box.address for box in (*mail.to, *mail.cc))
    details = (plus_part(address)[1] for address in (*envelope.rcpt_to, *mail.delivered_to, *addressed))
    return _signed("our signed reply address", (signer.verify(each) for each in dict.fromkeys(details) if each))


def _signed(where: str, tokens: Iterable[Token | None]) -> Iterator[SignedReference]:
    return (SignedReference(token, where) for token in tokens if token is not None)


def _numbers(subject: str, prefix: str) -> tuple[int, ...]:
    found = re.findall(rf"\[{re.escape(prefix)}-(\d{{1,12}})\]", subject, re.IGNORECASE)
    return tuple(dict.fromkeys(int(digits) for digits in found))
