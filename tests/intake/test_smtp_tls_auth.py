"""STARTTLS, implicit TLS and AUTH for agents (RELIABILITY A16, C3)."""

import base64
import os
import smtplib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from maild.errors import PermanentError
from maild.intake.listener import Listener
from maild.intake.smtp_settings import SmtpSettings, Tls
from tests.intake.door import DESK, ListDoor
from tests.intake.smtp_client import Client, listening

PLAIN = base64.b64encode(b"\0alice\0correct horse").decode()
WRONG = base64.b64encode(b"\0alice\0wrong").decode()
STRANGER = base64.b64encode(b"\0mallory\0wrong").decode()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("tls"))


def certificate(folder: Path) -> Tls:
    files = Tls(folder / "cert.pem", folder / "key.pem")
    words = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {files.key}"
    words += f" -out {files.certificate} -days 2 -subj /CN=desk.acme.test"
    subprocess.run(words.split(), check=True, capture_output=True)
    return files


@pytest.fixture
def door(tmp_path: Path) -> ListDoor:
    return ListDoor(tmp_path)


@pytest.fixture
def settings(tls: Tls) -> SmtpSettings:
    return SmtpSettings(listen=("127.0.0.1:0",), tls_listen=("127.0.0.1:0",), tls=tls, auth_enabled=True)


@pytest.fixture
def listener(door: ListDoor, settings: SmtpSettings) -> Iterator[Listener]:
    with listening(door, settings) as running:
        yield running


def shown_certificate(listener: Listener, place: int) -> bytes | None:
    with Client(listener, place, greet=False) as client:
        if place == 0:
            client.reply()
            client.say("STARTTLS")
        client.start_tls()
        assert isinstance(client.socket, ssl.SSLSocket)
        return client.socket.getpeercert(binary_form=True)


def unchecked() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def secured(listener: Listener) -> Client:
    client = Client(listener)
    client.say("EHLO client.test")
    assert client.say("STARTTLS").startswith("220 ")
    client.start_tls()
    client.say("EHLO client.test")
    return client


def connected_by_tls(host: str, port: int, *, implicit: bool) -> smtplib.SMTP:
    if implicit:
        return smtplib.SMTP_SSL(host, port, context=unchecked())
    client = smtplib.SMTP(host, port)
    client.starttls(context=unchecked())
    return client


def test_an_agent_logs_in_after_starttls_and_is_named_in_the_envelope(listener: Listener, door: ListDoor) -> None:
    address = listener.addresses[0]
    with smtplib.SMTP(address.host, address.port) as client:
        client.ehlo()
        assert client.has_extn("starttls") and not client.has_extn("auth")
        client.starttls(context=unchecked())
        client.login("alice", "correct horse")
        assert client.has_extn("auth") and not client.has_extn("starttls")
        client.sendmail("alice@acme.test", [DESK], b"Subject: x\r\n\r\nx\r\n" + b"x" * 300_000)

    assert door.mails[0].envelope.authenticated_as == "alice" and door.mails[0].was_file


def test_implicit_tls_is_spoken_on_its_port(listener: Listener, door: ListDoor) -> None:
    address = listener.addresses[1]
    with smtplib.SMTP_SSL(address.host, address.port, context=unchecked()) as client:
        client.login("alice", "correct horse")
        client.sendmail("alice@acme.test", [DESK], b"Subject: x\r\n\r\nx\r\n")

    assert door.mails[0].envelope.authenticated_as == "alice"


@pytest.mark.parametrize("place", [0, 1], ids=["starttls", "implicit"])
def test_a_large_mail_comes_whole_through_tls(listener: Listener, door: ListDoor, place: int) -> None:
    address = listener.addresses[place]
    large = b"Subject: x\r\n\r\n" + base64.encodebytes(os.urandom(4_000_000)).replace(b"\n", b"\r\n")

    with connected_by_tls(address.host, address.port, implicit=place == 1) as client:
        client.sendmail("ann@example.org", [DESK], large)

    assert [mail.source for mail in door.mails] == [large]


def test_a_login_gives_no_right_to_relay(listener: Listener) -> None:
    with secured(listener) as client:
        client.say(f"AUTH PLAIN {PLAIN}")
        client.say("MAIL FROM:<alice@acme.test> AUTH=<>")

        assert client.say("RCPT TO:<bob@example.org>").startswith("550 5.1.1 ")


def test_passwords_are_not_taken_without_tls(listener: Listener) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")

        assert client.say(f"AUTH PLAIN {PLAIN}").startswith("538 5.7.11 ")


def test_a_closed_network_may_allow_passwords_without_tls(door: ListDoor) -> None:
    open_settings = SmtpSettings(listen=("127.0.0.1:0",), auth_enabled=True, require_tls_for_auth=False)
    with listening(door, open_settings) as listener, Client(listener) as client:
        assert "250-AUTH PLAIN LOGIN" in client.say("EHLO client.test")
        assert client.say("AUTH LOGIN") == "334 VXNlcm5hbWU6"
        assert client.say(base64.b64encode(b"alice").decode()) == "334 UGFzc3dvcmQ6"
        assert client.say(base64.b64encode(b"correct horse").decode()) == "235 2.7.0 Logged in"
        assert client.say(f"AUTH PLAIN {PLAIN}").startswith("503 ")


def test_the_dialogue_of_auth_in_its_oddities(listener: Listener) -> None:
    with secured(listener) as client:
        assert client.say("AUTH").startswith("504 5.5.4 ")
        assert client.say("AUTH CRAM-MD5").startswith("504 5.5.4 ")
        assert client.say("AUTH PLAIN !!!").startswith("501 5.5.2 ")
        assert client.say("AUTH PLAIN =").startswith("501 5.5.2 ")
        assert client.say("AUTH PLAIN") == "334 "
        assert client.say("*").startswith("501 5.7.0 ")
        assert client.say("AUTH LOGIN").startswith("334 ")
        assert client.say("YQ==").startswith("334 ")
        assert client.say("*").startswith("501 5.7.0 ")
        client.say("MAIL FROM:<alice@acme.test>")
        assert client.say(f"AUTH PLAIN {PLAIN}").startswith("503 ")
        client.say("RSET")
        assert client.say("AUTH PLAIN") == "334 "
        assert client.say(PLAIN) == "235 2.7.0 Logged in"


def test_the_third_wrong_password_ends_the_session_and_the_peer_must_wait(listener: Listener) -> None:
    with secured(listener) as client:
        codes = [client.say(f"AUTH PLAIN {guess}")[:10] for guess in (WRONG, STRANGER, WRONG)]
        assert client.reply() == ""
    with secured(listener) as again:
        codes.append(again.say(f"AUTH PLAIN {PLAIN}")[:10])

    assert codes == ["535 5.7.8 ", "535 5.7.8 ", "421 4.7.0 ", "421 4.7.0 "]


def test_unknown_users_and_wrong_passwords_get_the_same_words(listener: Listener) -> None:
    with secured(listener) as client:
        assert client.say(f"AUTH PLAIN {WRONG}") == client.say(f"AUTH PLAIN {STRANGER}")


def test_passwords_are_checked_beside_the_loop(listener: Listener, door: ListDoor) -> None:
    with secured(listener) as client:
        client.say(f"AUTH PLAIN {PLAIN}")

    names = {thread.ident: thread.name for thread in threading.enumerate()}
    assert door.login_threads
    assert all(names.get(ident, "").startswith("maild-smtp-file") for ident in door.login_threads)


def test_commands_sent_together_with_starttls_are_thrown_away(listener: Listener) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")
        client.send(b"STARTTLS\r\nEHLO injected.test\r\nMAIL FROM:<evil@x.test>\r\n")
        assert client.reply().startswith("220 ")
        client.start_tls()

        assert client.say("MAIL FROM:<ann@example.org>").startswith("503 5.5.1 ")
        assert client.say("EHLO client.test").startswith("250-")
        assert client.say("MAIL FROM:<ann@example.org>").startswith("250 ")


def test_what_was_said_before_tls_is_forgotten(listener: Listener) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")
        client.say("MAIL FROM:<ann@example.org>")
        client.say("STARTTLS")
        client.start_tls()

        assert client.say(f"RCPT TO:<{DESK}>").startswith("503 ")
        client.say("EHLO client.test")
        assert client.say("STARTTLS").startswith("503 ")


@pytest.mark.parametrize("hello", [b"not a handshake\r\n" * 10, b""], ids=["garbage", "silence"])
def test_a_failed_handshake_ends_the_connection(door: ListDoor, settings: SmtpSettings, hello: bytes) -> None:
    with listening(door, replace(settings, idle_seconds=0.3)) as listener:
        with Client(listener) as client:
            client.say("EHLO client.test")
            client.say("STARTTLS")
            client.send(hello)
            while client.socket.recv(1000):
                pass
        with secured(listener) as other:
            assert other.say("NOOP").startswith("250 ")


def test_draining_says_421_through_tls(listener: Listener) -> None:
    with secured(listener) as client:
        thread = threading.Thread(target=listener.drain, args=(10,))
        thread.start()

        assert client.reply().startswith("421 4.3.2 ")
        client.close()
        thread.join(5)
        assert not thread.is_alive()


def test_new_settings_and_a_new_certificate_hold_for_new_sessions(
    listener: Listener, settings: SmtpSettings, tmp_path: Path
) -> None:
    before = [shown_certificate(listener, place) for place in (0, 1)]
    with Client(listener) as old:
        listener.reconfigure(replace(settings, max_message_bytes=1234, tls=certificate(tmp_path)))

        after = [shown_certificate(listener, place) for place in (0, 1)]
        assert before[0] == before[1] and after[0] == after[1] and before != after
        assert "SIZE 52428800" in old.say("EHLO client.test")
        with Client(listener) as new:
            assert "SIZE 1234" in new.say("EHLO client.test")
        with pytest.raises(PermanentError, match="cannot use TLS certificate"):
            listener.reconfigure(replace(settings, tls=Tls(tmp_path / "no.pem", tmp_path / "no.key")))
        assert old.say("NOOP").startswith("250 ")


def test_a_missing_certificate_is_a_clear_error(door: ListDoor, tmp_path: Path) -> None:
    nowhere = Tls(tmp_path / "cert.pem", tmp_path / "key.pem")

    with pytest.raises(PermanentError, match=r"cannot use TLS certificate .*cert\.pem"):
        Listener(SmtpSettings(listen=("127.0.0.1:0",), tls=nowhere), door).start()
    with pytest.raises(PermanentError, match="no certificate is configured"):
        Listener(SmtpSettings(tls_listen=("127.0.0.1:0",)), door).start()
