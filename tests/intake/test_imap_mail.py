"""Envelopes of fetched mails, and what stands in for a mail that is too large."""

from email import message_from_bytes

import pytest

from maild.intake.imap_account import ImapAccount
from maild.intake.imap_guards import aware, words
from maild.intake.imap_mail import envelope, origin, reverse_path, stand_in
from tests.intake.imap_setup import NOW

ACCOUNT = ImapAccount(host="Mail.Acme.test", username="support", password="secret", address="support@acme.test")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"<ann@example.org>", "ann@example.org"),
        (b"<>", ""),
        (b"ann@example.org", None),
        (b"<ann>", None),
        (b"<a b@example.org>", None),
        (b"<a@b\x00>", None),
        ("<änn@example.org>".encode(), "änn@example.org"),
        (b"<\xff@example.org>", None),
        (None, None),
    ],
)
def test_the_reverse_path_is_taken_only_when_it_is_one(value: bytes | None, wanted: str | None) -> None:
    assert reverse_path(value) == wanted


def test_the_topmost_return_path_counts_and_none_of_the_body() -> None:
    source = b"Return-Path: <>\r\nReturn-Path: <x@example.org>\r\nSubject: x\r\n\r\nDelivered-To: y@example.org\r\n"

    kept = envelope(ACCOUNT, source, "here", NOW, quiet=False)

    assert kept.mail_from == ""
    assert kept.rcpt_to == ("support@acme.test",)


def test_a_delivered_to_field_is_better_than_the_account_s_address() -> None:
    kept = envelope(ACCOUNT, b"delivered-TO: sales@acme.test\r\n\r\n", "here", NOW, quiet=True)

    assert kept.rcpt_to == () and kept.quiet


def test_the_origin_names_the_mail() -> None:
    assert origin(ACCOUNT, 1700000001, 42) == "imap:support@mail.acme.test/INBOX 1700000001:42"


def test_a_stand_in_can_be_read_as_a_mail_of_its_own() -> None:
    header = (
        b"From: ann@example.org\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\nSubject: large\r\n file\r\n"
        b"Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\n"
    )

    mail = message_from_bytes(stand_in(header, 99_000_000, ACCOUNT, "here"))

    assert mail["Subject"] == "large\r\n file" and mail["From"] == "ann@example.org"
    assert mail.get_content_type() == "text/plain" and len(mail.get_all("MIME-Version", [])) == 1
    assert "99000000 bytes" in str(mail.get_payload()) and "here" in str(mail.get_payload())
    assert not mail.defects


def test_secrets_are_not_in_an_account_s_words() -> None:
    assert "secret" not in repr(ACCOUNT)


def test_what_a_server_said_instead_of_an_answer_is_not_repeated() -> None:
    assert words(ValueError("command: FETCH => unexpected response: b'private words'")).endswith("unexpected response")
    assert words(ValueError("a\r\nb" + "x" * 999)).isprintable()


def test_a_date_that_no_calendar_knows_is_no_date() -> None:
    assert aware("yesterday") is None
    assert aware(NOW.replace(tzinfo=None)) == NOW
