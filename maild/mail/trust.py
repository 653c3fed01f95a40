"""How far a sender may be believed (SPEC ID-3). From alone proves nothing."""

from dataclasses import dataclass
from enum import StrEnum

from maild.mail.authentication import CheckedHere
from maild.mail.model import AuthenticationResult


class Trust(StrEnum):
    """From strongest to weakest."""

    AUTHENTICATED = "authenticated"
    SIGNED = "signed"
    CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Trusted:
    """A level and the reason in words for people."""

    level: Trust
    because: str

    @property
    def is_strong(self) -> bool:
        """True for a proof of the mail itself. A signed address only shows who holds it, and may be handed on (A12)."""
        return self.level is Trust.AUTHENTICATED


def weigh(
    address: str | None,
    *,
    login_owns_address: bool,
    results: tuple[AuthenticationResult, ...],
    trusted_path: bool,
    trusted_ids: frozenset[str],
    signed_for_address: bool,
) -> Trusted:
    """Weighs the proofs that a mail really comes from `address`, its one From mailbox."""
    if address is None:
        return Trusted(Trust.CLAIMED, "the mail has no single sender address")
    if login_owns_address:
        return Trusted(Trust.AUTHENTICATED, "logged in by SMTP AUTH")
    here = next((each for each in results if isinstance(each, CheckedHere) and each.address == address), None)
    written = tuple(each for each in results if not isinstance(each, CheckedHere))
    if here is not None and here.result == "pass":
        return Trusted(Trust.AUTHENTICATED, here.words)
    proof = _proven(written, address, trusted_ids) if trusted_path else None
    if proof:
        return Trusted(Trust.AUTHENTICATED, proof)
    if signed_for_address:
        return Trusted(Trust.SIGNED, f"answered the signed address that was made for {address}")
    reason = _why_not(written, trusted_path, trusted_ids)
    return Trusted(Trust.CLAIMED, f"{reason}; {here.words}" if here is not None else reason)


def _proven(results: tuple[AuthenticationResult, ...], address: str, trusted_ids: frozenset[str]) -> str | None:
    """The first proof, unless a trusted server says that the domain's own policy has failed."""
    trusted = [each for each in results if each.authserv_id in trusted_ids]
    if any(each.method == "dmarc" and each.result == "fail" for each in trusted):
        return None
    return next((words for each in trusted if (words := _proof(each, address))), None)


def _proof(result: AuthenticationResult, address: str) -> str | None:
    """Words when this result proves the address: DMARC pass, or DKIM pass of the From's own domain (RFC 7489 3.1)."""
    if result.result != "pass":
        return None
    domain = address.rpartition("@")[2]
    properties = dict(result.properties)
    if result.method == "dmarc" and properties.get("header.from", domain).lower() == domain:
        return f"{result.authserv_id} says dmarc=pass for {domain}"
    if result.method == "dkim" and properties.get("header.d", "").lower() == domain:
        return f"{result.authserv_id} says dkim=pass for {domain}"
    return None


def _why_not(results: tuple[AuthenticationResult, ...], trusted_path: bool, trusted_ids: frozenset[str]) -> str:
    if results and not trusted_path:
        return "an Authentication-Results field is there, but it came by a path that is not trusted"
    if results and not any(result.authserv_id in trusted_ids for result in results):
        return "no Authentication-Results field is from a server in trusted_authserv_ids"
    if results:
        return "the trusted server did not say dmarc=pass or dkim=pass for this domain"
    return "nothing proves the From address"
