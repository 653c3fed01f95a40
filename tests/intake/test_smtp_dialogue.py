"""Mails over a real socket: what is answered, what reaches the desk (SPEC IN-1, IN-1b, CONTRACT reply codes)."""

import logging
import smtplib
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from maild.errors import PermanentError, TransientError
from maild.intake.listener import Listener
from maild.intake.smtp_settings import SmtpSettings
from maild.mail.envelope import Via
from tests.heap import most_taken
from tests.intake.door import DESK, ListDoor
from tests.intake.smtp_client import Client, listening

SETTINGS = SmtpSettings(listen=("127.0.0.1:0",), hostname="desk.acme.test")
OUR_FAULT = "451 4.3.0 Temporary trouble on our side; please try again later"
MAIL = b"From: ann@example.org\r\nSubject: Printer\r\n\r\nIt burns.\r\n"


@pytest.fixture
def door(tmp_path: Path) -> ListDoor:
    return ListDoor(tmp_path)


@pytest.fixture
def listener(door: ListDoor) -> Iterator[Listener]:
    with listening(door, SETTINGS) as running:
        yield running


def test_a_mail_is_kept_with_its_bytes_and_its_envelope(listener: Listener, door: ListDoor) -> None:
    address = listener.addresses[0]

    with smtplib.SMTP(address.host, address.port) as client:
        client.sendmail("ann@example.org", ["support+1001@acme.test", "sales@acme.test"], MAIL)

    (mail,) = door.mails
    assert mail.source == MAIL and not mail.was_file
    assert (mail.envelope.via, mail.envelope.mail_from) == (Via.SMTP, "ann@example.org")
    assert mail.envelope.rcpt_to == ("support+1001@acme.test", "sales@acme.test")
    assert (mail.envelope.peer, mail.envelope.trusted, mail.envelope.authenticated_as) == ("127.0.0.1", False, None)
    assert mail.envelope.received_at.tzinfo is not None


def test_a_small_mail_takes_little_from_the_heap(listener: Listener, door: ListDoor) -> None:
    address = listener.addresses[0]
    with smtplib.SMTP(address.host, address.port) as client:
        client.sendmail("ann@example.org", [DESK], MAIL)  # what a first mail brings in stays

        with most_taken() as bytes_taken:
            client.sendmail("ann@example.org", [DESK], MAIL)

            assert bytes_taken() < 100_000
    assert len(door.mails) == 2


def test_the_whole_dialogue_in_its_exact_words(listener: Listener) -> None:
    with Client(listener, greet=False) as client:
        assert client.reply() == "220 desk.acme.test ESMTP"
        assert client.say("EHLO client.test").split("\n") == [
            "250-desk.acme.test",
            "250-PIPELINING",
            "250-SIZE 52428800",
            "250-8BITMIME",
            "250-SMTPUTF8",
            "250-ENHANCEDSTATUSCODES",
            "250 HELP",
        ]
        assert client.say("MAIL FROM:<ann@example.org> SIZE=100 BODY=8BITMIME") == "250 2.1.0 Sender OK"
        assert client.say(f"RCPT TO:<{DESK}>") == "250 2.1.5 Recipient OK"
        assert client.say("DATA") == "354 End data with <CR><LF>.<CR><LF>"
        assert client.say("Subject: x\r\n\r\nx\r\n.") == "250 2.6.0 Kept as 1"
        assert client.say("NOOP") == "250 2.0.0 OK"
        assert client.say("RSET") == "250 2.0.0 OK"
        assert client.say("VRFY ann").startswith("252 ")
        assert client.say("EXPN staff").startswith("502 5.5.1 ")
        assert client.say("HELP").startswith("214 ")
        assert client.say("QUIT") == "221 2.0.0 Bye"
        assert client.reply() == ""


def test_a_pipelining_client_may_send_everything_at_once_and_close_its_half(listener: Listener, door: ListDoor) -> None:
    one = b"MAIL FROM:<>\r\nRCPT TO:<support@acme.test>\r\nDATA\r\n" + MAIL + b".\r\n"
    with Client(listener) as client:
        client.send(b"EHLO client.test\r\n" + one + one + b"QUIT\r\n")
        client.socket.shutdown(1)
        codes = [reply[:3] for reply in client.replies()]

    assert codes == ["250", *["250", "250", "354", "250"] * 2, "221"]
    assert [(mail.source, mail.envelope.mail_from) for mail in door.mails] == [(MAIL, ""), (MAIL, "")]


def test_the_answers_to_commands_that_came_together_leave_together(listener: Listener) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")
        client.send(b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<support@acme.test>\r\nDATA\r\n")
        answers = client.socket.recv(65536)

        assert [line[:3] for line in answers.splitlines()] == [b"250", b"250", b"354"]
        client.send(MAIL + b".\r\nRSET\r\nHELP\r\nQUIT\r\n")
        assert [reply[:3] for reply in client.replies()] == ["250", "250", "214", "221"]


def test_a_long_pipeline_is_answered_in_parts_and_to_its_end(listener: Listener) -> None:
    with Client(listener) as client:
        client.send(b"NOOP\r\n" * 1000 + b"HELP\r\nNO")

        assert [client.reply()[:3] for _ in range(1001)] == ["250"] * 1000 + ["214"]
        assert client.say("OP") == "250 2.0.0 OK"


def test_a_sender_who_goes_on_while_we_think_is_held_back_and_loses_nothing(listener: Listener, door: ListDoor) -> None:
    door.holding = True
    next_mails = b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<support@acme.test>\r\nDATA\r\n" + b"y" * 5000 + b"\r\n.\r\n"
    with Client(listener) as client:
        client.begin().send(b"x\r\n.\r\n")
        assert door.wait_for(waiting=1)
        client.send(next_mails * 100)
        door.holding = False
        door.release()

        codes = [client.reply()[:3] for _ in range(401)]

    assert codes == ["250"] + ["250", "250", "354", "250"] * 100
    assert len(door.mails) == 101


def test_a_helo_client_is_served_without_extensions(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        assert client.say("HELO client.test") == "250 desk.acme.test"
        assert client.say("MAIL FROM:<ann@example.org> SIZE=1").startswith("555 5.5.4 ")
        client.begin(hello="HELO")
        assert client.say("x\r\n.").startswith("250 ")

    assert len(door.mails) == 1


def test_commands_out_of_order_are_told_what_comes_first(listener: Listener) -> None:
    with Client(listener) as client:
        assert client.say("MAIL FROM:<ann@example.org>").startswith("503 5.5.1 ")
        assert client.say("EHLO").startswith("501 5.5.4 ")
        client.say("EHLO client.test")
        assert client.say(f"RCPT TO:<{DESK}>").startswith("503 5.5.1 ")
        assert client.say("DATA").startswith("503 5.5.1 ")
        client.say("MAIL FROM:<ann@example.org>")
        assert client.say("MAIL FROM:<ann@example.org>").startswith("503 5.5.1 ")
        assert client.say("DATA").startswith("503 5.5.1 ")
        client.say(f"RCPT TO:<{DESK}>")
        assert client.say("DATA now").startswith("501 5.5.4 ")
        client.say("RSET")
        assert client.say("DATA").startswith("503 5.5.1 ")


def test_unknown_recipients_are_refused_and_the_others_served(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")
        client.say("MAIL FROM:<ann@example.org>")
        assert client.say("RCPT TO:<nobody@acme.test>") == "550 5.1.1 No such address here; check its spelling"
        assert client.say("RCPT TO:<ann@example.org>").startswith("550 5.1.1 ")
        assert client.say("RCPT TO:<Support@Acme.Test>").startswith("250 ")
        assert client.say("RCPT TO:<postmaster>").startswith("250 ")
        client.say("DATA")
        client.say("x\r\n.")

    assert door.mails[0].envelope.rcpt_to == ("Support@Acme.Test", "postmaster")


def test_a_blocked_sender_is_refused(listener: Listener) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")

        assert client.say("MAIL FROM:<spammer@evil.test>").startswith("550 5.7.1 ")


def test_non_ascii_addresses_need_smtputf8(listener: Listener, door: ListDoor) -> None:
    door.recipients.add("müller@acme.test")
    with Client(listener) as client:
        client.say("EHLO client.test")
        assert client.say("MAIL FROM:<jürgen@example.org>").startswith("553 5.6.7 ")
        client.say("MAIL FROM:<jürgen@example.org> SMTPUTF8")
        assert client.say("RCPT TO:<müller@acme.test>").startswith("250 ")
        client.say("DATA")
        assert client.say("x\r\n.").startswith("250 ")

    assert door.mails[0].envelope.mail_from == "jürgen@example.org"


def test_smtputf8_can_be_switched_off(door: ListDoor) -> None:
    with listening(door, SmtpSettings(listen=("127.0.0.1:0",), smtputf8=False)) as listener, Client(listener) as client:
        assert "SMTPUTF8" not in client.say("EHLO client.test")
        assert client.say("MAIL FROM:<ann@example.org> SMTPUTF8").startswith("555 5.5.4 ")


def test_eight_bit_content_comes_through_unchanged(listener: Listener, door: ListDoor) -> None:
    content = b"Subject: x\r\n\r\n" + bytes(set(range(256)) - {10, 13}) + b"\r\n"
    with Client(listener) as client:
        client.begin().send(content + b".\r\n")
        client.reply()

    assert door.mails[0].source == content


def test_a_mail_declared_too_large_is_refused_before_it_is_sent(listener: Listener) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")

        assert client.say("MAIL FROM:<ann@example.org> SIZE=52428801").startswith("552 5.3.4 ")


def test_a_mail_too_large_is_refused_after_its_dot_and_the_next_one_taken(door: ListDoor) -> None:
    settings = SmtpSettings(listen=("127.0.0.1:0",), max_message_bytes=100_000)
    with listening(door, settings) as listener, Client(listener) as client:
        assert client.begin().say("x" * 100_000 + "\r\n.").startswith("552 5.3.4 ")
        assert client.begin().say("x" * 99_998 + "\r\n.").startswith("250 ")

    assert [len(mail.source) for mail in door.mails] == [100_000]


def test_a_mail_that_went_round_in_circles_is_refused(listener: Listener, door: ListDoor) -> None:
    hop = "Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
    with Client(listener) as client:
        assert client.begin().say(hop * 51 + "\r\n.").startswith("554 5.4.6 ")
        assert client.begin().say(hop * 50 + "\r\n" + hop * 9 + ".").startswith("250 ")

    assert len(door.mails) == 1


def test_a_looping_mail_that_lay_in_a_file_leaves_no_file(listener: Listener, tmp_path: Path) -> None:
    with Client(listener) as client:
        reply = client.begin().say("Received: x\r\n" * 51 + "\r\n" + "x" * 200_000 + "\r\n.")
        client.say("QUIT")
    listener.drain(seconds=1)

    assert reply.startswith("554 5.4.6 ") and list(tmp_path.iterdir()) == []


def test_large_mails_arrive_through_a_file_of_the_spool_folder(
    listener: Listener, door: ListDoor, tmp_path: Path
) -> None:
    content = b"Subject: big\r\n\r\n" + b"0123456789abcdef" * 4 * 40_000 + b"\r\n"
    with Client(listener) as client:
        client.begin().send(content + b".\r\n")
        client.reply()

    assert door.mails[0].was_file and door.mails[0].source == content
    assert list(tmp_path.iterdir()) == []


def test_a_spool_that_cannot_be_written_is_451_after_the_whole_mail_was_read(tmp_path: Path) -> None:
    door = ListDoor(tmp_path / "missing")
    with listening(door, SETTINGS) as listener, Client(listener) as client:
        assert client.begin().say("x" * 300_000 + "\r\nMAIL FROM:<evil@x.test>\r\n.") == OUR_FAULT
        assert client.begin().say("small\r\n.").startswith("250 ")

    assert [mail.source for mail in door.mails] == [b"small\r\n"]


def test_very_long_lines_are_taken_as_they_are(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        assert client.begin().say("x" * 50_000 + "\r\n.").startswith("250 ")

    assert door.mails[0].source == b"x" * 50_000 + b"\r\n"


def test_no_room_is_told_before_the_mail_is_sent(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")
        door.room = False
        assert client.say("MAIL FROM:<ann@example.org>") == OUR_FAULT
        door.room = True
        client.say("MAIL FROM:<ann@example.org>")
        client.say(f"RCPT TO:<{DESK}>")
        door.room = False
        assert client.say("DATA") == OUR_FAULT
        door.room = True
        assert client.say("DATA").startswith("354")


@pytest.mark.parametrize(
    "error", [TransientError("db password=hunter2"), PermanentError("x"), OSError(28, "full"), ConnectionError("gone")]
)
def test_whatever_fails_on_our_side_is_451_in_constant_words(
    listener: Listener, door: ListDoor, error: Exception
) -> None:
    door.failing = error
    with Client(listener) as client:
        assert client.begin().say("x\r\n.") == OUR_FAULT
        door.failing = None
        assert client.begin().say("x\r\n.").startswith("250 ")


def test_a_door_that_breaks_while_it_is_asked_is_451_too(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")
        client.say("MAIL FROM:<ann@example.org>")
        for error in (RuntimeError("hunter2"), TimeoutError("hunter2"), ConnectionResetError("hunter2")):
            door.asking_fails = error
            assert client.say(f"RCPT TO:<{DESK}>") == OUR_FAULT
        door.asking_fails = None
        assert client.say(f"RCPT TO:<{DESK}>").startswith("250 ")


@pytest.mark.parametrize("end", [ListDoor.refuse_waiting, ListDoor.give_up_waiting], ids=["failed", "cancelled"])
def test_a_commit_that_ends_badly_is_451(listener: Listener, door: ListDoor, end: object) -> None:
    assert callable(end)
    door.holding = True
    with Client(listener) as client:
        client.begin().send(b"x\r\n.\r\n")
        assert door.wait_for(waiting=1)
        end(door)

        assert client.reply() == OUR_FAULT
        assert client.say("NOOP").startswith("250 ")


def test_a_commit_that_takes_too_long_is_451_and_the_session_goes_on(door: ListDoor) -> None:
    door.holding = True
    settings = SmtpSettings(listen=("127.0.0.1:0",), commit_seconds=0.2)
    with listening(door, settings) as listener, Client(listener) as client:
        assert client.begin().say("x\r\n.") == OUR_FAULT
        assert client.say("NOOP").startswith("250 ")


def test_a_slow_commit_holds_up_nobody_else(listener: Listener, door: ListDoor) -> None:
    door.holding = True
    with Client(listener) as slow, Client(listener) as other:
        slow.begin().send(b"x\r\n.\r\n")
        assert door.wait_for(waiting=1)

        assert other.say("NOOP").startswith("250 ")
        door.release()
        assert slow.reply().startswith("250 ")


def test_250_is_said_only_after_the_mail_is_durable(listener: Listener, door: ListDoor) -> None:
    door.holding = True
    with Client(listener) as client:
        client.begin().send(b"x\r\n.\r\n")
        assert door.wait_for(waiting=1)
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.reply()
        client.socket.settimeout(10)
        door.release()

        assert client.reply() == "250 2.6.0 Kept as 1"


def test_a_client_that_dies_after_its_dot_does_not_stop_the_commit(listener: Listener, door: ListDoor) -> None:
    door.holding = True
    with Client(listener) as client:
        client.begin().send(b"x\r\n.\r\n")
        assert door.wait_for(waiting=1)
    with Client(listener) as other:
        other.say("NOOP")

    assert listener.stats()["committing"] == 1
    door.release()
    assert door.wait_for(mails=1)
    listener.drain(seconds=1)
    assert listener.stats()["kept"] == 1


def test_a_client_that_dies_before_its_dot_leaves_no_mail_and_no_file(
    listener: Listener, door: ListDoor, tmp_path: Path
) -> None:
    with Client(listener) as client:
        client.begin().send(b"x" * 300_000)
        while not list(tmp_path.iterdir()):
            client.send(b"x" * 300_000)
    listener.drain(seconds=1)

    assert door.mails == [] and list(tmp_path.iterdir()) == []
    assert listener.stats()["lost"] == 1


def test_mails_of_trusted_peers_are_marked(door: ListDoor) -> None:
    settings = SmtpSettings(listen=("127.0.0.1:0",), trusted_peers=(ip_network("127.0.0.0/8"),))
    with listening(door, settings) as listener, Client(listener) as client:
        client.begin().say("x\r\n.")

    assert door.mails[0].envelope.trusted


def test_a_taken_port_is_a_clear_error_and_opens_nothing(door: ListDoor, listener: Listener) -> None:
    taken = f"127.0.0.1:{listener.addresses[0].port}"
    second = Listener(SmtpSettings(listen=("127.0.0.1:0", taken)), door)

    with pytest.raises(PermanentError, match=rf"cannot listen on {taken}: another program has it"):
        second.start()


@pytest.mark.parametrize("place", ["localhost", "127.0.0.1:port", "127.0.0.1:70000", "unix:/no/such/folder/socket"])
def test_a_place_that_cannot_be_is_a_clear_error(door: ListDoor, place: str) -> None:
    with pytest.raises(PermanentError, match="cannot listen on"):
        Listener(SmtpSettings(listen=(place,)), door).start()


@pytest.mark.parametrize("place", [":0", "localhost:0", "[::1]:0"])
def test_all_forms_of_places_are_listened_on(door: ListDoor, place: str) -> None:
    with listening(door, SmtpSettings(listen=(place,))) as listener:
        for number, address in enumerate(listener.addresses):
            assert address.port > 0
            with Client(listener, number) as client:
                assert client.say("NOOP").startswith("250 ")


def test_the_log_tells_decisions_and_no_mail_text(
    listener: Listener, door: ListDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="maild.smtp")
    with Client(listener) as client:
        client.begin().say("Subject: secret-canary\r\n\r\nsecret-canary\r\n.")
        client.say("MAIL FROM:<ann@example.org>")
        client.say("RCPT TO:<nobody@acme.test> \u2028x=1")
        client.say("RCPT TO:<nobody@acme.test>")
        door.failing = TransientError("password=hunter2")
        client.say(f"RCPT TO:<{DESK}>")
        client.say("DATA")
        client.say("x\r\n.")
    listener.drain(seconds=1)

    lines = [record.getMessage() for record in caplog.records if record.name == "maild.smtp"]
    assert any(
        line.startswith(f"kept via=smtp peer=127.0.0.1 sender=<ann@example.org> recipients={DESK} inbound=1 ms=")
        for line in lines
    )
    assert "rcpt-refused peer=127.0.0.1 reply='550 5.1.1' argument=TO:<nobody@acme.test>" in lines
    assert any(line.startswith("not-kept via=smtp peer=127.0.0.1 error=TransientError@") for line in lines)
    assert not any("canary" in line or "hunter2" in line or "\u2028" in line for line in lines)
    assert logging.getLogger("mail.log").level == logging.WARNING
