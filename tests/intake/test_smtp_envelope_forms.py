"""Which forms of MAIL and RCPT are understood, and that none of them relays (RELIABILITY C6)."""

import pytest

from maild.intake import smtp_replies as replies
from maild.intake.smtp_commands import Command, parse_command
from maild.intake.smtp_decisions import Offer, Sender, recipient_of, sender_of
from maild.intake.smtp_replies import Reply

OFFER = Offer(extended=True, auth=False, smtputf8=True, max_message_bytes=1000)
ASCII = Sender("ann@example.org", smtputf8=False)

RELAY_FORMS = (
    "user%other.test@acme.test",
    "user%x@acme.test",
    "other.test!user@acme.test",
    "@acme.test:user@other.test",
    "@a.test,@acme.test:user@other.test",
    '"user@other.test"@acme.test',
    '"support"@acme.test',
    "user@other.test@acme.test",
    "support@acme.test@other.test",
    "support@acme.test.",
    "support@acme..test",
    "support@.acme.test",
    ".support@acme.test",
    "support.@acme.test",
    "sup port@acme.test",
    "support(note)@acme.test",
    "support@acme.test\\",
    "support@acme.test,x@other.test",
    "support@@acme.test",
    "@acme.test",
    "support@[127.0.0.1]",
    "support",
    "<support@acme.test",
)


@pytest.mark.parametrize("form", RELAY_FORMS)
def test_a_relay_form_is_no_address_here(form: str) -> None:
    assert recipient_of(f"TO:<{form}>", ASCII) in {replies.UNKNOWN_RECIPIENT, replies.RCPT_SYNTAX}


@pytest.mark.parametrize(
    "address",
    ["support@acme.test", "SUPPORT@ACME.TEST", "support+1001.a2b3@acme.test", "o'brien@acme.test", "postmaster"],
)
def test_plain_addresses_are_passed_on_as_they_were_written(address: str) -> None:
    assert recipient_of(f"to: <{address}>", ASCII) == address


@pytest.mark.parametrize("argument", [None, "", "TO:", "TO:support@acme.test", "TO:<>", "TO:<a@b", "FROM:<a@b.test>"])
def test_rcpt_without_an_address_in_brackets_is_a_syntax_error(argument: str | None) -> None:
    assert recipient_of(argument, ASCII) == replies.RCPT_SYNTAX


def test_a_recipient_takes_no_parameters() -> None:
    assert recipient_of("TO:<support@acme.test> NOTIFY=NEVER", ASCII) == replies.PARAMETER_UNKNOWN


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("FROM:<>", ""),
        ("FROM:<> SIZE=10 BODY=8BITMIME", ""),
        ("from: <ann@example.org>", "ann@example.org"),
        ("FROM:<ann@example.org> size=1000 BODY=7bit", "ann@example.org"),
        ("FROM:<jane..doe.@docomo.test>", "jane..doe.@docomo.test"),
        ('FROM:<"jane > doe"@example.org>', '"jane > doe"@example.org'),
        ("FROM:<ann@[192.0.2.1]>", "ann@[192.0.2.1]"),
        ("FROM:<müller@exämple.test> SMTPUTF8", "müller@exämple.test"),
        ("FROM:<prvs=1=ann@example.org>", "prvs=1=ann@example.org"),
    ],
)
def test_senders_are_taken_as_the_world_writes_them(argument: str, address: str) -> None:
    sender = sender_of(argument, OFFER)

    assert isinstance(sender, Sender) and sender.address == address


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        (None, replies.MAIL_SYNTAX),
        ("FROM:ann@example.org", replies.MAIL_SYNTAX),
        ("FROM:<ann@example.org>SIZE=1", replies.MAIL_SYNTAX),
        ("FROM:<ann@example.org> SIZE=", replies.MAIL_SYNTAX),
        ("FROM:<ann@example.org> SIZE=1 SIZE=1", replies.MAIL_SYNTAX),
        ('FROM:<"ann>', replies.MAIL_SYNTAX),
        ("FROM:<ann>", replies.BAD_SENDER),
        ("FROM:<@a.test:ann@example.org>", replies.BAD_SENDER),
        ("FROM:<ann@exa mple.org>", replies.BAD_SENDER),
        ("FROM:<" + "a" * 400 + "@example.org>", replies.BAD_SENDER),
        ("FROM:<ann@example.org> SIZE=1001", replies.TOO_LARGE),
        ("FROM:<ann@example.org> SIZE=-1", replies.PARAMETER_SYNTAX),
        ("FROM:<ann@example.org> SIZE=" + "9" * 21, replies.PARAMETER_SYNTAX),
        ("FROM:<ann@example.org> SIZE=²", replies.PARAMETER_SYNTAX),
        ("FROM:<ann@example.org> BODY=BINARYMIME", replies.PARAMETER_SYNTAX),
        ("FROM:<ann@example.org> SMTPUTF8=1", replies.PARAMETER_SYNTAX),
        ("FROM:<ann@example.org> AUTH=<>", replies.PARAMETER_UNKNOWN),
        ("FROM:<ann@example.org> RET=FULL", replies.PARAMETER_UNKNOWN),
        ("FROM:<müller@example.org>", replies.NEEDS_SMTPUTF8),
    ],
)
def test_a_sender_that_cannot_be_right_is_refused_with_the_reason(argument: str | None, reply: Reply) -> None:
    assert sender_of(argument, OFFER) == reply


def test_parameters_belong_to_ehlo_only() -> None:
    plain = Offer(extended=False, auth=False, smtputf8=True, max_message_bytes=1000)

    assert sender_of("FROM:<ann@example.org> SIZE=1", plain) == replies.PARAMETER_UNKNOWN


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        (b"NOOP\r\n", Command("NOOP", None)),
        (b"mail FROM:<a@b.test>  \r\n", Command("MAIL", "FROM:<a@b.test>")),
        (b"NOOP\n", replies.BARE_NEWLINE_IN_COMMAND),
        (b"NO\rOP\r\n", replies.BARE_NEWLINE_IN_COMMAND),
        (b"NOOP\r\r\n", replies.BARE_NEWLINE_IN_COMMAND),
        (b"NOOP \x00\r\n", replies.NOT_TEXT),
        (b"NOOP \xff\r\n", replies.NOT_TEXT),
        (b"NOOP " + b"x" * 3000 + b"\r\n", replies.LINE_TOO_LONG),
    ],
)
def test_command_lines_end_with_crlf_and_hold_text(line: bytes, parsed: Command | Reply) -> None:
    assert parse_command(line) == parsed


def test_every_refusal_tells_an_enhanced_code_of_its_class_and_a_sentence() -> None:
    every = [value for value in vars(replies).values() if isinstance(value, Reply)]

    assert len(every) > 40
    for reply in every:
        assert reply.code == 354 or reply.status.startswith(f"{reply.code // 100}."), reply
        assert reply.text.isascii() and len(str(reply)) < 120, reply
