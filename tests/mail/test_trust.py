"""From alone proves nothing: which proofs make a sender believed, and which never do (RELIABILITY A6-A8)."""

import pytest

from maild.mail.model import AuthenticationResult
from maild.mail.trust import Trust, weigh

ALICE = "alice@acme.test"
MX = "mx.acme.test"


def result(method: str, outcome: str = "pass", server: str = MX, **properties: str) -> AuthenticationResult:
    given = tuple((name.replace("_", "."), value) for name, value in properties.items())
    return AuthenticationResult(server, method, outcome, given)


def level(*results: AuthenticationResult, **given: object) -> Trust:
    facts: dict[str, object] = {
        "login_owns_address": False,
        "trusted_path": True,
        "trusted_ids": frozenset({MX}),
        "signed_for_address": False,
        "address": ALICE,
    }
    address = (facts | given)["address"]
    rest = {name: value for name, value in (facts | given).items() if name != "address"}
    return weigh(address, results=results, **rest).level  # type: ignore[arg-type]


DMARC = result("dmarc", header_from="acme.test")


@pytest.mark.parametrize(
    "proof",
    [
        DMARC,
        result("dmarc", header_from="ACME.test"),
        result("dkim", header_d="acme.test"),
        result("dkim", header_d="Acme.Test", header_i="@acme.test"),
    ],
)
def test_the_trusted_servers_word_for_the_froms_own_domain_is_proof(proof: AuthenticationResult) -> None:
    assert level(proof) is Trust.AUTHENTICATED
    assert level(result("spf", "fail"), proof) is Trust.AUTHENTICATED


@pytest.mark.parametrize(
    "forged",
    [
        (),
        (result("dmarc", server="mx.evil.test", header_from="acme.test"),),
        (result("dmarc", server="mx.acme.test.evil.test", header_from="acme.test"),),
        (result("dmarc", server="", header_from="acme.test"),),
        (result("dmarc", "fail", header_from="acme.test"),),
        (result("dmarc", "none", header_from="acme.test"),),
        (result("dmarc", "temperror", header_from="acme.test"),),
        (result("dmarc", "Pass ", header_from="acme.test"),),
        (result("dmarc", header_from="evil.test"),),
        (result("dmarc", header_from="sub.acme.test"),),
        (result("dmarc", header_from="acme.test.evil.test"),),
        (result("dkim", header_d="evil.test"),),
        (result("dkim", header_d="test"),),
        (result("dkim", header_d=""),),
        (result("dkim"),),
        (result("dkim", header_i="@acme.test"),),
        (result("dkim", "fail", header_d="acme.test"),),
        (result("spf", smtp_mailfrom="alice@acme.test"),),
        (result("spf", smtp_mailfrom="evil.test"),),
        (result("arc", header_d="acme.test"),),
        (result("auth", smtp_auth="alice"),),
        (result("dmarc", server="mx.evil.test", header_from="acme.test"), result("spf")),
        tuple(result("dmarc", server=f"mx{n}.evil.test", header_from="acme.test") for n in range(100)),
    ],
)
def test_everything_less_is_only_a_claim(forged: tuple[AuthenticationResult, ...]) -> None:
    assert level(*forged) is Trust.CLAIMED


def test_a_perfect_result_by_an_untrusted_path_is_only_a_claim() -> None:
    assert level(DMARC, trusted_path=False) is Trust.CLAIMED


def test_without_configured_servers_no_result_counts() -> None:
    assert level(DMARC, trusted_ids=frozenset()) is Trust.CLAIMED
    assert level(result("dmarc", server="", header_from="acme.test"), trusted_ids=frozenset()) is Trust.CLAIMED


def test_a_mail_with_two_senders_or_none_is_only_a_claim_whatever_else_is_proven() -> None:
    assert level(DMARC, address=None, login_owns_address=True, signed_for_address=True) is Trust.CLAIMED


def test_a_login_that_owns_the_address_is_proof_by_any_path() -> None:
    assert level(login_owns_address=True, trusted_path=False) is Trust.AUTHENTICATED


def test_a_signed_address_is_less_than_proof_and_more_than_a_claim() -> None:
    assert level(signed_for_address=True) is Trust.SIGNED
    assert level(signed_for_address=True, trusted_path=False) is Trust.SIGNED
    assert level(DMARC, signed_for_address=True) is Trust.AUTHENTICATED


@pytest.mark.parametrize(
    ("results", "path", "ids", "words"),
    [
        ((), True, {MX}, "nothing proves"),
        ((DMARC,), False, {MX}, "a path that is not trusted"),
        ((DMARC,), True, {"mx.other.test"}, "trusted_authserv_ids"),
        ((result("spf"),), True, {MX}, "did not say dmarc=pass"),
    ],
)
def test_the_reason_tells_an_admin_what_is_missing(
    results: tuple[AuthenticationResult, ...], path: bool, ids: set[str], words: str
) -> None:
    weighed = weigh(
        ALICE,
        login_owns_address=False,
        results=results,
        trusted_path=path,
        trusted_ids=frozenset(ids),
        signed_for_address=False,
    )

    assert words in weighed.because
