"""Where a relay offers PIPELINING (RFC 2920) three commands leave at once, and no refusal among them is overlooked."""

import socket
import threading

import pytest
from relay_scripted import CLOSE, ScriptedRelay

from maild.errors import MaildError, PermanentError, RelayError, TransientError
from maild.transport import TransportOptions, open_transport

OPTIONS = TransportOptions(timeout=5, after_dot=5, helo="desk.test")
HELLO = "250-relay.test\r\n250 PIPELINING"
CONTENT = b"Subject: x\r\n\r\nHello\r\n"
SENDER, RECIPIENT = "bounces@acme.test", "mira@shop.test"
EMPTY, WHOLE = b".\r\n", CONTENT + b".\r\n"
Script = dict[str, str | bytes | list[str | bytes]]


def nothing() -> None:
    """No mark is needed here."""


def never() -> None:
    raise AssertionError("the final dot was about to go out")


def test_mail_rcpt_and_data_leave_in_one_write_and_the_content_waits_for_its_354() -> None:
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(10)
                peer.sendall(b"220 hi\r\n")
                peer.recv(1000)
                peer.sendall(b"250-relay.test\r\n250 PIPELINING\r\n")
                seen.append(peer.recv(1000))
                peer.sendall(b"250 ok\r\n250 ok\r\n")
                peer.settimeout(0.2)
                try:
                    seen.append(peer.recv(1000))
                except TimeoutError:
                    seen.append(b"")
                peer.settimeout(10)
                peer.sendall(b"354 go on\r\n")
                while not seen[-1].endswith(b"\r\n.\r\n"):
                    seen[-1] += peer.recv(1000)
                peer.sendall(b"250 taken\r\n")
                peer.recv(1000)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        transport = open_transport(f"smtp://127.0.0.1:{listener.getsockname()[1]}", OPTIONS)
        answer = transport.send(SENDER, RECIPIENT, CONTENT, nothing)
        transport.close()
        server.join(10)

    assert answer == "250 taken"
    assert seen == [b"MAIL FROM:<%b>\r\nRCPT TO:<%b>\r\nDATA\r\n" % (SENDER.encode(), RECIPIENT.encode()), WHOLE]


def refused(script: Script, *, then: int = 1) -> tuple[MaildError, ScriptedRelay]:
    """What the first mail met, and the relay after one more mail."""
    with ScriptedRelay({"EHLO": HELLO} | script) as relay:
        transport = open_transport(relay.url(), OPTIONS)
        with pytest.raises(MaildError) as caught:
            transport.send(SENDER, RECIPIENT, CONTENT, never)
        for _ in range(then):
            transport.send(SENDER, "jo@shop.test", CONTENT, nothing)
        transport.close()
    return caught.value, relay


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 5.1.1 unknown", PermanentError), ("450 4.2.0 greylisted", TransientError)]
)
def test_a_refused_recipient_whose_data_is_let_through_gets_an_empty_mail_to_nobody(
    answer: str, kind: type[MaildError]
) -> None:
    error, relay = refused({"RCPT": [answer], "dot": ["554 5.5.1 no valid recipients"]})

    assert type(error) is kind and answer in str(error)
    assert relay.contents == [EMPTY, WHOLE]
    assert relay.connections == 1


def test_a_refused_recipient_whose_data_is_refused_too_is_told_by_his_own_refusal() -> None:
    error, relay = refused({"RCPT": ["550 5.1.1 unknown"], "DATA": ["503 5.5.1 no valid recipients"]})

    assert "550 5.1.1 unknown" in str(error)
    assert relay.contents == [WHOLE]
    assert relay.connections == 1


def test_a_refused_sender_is_told_by_that_and_not_by_what_follows_from_it() -> None:
    error, relay = refused(
        {"MAIL": ["552 5.3.4 too big"], "RCPT": ["503 5.5.1 MAIL first"], "DATA": ["503 5.5.1 RCPT first"]}
    )

    assert type(error) is PermanentError and "552 5.3.4 too big" in str(error)
    assert relay.connections == 1


def test_nothing_is_sent_to_a_recipient_who_was_taken_though_the_sender_was_refused() -> None:
    _, relay = refused({"MAIL": ["451 4.3.0 later"]})

    assert relay.contents == [WHOLE]
    assert relay.connections == 2


@pytest.mark.parametrize(
    "script",
    [
        pytest.param({"DATA": [CLOSE]}, id="closed-at-data"),
        pytest.param({"DATA": ["421 4.3.2 going down"]}, id="421-at-data"),
        pytest.param({"DATA": [b"garbage\r\n"]}, id="garbage-at-data"),
        pytest.param({"dot": [CLOSE]}, id="closed-at-the-empty-mail"),
        pytest.param({"dot": ["421 4.3.2 going down"]}, id="421-at-the-empty-mail"),
    ],
)
def test_a_refused_recipient_stays_refused_when_the_connection_ends_behind_him(script: Script) -> None:
    error, relay = refused({"RCPT": ["550 5.1.1 unknown"]} | script)

    assert type(error) is PermanentError
    assert relay.contents[-1] == WHOLE
    assert relay.connections == 2


def test_a_relay_that_goes_down_between_the_answers_is_the_relays_failure() -> None:
    error, relay = refused({"RCPT": ["421 4.3.2 going down"]})

    assert type(error) is RelayError
    assert relay.connections == 2


def test_many_mails_follow_each_other_on_one_connection_in_order() -> None:
    with ScriptedRelay({"EHLO": HELLO}) as relay:
        transport = open_transport(relay.url(), OPTIONS)
        for number in range(20):
            transport.send(SENDER, f"{number}@shop.test", CONTENT, nothing)
        transport.close()

    assert relay.connections == 1
    assert [line for line in relay.commands if line.startswith("RCPT")] == [
        f"RCPT TO:<{number}@shop.test>" for number in range(20)
    ]
    assert relay.contents == [WHOLE] * 20
