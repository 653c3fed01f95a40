"""LMTP over TCP and Unix sockets (RFC 2033): one answer for each recipient, on every way out."""

import smtplib
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from maild.errors import PermanentError, TransientError
from maild.intake.listener import Listener
from maild.intake.smtp_settings import SmtpSettings
from maild.mail.envelope import Via
from tests.intake.door import DESK, ListDoor
from tests.intake.smtp_client import Client, listening

OUR_FAULT = "451 4.3.0 Temporary trouble on our side; please try again later"
SETTINGS = SmtpSettings(lmtp_listen=("127.0.0.1:0",), max_message_bytes=100_000, hostname="desk.acme.test")


@pytest.fixture
def door(tmp_path: Path) -> ListDoor:
    return ListDoor(tmp_path)


@pytest.fixture
def listener(door: ListDoor) -> Iterator[Listener]:
    with listening(door, SETTINGS) as running:
        yield running


def begun(client: Client, *recipients: str) -> list[str]:
    """Up to DATA; the answers to RCPT."""
    client.say("LHLO client.test")
    client.say("MAIL FROM:<ann@example.org>")
    answers = [client.say(f"RCPT TO:<{recipient}>")[:9] for recipient in recipients]
    assert client.say("DATA").startswith("354")
    return answers


def test_lhlo_is_the_only_greeting(listener: Listener) -> None:
    with Client(listener, greet=False) as client:
        assert client.reply() == "220 desk.acme.test LMTP"
        assert client.say("EHLO client.test").startswith("500 5.5.1 ")
        assert client.say("HELO client.test").startswith("500 5.5.1 ")
        assert client.say("LHLO client.test").startswith("250-desk.acme.test\n250-PIPELINING\n")


def test_each_accepted_recipient_gets_an_answer_and_refused_ones_none(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        codes = begun(client, DESK, "nobody@acme.test", "sales@acme.test", "support+7@acme.test")
        client.send(b"Subject: x\r\n\r\nx\r\n.\r\nNOOP\r\n")
        answers = [client.reply() for _ in range(4)]

    assert codes == ["250 2.1.5", "550 5.1.1", "250 2.1.5", "250 2.1.5"]
    assert answers == ["250 2.6.0 Kept as 1"] * 3 + ["250 2.0.0 OK"]
    assert door.mails[0].envelope.rcpt_to == (DESK, "sales@acme.test", "support+7@acme.test")
    assert door.mails[0].envelope.via is Via.LMTP


def test_a_recipient_named_twice_is_answered_twice_and_kept_once(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        begun(client, DESK, DESK)
        client.send(b"x\r\n.\r\nQUIT\r\n")
        assert [reply[:3] for reply in client.replies()] == ["250", "250", "221"]

    assert door.mails[0].envelope.rcpt_to == (DESK,)


@pytest.mark.parametrize(
    ("mail", "error", "answer"),
    [
        (b"x\r\n", TransientError("hunter2"), OUR_FAULT),
        (
            b"x" * 100_001 + b"\r\n",
            None,
            "552 5.3.4 The mail is too large; send it smaller, or large files by another way",
        ),
        (b"Received: x\r\n" * 51, None, None),
    ],
    ids=["our fault", "too large", "loop"],
)
def test_refusals_after_the_dot_are_told_to_each_recipient(
    listener: Listener, door: ListDoor, mail: bytes, error: Exception | None, answer: str | None
) -> None:
    door.failing = error
    with Client(listener) as client:
        begun(client, DESK, "sales@acme.test")
        client.send(mail + b".\r\nNOOP\r\n")
        first, second, third = client.reply(), client.reply(), client.reply()

    assert first == second and third == "250 2.0.0 OK"
    assert first == answer if answer else first.startswith("554 5.4.6 ")
    assert door.mails == []


def test_a_refusal_before_354_is_told_once(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        client.say("LHLO client.test")
        client.say("MAIL FROM:<ann@example.org>")
        assert client.say("DATA").startswith("503 ")
        client.say(f"RCPT TO:<{DESK}>")
        client.say("RCPT TO:<sales@acme.test>")
        door.room = False
        assert client.say("DATA") == OUR_FAULT
        assert client.say("NOOP") == "250 2.0.0 OK"


def test_a_unix_socket_is_made_used_and_removed(door: ListDoor, tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    settings = replace(SETTINGS, lmtp_listen=(f"unix:{path}",), max_connections_per_peer=2, trust_unix_socket=True)
    with listening(door, settings) as listener:
        assert path.stat().st_mode & 0o777 == 0o660
        others = [Client(listener) for _ in range(5)]
        with smtplib.LMTP(str(listener.addresses[0].path)) as client:
            client.sendmail("ann@example.org", [DESK], b"Subject: x\r\n\r\nx\r\n")
        for other in others:
            other.close()

    assert (door.mails[0].envelope.peer, door.mails[0].envelope.trusted) == ("unix", True)
    assert not path.exists()


def test_the_socket_of_a_killed_process_is_replaced_and_a_living_one_left(door: ListDoor, tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    settings = replace(SETTINGS, lmtp_listen=(f"unix:{path}",))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    with listening(door, settings) as listener:
        with pytest.raises(PermanentError, match="another program has it"):
            Listener(settings, door).start()
        with Client(listener) as client:
            assert client.say("NOOP").startswith("250 ")


def test_a_file_in_the_place_of_the_socket_is_not_removed(door: ListDoor, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("keep")

    with pytest.raises(PermanentError, match="cannot listen on unix:"):
        Listener(replace(SETTINGS, lmtp_listen=(f"unix:{path}",)), door).start()
    assert path.read_text() == "keep"
