"""What strangers try on the wire (RELIABILITY 2.3): nothing relayed, doubled, leaked, swollen or hung."""

import os
import re
import select
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from maild.errors import TransientError
from maild.intake.listener import Listener
from maild.intake.smtp_settings import BareNewlines, SmtpSettings
from tests.intake.door import DESK, ListDoor
from tests.intake.smtp_client import Client, listening
from tests.intake.test_smtp_envelope_forms import RELAY_FORMS

PLACE = ("127.0.0.1:0",)
MIB = 1024 * 1024
LINE_ENDS = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r", "crcrlf": b"\r\r\n", "lfcr": b"\n\r"}
FALSE_ENDS = {
    f"{before}-dot-{after}": LINE_ENDS[before] + b"." + LINE_ENDS[after]
    for before, after in product(LINE_ENDS, LINE_ENDS)
    if (before, after) != ("crlf", "crlf")
}
SMUGGLED = (
    b"MAIL FROM:<evil@x.test>\r\nRCPT TO:<support@acme.test>\r\nDATA\r\nFrom: evil@x.test\r\n\r\nevil\r\n.\r\nQUIT\r\n"
)
OUR_FAULT = "451 4.3.0 Temporary trouble on our side; please try again later"


@pytest.fixture
def door(tmp_path: Path) -> ListDoor:
    return ListDoor(tmp_path)


@pytest.fixture
def listener(door: ListDoor) -> Iterator[Listener]:
    with listening(door, SmtpSettings(listen=PLACE)) as running:
        yield running


def memory(field: str) -> int:
    """VmRSS or VmHWM of this process in bytes, from /proc."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(rf"{field}:\s+(\d+) kB", status)[0]) * 1024


# --- C1


def test_there_are_24_ways_to_fake_an_end() -> None:
    assert len(FALSE_ENDS) == 24


@pytest.mark.parametrize("mode", list(BareNewlines))
@pytest.mark.parametrize("false_end", FALSE_ENDS.values(), ids=FALSE_ENDS)
def test_a_smuggled_mail_is_never_a_second_mail(door: ListDoor, mode: BareNewlines, false_end: bytes) -> None:
    settings = SmtpSettings(listen=PLACE, bare_newlines=mode)
    with listening(door, settings) as listener, Client(listener) as client:
        client.begin().send(b"Subject: x\r\n\r\nhello" + false_end + SMUGGLED)
        replies = client.replies()

    assert len(door.mails) == (1 if mode is BareNewlines.NORMALISE and "Kept" in replies[0] else 0)
    assert all(mail.envelope.mail_from == "ann@example.org" for mail in door.mails)
    assert replies[0].startswith(("250 ", "550 5.6.11 "))


def test_commands_with_bare_newlines_are_refused(listener: Listener) -> None:
    with Client(listener) as client:
        client.send(b"EHLO client.test\n")
        assert client.reply().startswith("500 5.5.2 ")
        client.send(b"EHLO client.test\rNOOP\r\n")
        assert client.reply().startswith("500 5.5.2 ")


# --- C6


def test_no_form_of_an_address_relays(listener: Listener, door: ListDoor) -> None:
    codes = []
    for form in (*RELAY_FORMS, "x@other.test", "support@acme.test.other.test"):
        with Client(listener) as client:
            client.say("EHLO client.test")
            client.say("MAIL FROM:<ann@example.org>")
            codes.append(client.say(f"RCPT TO:<{form}>")[:9])

    assert len(codes) > 20 and set(codes) <= {"550 5.1.1", "501 5.5.4"}
    assert door.mails == []


# --- C8


def test_one_peer_may_have_so_many_connections_and_others_are_served(door: ListDoor) -> None:
    settings = SmtpSettings(listen=PLACE, max_connections_per_peer=20)
    with listening(door, settings) as listener:
        clients = [Client(listener) for _ in range(20)]
        with Client(listener, greet=False) as refused, Client(listener, source="127.0.0.9") as other:
            assert refused.reply().startswith("421 4.7.0 ") and refused.reply() == ""
            assert other.say("NOOP").startswith("250 ")
        clients.pop().close()
        wait_until(lambda: listener.stats()["open"] == 19)
        clients.append(Client(listener))
        for client in clients:
            client.close()


def test_the_cap_in_all_answers_421(door: ListDoor) -> None:
    settings = SmtpSettings(listen=PLACE, max_connections=3)
    with listening(door, settings) as listener:
        clients = [Client(listener, source=f"127.0.0.{number}") for number in (2, 3, 4)]
        with Client(listener, source="127.0.0.5", greet=False) as refused:
            assert refused.reply().startswith("421 4.7.0 ")
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    "settings",
    [
        SmtpSettings(listen=PLACE, idle_seconds=0.3),
        SmtpSettings(listen=PLACE, first_mail_seconds=0.3),
        SmtpSettings(listen=PLACE, session_seconds=0.3),
    ],
    ids=["idle", "first mail", "session"],
)
def test_a_silent_client_is_sent_away(door: ListDoor, settings: SmtpSettings) -> None:
    with listening(door, settings) as listener, Client(listener) as client:
        client.say("EHLO client.test")

        assert client.reply().startswith("421 4.4.2 ")
        assert client.reply() == ""


@pytest.mark.parametrize(
    "settings",
    [SmtpSettings(listen=PLACE, first_mail_seconds=0.4), SmtpSettings(listen=PLACE, session_seconds=0.4)],
    ids=["first mail", "session"],
)
def test_noop_buys_no_time(door: ListDoor, settings: SmtpSettings) -> None:
    with listening(door, replace(settings, max_commands=10**6)) as listener, Client(listener) as client:
        began = time.monotonic()
        answers = iter(lambda: client.say("NOOP"), "")
        codes = {answer[:3] for answer in until_refused(answers)}

    assert codes == {"250", "421"} and time.monotonic() - began < 5


def test_one_byte_after_the_other_buys_no_time_for_a_command(door: ListDoor) -> None:
    with listening(door, SmtpSettings(listen=PLACE, idle_seconds=0.4)) as listener, Client(listener) as client:
        dripped = drip(client, b"NOOP " + b"x" * 500)

        assert client.reply().startswith("421 4.4.2 ")
        assert dripped < 500


def test_a_mail_slower_than_the_least_data_rate_is_cut(door: ListDoor) -> None:
    settings = SmtpSettings(listen=PLACE, data_grace_seconds=0.3, min_data_rate=10_000)
    with listening(door, settings) as listener, Client(listener) as client:
        dripped = drip(client.begin(), b"x" * 2000)

        assert client.reply().startswith("421 4.4.2 ")
        assert dripped < 2000 and door.mails == []


def test_a_mail_that_is_fast_enough_may_take_longer_than_the_grace(door: ListDoor) -> None:
    settings = SmtpSettings(listen=PLACE, data_grace_seconds=0.05, min_data_rate=500)
    with listening(door, settings) as listener, Client(listener) as client:
        drip(client.begin(), b"x" * 20_000, size=1000)
        client.send(b"\r\n.\r\n")

        assert client.reply().startswith("250 ")


def test_a_client_that_reads_no_answers_is_dropped_and_others_are_served(door: ListDoor) -> None:
    settings = SmtpSettings(listen=PLACE, idle_seconds=0.3, max_commands=10**9)
    with listening(door, settings) as listener, Client(listener) as deaf:
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            send_for_ever(deaf, b"HELP\r\n" * 10_000)

        with Client(listener) as other:
            assert other.say("NOOP").startswith("250 ")


def test_two_hundred_slow_clients_leave_an_innocent_one_its_speed(door: ListDoor) -> None:
    settings = SmtpSettings(listen=PLACE, max_connections=250)
    with listening(door, settings) as listener:
        slow = [Client(listener, source=f"127.0.1.{number // 20 + 1}") for number in range(200)]
        for client in slow:
            client.send(b"EHL")
        began = time.monotonic()
        with Client(listener) as innocent:
            assert innocent.begin().say("x\r\n.").startswith("250 ")
        took = time.monotonic() - began
        for client in slow:
            client.close()

    assert took < 1


# --- C9, C10


@pytest.mark.parametrize(
    ("block", "megabytes", "reply"),
    [
        (b"\r\n" * 32_768, 31, "552 5.3.4"),
        (b"\n" * 65_536, 31, "552 5.3.4"),
        (b"x" * 65_536, 300, "552 5.3.4"),
        (b"..\r\n" * 16_384, 31, "552 5.3.4"),
        (b"x" * 65_534 + b"\r\n", 9, "250 2.6.0"),
    ],
    ids=["empty lines", "bare newlines", "endless line", "dots", "within the limit"],
)
def test_memory_stays_small_whatever_the_lines_are(door: ListDoor, block: bytes, megabytes: int, reply: str) -> None:
    settings = SmtpSettings(listen=PLACE, max_message_bytes=10 * MIB)
    with listening(door, settings) as listener, Client(listener) as client, Client(listener) as other:
        client.begin()
        Path("/proc/self/clear_refs").write_text("5")
        before = memory("VmRSS")
        for number in range(megabytes * 16):
            client.send(block)
            if number % 100 == 0:
                assert other.say("RSET").startswith("250 ")
        client.send(b"\r\n.\r\n")
        answer = client.reply()
        peak = memory("VmHWM")

    assert answer.startswith(reply)
    # The door's list holds the mail that was taken; the listener itself needs far less.
    assert peak - before < 30 * MIB


def test_the_101st_recipient_is_put_off_and_the_mail_taken(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        client.say("EHLO client.test")
        client.say("MAIL FROM:<ann@example.org>")
        codes = [client.say(f"RCPT TO:<support+{number}@acme.test>")[:9] for number in range(150)]
        client.say("DATA")
        client.say("x\r\n.")

    assert codes == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 50
    assert len(door.mails[0].envelope.rcpt_to) == 100


def test_a_session_has_only_so_many_commands(door: ListDoor) -> None:
    with listening(door, SmtpSettings(listen=PLACE, max_commands=50)) as listener, Client(listener) as client:
        client.send(b"NOOP\r\n" * 60)
        codes = [reply[:9] for reply in client.replies()]

    assert codes == ["250 2.0.0"] * 50 + ["421 4.7.0"]


# --- C11, C12, C13


def test_a_proxy_header_is_no_command(listener: Listener, door: ListDoor) -> None:
    with Client(listener) as client:
        assert client.say("PROXY TCP4 192.0.2.1 192.0.2.2 25 25").startswith("500 ")
        client.begin().say("x\r\n.")

    assert door.mails[0].envelope.peer == "127.0.0.1"


def test_replies_tell_nothing_of_our_inside(listener: Listener, door: ListDoor) -> None:
    door.asking_fails = RuntimeError("db password=hunter2 is down")
    door.failing = TransientError("db password=hunter2 is down")
    with Client(listener, greet=False) as client:
        banner = client.reply()
        client.say("EHLO client.test")
        client.say("MAIL FROM:<ann@example.org>")
        asked = client.say(f"RCPT TO:<{DESK}>")
        door.asking_fails = None
        client.say(f"RCPT TO:<{DESK}>")
        client.say("DATA")
        kept = client.say("x\r\n.")

    assert banner == "220 localhost ESMTP"
    assert (asked, kept) == (OUR_FAULT, OUR_FAULT)


GARBAGE = [
    b"\r\n",
    b" \r\n",
    b"\x00\r\n",
    b"\xff\xfe\r\n",
    b"EHLO\x00x\r\n",
    b"EHLO \xff\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
    b"NOOP" * 1000 + b"\r\n",
    b"x" * 100_000 + b"\r\n",
    b"MAIL FROM:<" + b"a" * 2100 + b"@x.test>\r\n",
    b"AUTH PLAIN " + b"A" * 13_000 + b"\r\n",
    b"MAIL\r\n",
    b"MAIL FROM\r\n",
    b"MAIL FROM:\r\n",
    b"MAIL FROM:<\r\n",
    b"MAIL FROM:>\r\n",
    b'MAIL FROM:<"\r\n',
    b'MAIL FROM:<""@x.test>\r\n',
    b"MAIL FROM:<@>\r\n",
    b"MAIL FROM:<a@b.test> =\r\n",
    b"MAIL FROM:<a@b.test> SIZE=1=1\r\n",
    b"MAIL FROM:<a@b.test> \xe2\x80\xa8\r\n",
    b"RCPT\r\n",
    b"RCPT TO:\r\n",
    b"RCPT TO:<>\r\n",
    b"RCPT TO:<a@b.test>\r\n",
    b"DATA\r\n",
    b"DATA x\r\n",
    b"BDAT 10 LAST\r\n",
    b"STARTTLS\r\n",
    b"STARTTLS x\r\n",
    b"AUTH\r\n",
    b"AUTH PLAIN AGEAYg==\r\n",
    b"LHLO x\r\n",
    b"HELO\r\n",
    b"EHLO\r\n",
    b"ETRN x\r\n",
    b"TURN\r\n",
    b"XCLIENT ADDR=192.0.2.1\r\n",
    b"XFORWARD ADDR=192.0.2.1\r\n",
    b"SEND FROM:<a@b.test>\r\n",
    b"RSET x\r\n",
    b"QUIT x\r\n",
    b".\r\n",
    b"..\r\n",
    b"250 OK\r\n",
    b"From: a@b.test\r\n",
    b"__class__\r\n",
    b"handle_exception\r\n",
    b"EHLO client.test\n",
    b"NOOP\r\r\n",
    b"NO\nOP\r\n",
    b"\tNOOP\r\n",
    b"NOOP\tx\r\n",
    b" NOOP\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\n\r\nMAIL FROM:<a@b.test>\r\n",
    b"CONNECT x:25 HTTP/1.0\r\n\r\n",
    b"*1\r\n$4\r\nPING\r\n",
    b"USER anonymous\r\n",
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_and_leaves_the_listener_alone(listener: Listener, garbage: bytes) -> None:
    assert len(GARBAGE) == 60
    with Client(listener) as client:
        client.send(garbage)
        assert client.reply()[:4] in {"500 ", "501 ", "502 ", "503 ", "504 ", "553 ", "555 ", "421 "}
    with Client(listener) as other:
        assert other.say("NOOP").startswith("250 ")
    assert listener.stats()["failed"] == 0


def test_twenty_errors_end_a_session(listener: Listener) -> None:
    with Client(listener) as client:
        client.send(b"XYZZY\r\n" * 30)
        codes = [reply[:9] for reply in client.replies()]

    assert codes == ["500 5.5.1"] * 20 + ["421 4.7.0"]


def test_browsers_are_sent_away_at_once(listener: Listener) -> None:
    with Client(listener) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\nMAIL FROM:<a@b.test>\r\n")

        assert [reply[:9] for reply in client.replies()] == ["421 4.7.0"]


def test_bytes_sent_before_the_greeting_do_no_harm(listener: Listener, door: ListDoor) -> None:
    with Client(listener, greet=False) as client:
        client.send(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<support@acme.test>\r\nDATA\r\n")
        client.send(b"x\r\n.\r\nQUIT\r\n")

        assert [reply[:3] for reply in client.replies()] == ["220", "250", "250", "250", "354", "250", "221"]
    assert len(door.mails) == 1


def test_connections_that_come_and_go_leave_nothing_behind(listener: Listener) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(200):
        Client(listener, greet=False).close()
    wait_until(lambda: listener.stats()["open"] == 0 and listener.stats()["connections"] == 200)

    wait_until(lambda: len(os.listdir("/proc/self/fd")) <= before)


# --- what the tests above lean on


def until_refused(answers: Iterator[str]) -> Iterator[str]:
    for answer in answers:
        yield answer
        if not answer.startswith("250"):
            return


def drip(client: Client, data: bytes, size: int = 1, gap: float = 0.01) -> int:
    """Sends piece by piece until all is sent or an answer comes; how many bytes went out."""
    pause = threading.Event()
    client.socket.setblocking(False)
    try:
        for start in range(0, len(data), size):
            if has_answer(client):
                return start
            client.send(data[start : start + size])
            pause.wait(gap)
    finally:
        client.socket.settimeout(10)
    return len(data)


def send_for_ever(client: Client, data: bytes) -> None:
    while True:
        client.send(data)


def has_answer(client: Client) -> bool:
    return bool(select.select([client.socket], [], [], 0)[0])


def wait_until(condition: object, seconds: float = 5) -> None:
    assert callable(condition)
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        pause.wait(0.01)
