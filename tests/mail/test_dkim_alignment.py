"""Which domain speaks for which, and what a signature must say, decided without a network (RFC 6376, RFC 7489)."""

from datetime import UTC, datetime

import dkim.canonicalization as reference
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.alignment import (
    Alignment,
    answer_address,
    domain_of,
    is_aligned,
    is_public_suffix,
    organisational_domain,
    published_alignment,
)
from maild.mail.model import Mailbox
from maild.mail.signatures import Signature, body_digest, raw_mail, read_signature, tag_list, usable_key, why_not

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIELD = (
    b" v=1; a=rsa-sha256; c=relaxed/simple; d=acme.test; s=s1;\r\n\th=from:subject:date:message-id; bh=AAAA; b=AAAA\r\n"
)
DOMAINS = st.from_regex(r"[a-z]{1,4}(\.[a-z]{1,4}){0,4}", fullmatch=True)


def signature(change: bytes = b"", by: bytes = b"") -> Signature | str:
    return read_signature((b"DKIM-Signature", FIELD.replace(change, by) if change else FIELD))


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("acme.test", "acme.test"),
        ("mail.acme.test", "acme.test"),
        ("a.b.c.acme.test", "acme.test"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("acme.com.au", "acme.com.au"),
        ("co.uk", "co.uk"),
        ("test", "test"),
        ("co.acme.de", "acme.de"),
        ("mail.co.acme.de", "acme.de"),
    ],
)
def test_an_organisation_is_one_label_below_what_is_sold_to_everybody(domain: str, organisation: str) -> None:
    assert organisational_domain(domain) == organisation


@pytest.mark.parametrize(
    ("signer", "author"),
    [("acme.test", "acme.test"), ("acme.test", "mail.acme.test"), ("a.mail.acme.test", "acme.test")],
)
def test_a_domain_speaks_for_itself_its_parents_and_its_children(signer: str, author: str) -> None:
    assert is_aligned(signer, author, Alignment.RELAXED)
    assert is_aligned(signer, author, Alignment.STRICT) == (signer == author)


@pytest.mark.parametrize(
    ("signer", "author"),
    [
        ("", ""), ("", "acme.test"), ("acme.test", ""), ("test", "acme.test"), ("co.uk", "acme.co.uk"),
        ("evil.co.uk", "co.uk"), ("evil.co.uk", "acme.co.uk"), ("evilacme.test", "acme.test"),
        ("acme.test.evil.test", "acme.test"), ("mail.acme.test", "shop.acme.test"), ("acme.test", "acme.tes"),
    ],
)  # fmt: skip
def test_nobody_else_speaks_for_a_domain(signer: str, author: str) -> None:
    assert not any(is_aligned(signer, author, mode) for mode in Alignment)


@given(DOMAINS, DOMAINS)
def test_alignment_is_mutual_and_strict_is_never_wider(one: str, other: str) -> None:
    assert is_aligned(one, other, Alignment.RELAXED) == is_aligned(other, one, Alignment.RELAXED)
    assert not is_aligned(one, other, Alignment.STRICT) or one == other


@given(DOMAINS, DOMAINS)
def test_whoever_is_aligned_is_of_one_organisation(one: str, other: str) -> None:
    if one != other and is_aligned(one, other, Alignment.RELAXED):
        assert organisational_domain(one) == organisational_domain(other)
        assert not is_public_suffix(one) and not is_public_suffix(other)


@pytest.mark.parametrize(
    ("records", "mode"),
    [
        ([b"v=DMARC1; p=none"], Alignment.RELAXED),
        ([b"v=DMARC1;p=reject;adkim=r"], Alignment.RELAXED),
        ([b"v=DMARC1; p=reject; ADKIM = S"], Alignment.STRICT),
        ([b"v=spf1 -all", b"v=DMARC1; p=reject"], Alignment.RELAXED),
        ([], None),
        ([b""], None),
        ([b"v=DMARC2; p=none"], None),
        ([b"p=none; v=DMARC1"], None),
        ([b"v=DMARC1; p=none", b"v=DMARC1; p=reject"], None),
        ([b"v=DMARC1;" + b"x" * 100_000], Alignment.RELAXED),
    ],
)
def test_the_one_dmarc_record_says_how_near_a_signer_must_be(records: list[bytes], mode: Alignment | None) -> None:
    assert published_alignment(records) is mode


@pytest.mark.parametrize(
    ("reply_to", "answered"),
    [
        ((), "jane@customer.test"),
        (("jane.doe@customer.test",), "jane.doe@customer.test"),
        (("sales@mail.customer.test",), "sales@mail.customer.test"),
        (("evil@evil.test",), "jane@customer.test"),
        (("evil@customer.test.evil.test",), "jane@customer.test"),
        (("evil@evilcustomer.test",), "jane@customer.test"),
        (("jane@customer.test", "evil@evil.test"), "jane@customer.test"),
    ],
)
def test_an_answer_goes_to_reply_to_only_within_froms_organisation(reply_to: tuple[str, ...], answered: str) -> None:
    jane = Mailbox("jane@customer.test", "Jane")

    assert answer_address(jane, tuple(map(Mailbox, reply_to))) == Mailbox(answered, "Jane")


def test_at_a_mail_provider_everybody_is_a_stranger_to_everybody() -> None:
    jane = Mailbox("jane@gmail.com")

    assert answer_address(jane, (Mailbox("mallory@gmail.com"),)) == jane
    assert answer_address(jane, (Mailbox("jane@gmail.com", "Jane"),)).address == "jane@gmail.com"


def test_a_domain_is_read_in_lower_case_of_ascii_and_without_the_root() -> None:
    assert domain_of("Alice@Acme.TEST.") == "acme.test"
    assert domain_of("alice@ac\u212ame.test") == "ac\u212ame.test"


def test_a_whole_signature_is_read() -> None:
    read = signature()

    assert isinstance(read, Signature)
    assert (read.domain, read.selector, read.identity) == ("acme.test", "s1", "acme.test")
    assert read.signed == ("from", "subject", "date", "message-id")
    assert not read.relaxed_body


@pytest.mark.parametrize(
    ("change", "by", "words"),
    [
        (b"v=1", b"v=2", "v="), (b"v=1; ", b"", "v="),
        (b"rsa-sha256", b"rsa-sha1", "a="), (b"rsa-sha256", b"none", "a="),
        (b"d=acme.test", b"d=", "d="), (b"d=acme.test", b"d=acme..test", "d="), (b"d=acme.test", b"d=-", "d="),
        (b"d=acme.test", b"d=acme test", "d="), (b"d=acme.test", b"d=acme.test.", "d="), (b"acme.test", b"\xff.test", "d="),
        (b"s=s1", b"s=s1/../x", "s="), (b"s=s1", b"s=" + b"x" * 300, "s="), (b"s=s1; ", b"", ""),
        (b"h=from", b"h=", "From"), (b"h=from", b"h=ffrom", "From"), (b"h=from:subject:date:message-id; ", b"", "h="),
        (b"h=from", b"h=from" + b":x" * 200, "From"),
        (b"bh=AAAA", b"bh=A!", "bh="), (b"b=AAAA\r\n", b"b=\r\n", "b="),
        (b"c=relaxed/simple", b"c=raw", "c="), (b"c=relaxed/simple", b"c=relaxed/simple/x", "c="),
        (b"v=1", b"v=1; l=0", "l="), (b"v=1", b"v=1; l=", "l="), (b"v=1", b"v=1; q=http", "q="),
        (b"v=1", b"v=1; x=soon", "x="), (b"v=1", b"v=1; x=-1", "x="), (b"v=1", b"v=1; t=1e9", "t="),
        (b"v=1", b"v=1; i=@evil.test", "i="), (b"v=1", b"v=1; i=@xacme.test", "i="),
        (b"v=1", b"v=1; v=1", "cannot be read"), (b"v=1", b"v", "cannot be read"), (b"v=1", b"=1", "cannot be read"),
        (b"v=1", b"v=1;" + b" " * 70, "longer"), (b"v=1", b"v=1; z=" + b"z" * 5000, "longer"),
    ],
)  # fmt: skip
def test_a_signature_that_is_odd_anywhere_is_none(change: bytes, by: bytes, words: str) -> None:
    if change == b"s=s1; ":
        change = b"s=s1;"
    read = signature(change, by)

    assert isinstance(read, str)
    assert words in read


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reading_fail(noise: bytes) -> None:
    tag_list(noise)
    raw_mail(noise)
    raw_mail(noise + b"\r\n\r\n")
    read = read_signature((b"DKIM-Signature", FIELD[:-2] + noise))
    usable_key([noise, b"v=DKIM1; " + noise], read) if isinstance(read, Signature) else None


def test_an_age_is_counted_from_now_and_absent_fields_need_no_signature() -> None:
    mail = raw_mail(b"From: a\r\nSubject: b\r\n\r\n")
    assert mail is not None
    late, early = signature(b"v=1", b"v=1; x=1772442000"), signature(b"v=1", b"v=1; x=1772441999")
    assert isinstance(late, Signature) and isinstance(early, Signature)

    assert why_not(late, mail, NOW) is None
    assert why_not(early, mail, NOW) == "it has expired (x=)"


@pytest.mark.parametrize("field", [b"To", b"to", b"Cc", b"References", b"Content-Type"])
def test_a_field_beside_its_signed_twin_is_an_addition(field: bytes) -> None:
    name = field.lower()
    signs_it = signature(b"h=from", b"h=from:" + name)
    once, twice = (raw_mail(b"From: a\r\n" + (field + b": x\r\n") * count + b"\r\n") for count in (1, 2))
    assert isinstance(signs_it, Signature) and once is not None and twice is not None

    assert why_not(signs_it, once, NOW) is None
    assert why_not(signs_it, twice, NOW) == f"it leaves {name.decode()} open to change"


def test_fields_keep_the_bytes_that_were_signed() -> None:
    mail = raw_mail(b"From:  A\r\n\t<a@b.test>\r\nSUBJECT:x\r\n\r\nBody")

    assert mail is not None
    assert mail.fields == ((b"From", b"  A\r\n\t<a@b.test>\r\n"), (b"SUBJECT", b"x\r\n"))
    assert mail.body_start == len(b"From:  A\r\n\t<a@b.test>\r\nSUBJECT:x\r\n\r\n")


@pytest.mark.parametrize(
    "source",
    [
        b"", b"\r\n\r\n", b" From: a\r\n\r\n", b"From a\r\nFrom: a\r\n\r\n", b"\xef\xbb\xbfFrom: a\r\n\r\n", b"From : a\r\n\r\n",
        b"From: a\rTo: b\r\n\r\n", b"From: a\0\r\n\r\n", b"From: a\r\n\x0bx\r\n\r\n", b"From: a\r\n", b"X: " + b"x" * 300_000 + b"\r\n\r\n",
        b"X: x\r\n" * 2000 + b"\r\n", b"From: a\r\r\n\r\n",
    ],
)  # fmt: skip
def test_a_header_that_could_be_split_in_two_ways_is_refused(source: bytes) -> None:
    assert raw_mail(source) is None


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"b  c", b"."]), max_size=40))
def test_the_canonical_body_is_dkimpys(pieces: list[bytes]) -> None:
    import base64
    import hashlib

    body = b"".join([*pieces, b"\r\n"])
    forms = {False: reference.Simple, True: reference.Relaxed}

    for relaxed, form in forms.items():
        expected = base64.b64encode(hashlib.sha256(form.canonicalize_body(body)).digest())
        assert body_digest(body, relaxed=relaxed) == expected
