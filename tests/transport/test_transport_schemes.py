"""The way out is chosen by a URL, and a wrong one is told without its password."""

import mailbox
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.errors import PermanentError, RelayError
from maild.transport import TransportOptions, open_transport
from maild.transport.relay import Relay, Security, parse_relay

CONTENT = b"Subject: x\r\n\r\nHello\r\n"


def at_noon() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


def nothing() -> None:
    """No mark is needed here."""


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mx.acme.test", Relay(Security.NONE, "mx.acme.test", 25)),
        ("smtp+starttls://mx.acme.test", Relay(Security.STARTTLS, "mx.acme.test", 587)),
        ("smtps://mx.acme.test", Relay(Security.TLS, "mx.acme.test", 465)),
        ("SMTP://[::1]:2526/", Relay(Security.NONE, "::1", 2526)),
        (
            "smtps://me%40acme.test:p%3A%2F%25@mx.acme.test",
            Relay(Security.TLS, "mx.acme.test", 465, "me@acme.test", "p:/%"),
        ),
    ],
)
def test_a_relay_is_read_from_its_url(url: str, relay: Relay) -> None:
    assert parse_relay(url) == relay


@pytest.mark.parametrize(
    "url",
    [
        "smtp://", "smtp:mx", "smtp://user:s3cret/x@host", "smtp://user:s3cret@host:port", "smtp://u:s3cret@[::1",
        "smtp://u:s3cret@host/path", "smtp://u:s3cret@host?x", "imap://u:s3cret@host", "", "s3cret", "maildir:",
        "maildir:/",
    ],
)  # fmt: skip
def test_a_wrong_url_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"is written|must begin with") as caught:
        open_transport(url)

    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_password_is_shown_by_any_representation() -> None:
    url = "smtps://desk:s3cret@mx.acme.test"

    shown = f"{parse_relay(url)!r} {parse_relay(url)} {open_transport(url)!r}"

    assert "s3cret" not in shown


def test_a_maildir_keeps_mail_and_envelope(tmp_path: Path) -> None:
    transport = open_transport("maildir:out", TransportOptions(folder=tmp_path, clock=at_noon, helo="desk.test"))

    answers = [transport.send(sender, "mira@shop.test", CONTENT, nothing) for sender in ("", "b+1@acme.test")]
    transport.close()

    kept = sorted((tmp_path / "out" / "new").iterdir())
    assert [file.name in answer for file, answer in zip(kept, answers, strict=True)] == [True, True]
    assert kept[0].read_bytes() == b"Return-Path: <>\r\nDelivered-To: mira@shop.test\r\n" + CONTENT
    assert list((tmp_path / "out" / "tmp").iterdir()) == []
    assert sorted(str(mail["Return-Path"]) for mail in mailbox.Maildir(tmp_path / "out")) == ["<>", "<b+1@acme.test>"]


def test_a_maildir_that_cannot_be_written_makes_mails_wait(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(RelayError, match=r"Not a directory|File exists"):
        open_transport(f"maildir:{tmp_path}/file").send("", "mira@shop.test", CONTENT, nothing)


def test_a_maildir_envelope_is_one_line_each(tmp_path: Path) -> None:
    with pytest.raises(PermanentError):
        open_transport(f"maildir:{tmp_path}").send("", "a@b\r\nBcc: x@y", CONTENT, nothing)


def test_a_mark_that_cannot_be_made_leaves_nothing_in_the_maildir(tmp_path: Path) -> None:
    def cannot() -> None:
        raise LookupError("database away")

    with pytest.raises(LookupError):
        open_transport(f"maildir:{tmp_path}").send("", "mira@shop.test", CONTENT, cannot)

    assert list((tmp_path / "tmp").iterdir()) == list((tmp_path / "new").iterdir()) == []


def test_null_takes_everything() -> None:
    transport = open_transport("null:")
    marks: list[int] = []

    answer = transport.send("", "mira@shop.test", CONTENT, lambda: marks.append(1))
    transport.close()

    assert answer.startswith("250 ")
    assert marks == [1]
