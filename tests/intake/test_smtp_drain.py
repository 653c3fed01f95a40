"""The listener's gentle end (RELIABILITY F05, R13): each client gets 250 or 421, none is cut after its dot."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maild.intake.listener import Listener
from maild.intake.smtp_settings import SmtpSettings
from tests.intake.door import ListDoor
from tests.intake.smtp_client import Client

SETTINGS = SmtpSettings(listen=("127.0.0.1:0",), max_connections_per_peer=100)


@pytest.fixture
def door(tmp_path: Path) -> ListDoor:
    return ListDoor(tmp_path)


@pytest.fixture
def listener(door: ListDoor) -> Listener:
    running = Listener(SETTINGS, door)
    running.start()
    return running


def draining(listener: Listener, seconds: float) -> threading.Thread:
    """A drain under way: its ports are closed already."""
    thread = threading.Thread(target=listener.drain, args=(seconds,))
    thread.start()
    deadline, pause = time.monotonic() + 5, threading.Event()
    while is_open(listener):
        assert time.monotonic() < deadline
        pause.wait(0.005)
    return thread


def is_open(listener: Listener) -> bool:
    try:
        Client(listener, greet=False).close()
    except ConnectionError:
        return False
    return True


def test_an_idle_listener_is_gone_at_once(listener: Listener) -> None:
    began = time.monotonic()

    listener.drain(seconds=10)

    assert time.monotonic() - began < 1 and not is_open(listener)
    listener.drain(seconds=10)


def test_a_listener_that_never_started_can_be_drained(door: ListDoor) -> None:
    Listener(SETTINGS, door).drain(seconds=1)


def test_silent_clients_are_told_421_and_not_waited_for(listener: Listener) -> None:
    with Client(listener) as silent, Client(listener) as begun:
        begun.say("EHLO client.test")
        begun.say("MAIL FROM:<ann@example.org>")

        thread = draining(listener, seconds=30)

        assert silent.reply().startswith("421 4.3.2 ") and begun.reply().startswith("421 4.3.2 ")
        thread.join(5)
        assert not thread.is_alive()


def test_a_mail_under_way_is_taken_and_the_next_command_told_421(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        client.begin().send(b"Subject: x\r\n")
        thread = draining(listener, seconds=10)
        client.send(b"\r\nmore\r\n.\r\nMAIL FROM:<ann@example.org>\r\n")

        assert [reply[:9] for reply in client.replies()] == ["250 2.6.0", "421 4.3.2"]
        thread.join(5)
        assert not thread.is_alive() and len(door.mails) == 1


def test_a_mail_that_never_ends_is_cut_with_421_when_the_time_is_over(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        client.begin().send(b"Subject: x\r\n")
        thread = draining(listener, seconds=0.2)

        assert [reply[:9] for reply in client.replies()] == ["421 4.3.2"]
        thread.join(5)
        assert not thread.is_alive() and door.mails == []


def test_a_mail_after_its_dot_is_waited_for_beyond_the_time(listener: Listener, door: ListDoor) -> None:
    door.holding = True
    with Client(listener) as client:
        client.begin().send(b"x\r\n.\r\n")
        assert door.wait_for(waiting=1)
        thread = draining(listener, seconds=0.05)
        thread.join(0.5)
        assert thread.is_alive()
        door.release()

        assert [reply[:9] for reply in client.replies()] == ["250 2.6.0", "421 4.3.2"]
        thread.join(5)
        assert not thread.is_alive()


def test_under_load_every_mail_is_answered_and_every_250_is_kept(listener: Listener, door: ListDoor) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(20) as senders:
        running = [senders.submit(send_until_421, listener, number, stop) for number in range(20)]
        assert door.wait_for(mails=200)

        listener.drain(seconds=10)
        stop.set()
        acknowledged = [token for sender in running for token in sender.result(10)]

    kept = sorted(re.findall(rb"X-Token: (\S+)", b"".join(mail.source for mail in door.mails)))
    assert kept == sorted(acknowledged) and len(set(kept)) == len(kept) >= 200


def send_until_421(listener: Listener, number: int, stop: threading.Event) -> list[bytes]:
    """The tokens that were answered 250. Fails when the connection ends without an answer after the dot."""
    acknowledged: list[bytes] = []
    with Client(listener) as client:
        client.say("EHLO client.test")
        while not stop.is_set():
            token = f"{number}-{len(acknowledged)}"
            client.send(b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<support@acme.test>\r\nDATA\r\n")
            codes = [client.reply()[:3] for _ in range(3)]
            if codes[-1] != "354":
                assert "421" in codes, codes
                return acknowledged
            answer = client.say(f"X-Token: {token}\r\n\r\n{'x' * 4000}\r\n.")
            assert answer.startswith("250 "), answer
            acknowledged.append(token.encode())
    return acknowledged
