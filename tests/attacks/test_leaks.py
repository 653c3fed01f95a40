"""RELIABILITY 2.6, leak by leak: nobody reads what was not written for him (F1-F7, F9).

One short test each, at the desk with its real rooms; the long ones stand beside the code that they are about.
"""

import base64
import json
import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from maild.cli.options import log_to_stderr
from maild.cli.ticket_json import ticket_json
from maild.desk.front_door import FrontDoor
from maild.desk.verifier import Verifier
from maild.intake.smtp_settings import SmtpSettings
from tests.attacks.signing import rsa_key, signed, zone
from tests.desk_driver import DeskDriver, Sent, written
from tests.intake.door import ListDoor
from tests.intake.smtp_client import Client, listening

JANE, CARL, DAVE = "jane@customer.test", "carl@other.test", "dave@third.test"
ALICE = "alice@acme.test"
NOTE = "CANARY-7391 she has not paid for three months and must not know that we look at her account"


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str) -> Iterator[DeskDriver]:
    """Jane's ticket TICK-1001 is Alice's."""
    driver = DeskDriver(tmp_path, sqlite_url)
    driver.receive(written(author=f"Jane Doe <{JANE}>"))
    driver.do(1001, "#assign alice", "bob")
    yield driver
    driver.close()


def told(desk: DeskDriver, address: str, event: str) -> Sent:
    return [sent for sent in desk.relay.to(address) if sent.event == event][-1]


def leaks(desk: DeskDriver, address: str, *words: str) -> list[str]:
    """Which of these words anything sent to this address holds, in any part, header or envelope."""
    read = "\n".join(sent.everything + sent.mail_from for sent in desk.relay.to(address)).casefold()
    return [each for each in words if each.casefold() in read]


def test_f1_an_answer_to_a_notes_notification_is_a_note(desk: DeskDriver) -> None:
    desk.do(1001, f"#note {NOTE}", "bob")

    desk.answer(told(desk, ALICE, "note"), "CANARY-2 I see, thank you.", author=ALICE)

    assert [each.visibility for each in desk.messages()] == ["public", "internal", "internal"]
    assert leaks(desk, JANE, "CANARY") == []


def test_f2_a_quoted_notification_stays_behind_and_repeated_words_are_held(desk: DeskDriver) -> None:
    desk.do(1001, f"#note {NOTE}", "bob")
    notice = told(desk, ALICE, "assignment")

    quoted = desk.answer(notice, "Unplug it.", author=ALICE)
    repeated = desk.answer(notice, f"Between us: {NOTE}", author=ALICE)

    assert (quoted.state, repeated.state) == ("filed", "held")
    assert "Unplug it." in told(desk, JANE, "answer").text
    assert leaks(desk, JANE, "CANARY", notice["Reply-To"].partition("+")[2].partition("@")[0]) == []
    assert told(desk, ALICE, "held")


def test_f3_customers_in_blind_copy_never_learn_of_each_other(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE, subject="Offer", headers=f"Bcc: {CARL}\n"), rcpt_to=("support@acme.test",))
    desk.receive(written(author=CARL, subject="Offer"))
    desk.do(1002, "#reply To Jane.", "alice")
    desk.do(1003, "#reply To Carl.", "alice")

    assert (desk.ticket(1002).participants, desk.ticket(1003).participants) == ((), ())
    assert leaks(desk, JANE, CARL, "To Carl.") == []
    assert leaks(desk, CARL, JANE, "To Jane.") == []


def test_f4_a_customer_reads_nothing_of_an_agents_own_mail_but_his_words(desk: DeskDriver) -> None:
    private = (
        "Received: from laptop.alices-home.test ([198.51.100.7]) by out.alices-home.test; Mon, 2 Mar 2026 09:00:00 +0000\n"
        "X-Originating-IP: 198.51.100.7\nSender: ardent@alices-home.test\nX-Mailer: Mutt\nUser-Agent: Mutt\n"
    )
    address = told(desk, ALICE, "assignment")["Reply-To"].rpartition("<")[2].rstrip(">")
    words = f"Unplug it, says {ALICE}.\n\n-- \nAlice Ardent\n{ALICE}\n"

    own_id = "<1.laptop@alices-home.test>"
    headers = f"In-Reply-To: {told(desk, ALICE, 'assignment')['Message-ID']}\n{private}"
    desk.receive(written(author=ALICE, to=address, body=words, headers=headers, message_id=own_id), rcpt_to=(address,))

    assert "Unplug it" in told(desk, JANE, "answer").text
    assert leaks(desk, JANE, "alices-home", "198.51.100.7", "Mutt", ALICE, "Ardent") == []


def test_f5_two_customers_of_one_trouble_read_their_own_words_only(desk: DeskDriver) -> None:
    desk.receive(written(author=CARL, subject="Printer on fire", body="CARLS-SECRET number is 17.\n"))

    desk.do(1001, "#reply JANES-ANSWER", "alice")
    desk.do(1002, "#reply CARLS-ANSWER", "alice")
    desk.receive(written(author=JANE, subject="Re: [TICK-1002] Printer on fire", body="JANES-SECRET is 18.\n"))

    assert leaks(desk, JANE, "CARLS-", CARL) == []
    assert leaks(desk, CARL, "JANES-", JANE) == []


def test_f5_customers_whose_tickets_were_merged_read_their_own_and_public_words_only(desk: DeskDriver) -> None:
    # given: three customers with one trouble
    customers = {JANE: "JANES", CARL: "CARLS", DAVE: "DAVES"}
    for number, address in ((1002, CARL), (1003, DAVE)):
        secret = f"{customers[address]}-SECRET is mine.\n"
        desk.receive(written(author=address, subject=f"It burns at {address}", body=secret))
        desk.do(number, "#merge TICK-1001", "alice")
    # when: each writes again into his own thread, and an agent answers all and notes something
    for address, name in customers.items():
        ack = next(sent for sent in desk.relay.to(address) if sent.event == "acknowledgement")
        desk.answer(ack, f"{name}-SECRET-TOO", author=address)
    desk.do(1001, f"#note {NOTE}", "bob")
    desk.do(1001, "#reply PUBLIC-ANSWER", "alice")
    # then
    for address in customers:
        others = [f"{name}-SECRET" for reader, name in customers.items() if reader != address]
        assert leaks(desk, address, "CANARY", *others) == []
        assert leaks(desk, address, "PUBLIC-ANSWER")


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """All that the program logs at its most talkative, as an operator's file would have it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    log_to_stderr(logging.DEBUG)
    written_to = StringIO()
    root.handlers[0].setStream(written_to)  # type: ignore[attr-defined]
    yield written_to
    root.handlers[:] = before
    root.setLevel(level)


def test_f6_no_password_token_or_word_of_a_mail_is_logged(desk: DeskDriver, lines: StringIO, tmp_path: Path) -> None:
    # given: a desk that logs everything it can, and checks signatures
    desk.worker.checks = Verifier(zone())
    secret = base64.b64encode(b"\0alice\0PASSWORD-CANARY").decode()
    token = told(desk, ALICE, "assignment")["Reply-To"].partition("+")[2].partition("@")[0]
    # when: a login, right and wrong, and mails by SMTP, held, filed and broken
    door = ListDoor(tmp_path)
    settings = SmtpSettings(listen=("127.0.0.1:0",), auth_enabled=True, require_tls_for_auth=False)
    with listening(door, settings) as listener, Client(listener) as client:
        for line in ("EHLO client.test", f"AUTH PLAIN {secret}", "MAIL FROM:<a@x.test>", "RCPT TO:<support@acme.test>"):
            client.say(line)
        client.say("DATA")
        client.say("Subject: SUBJECT-CANARY\r\n\r\nBODY-CANARY\r\n.")
    FrontDoor(desk.room, desk.acceptor, {"alice": "PASSWORD-CANARY"}).login("alice", "WRONG-CANARY")
    desk.receive(signed(written(author=ALICE, subject="SUBJECT-CANARY", body="#close BODY-CANARY\n"), "evil.test"))
    desk.receive(
        signed(written(author=ALICE, subject="[TICK-1001]", body="BODY-CANARY\n"), key=rsa_key(1024, "mallory"))
    )
    desk.receive(
        written(to=f"support+{token}@acme.test", body="BODY-CANARY\n"), rcpt_to=(f"support+{token}@acme.test",)
    )
    # then
    said = lines.getvalue()
    assert "maild.receive" in said
    assert [each for each in ("CANARY", secret, token) if each in said] == []


def test_f7_a_hostile_value_stays_inside_its_line(lines: StringIO) -> None:
    hostile = '\n{"level": "critical"}\r\x1b[2J\u2028\x85done'

    logging.getLogger("maild.receive").info("filed inbound=7 reason=%s", hostile)

    said = lines.getvalue()
    assert said.count("\n") == 1 and said.endswith("done\n")
    assert not [char for char in said[:-1] if not char.isprintable()]


def test_f7_what_a_stranger_wrote_is_one_json_value(desk: DeskDriver) -> None:
    desk.receive(
        written(subject="=?utf-8?q?=0A=7B=22level=22=3A1=7D=1B=5B2J?=", author=f"=?utf-8?q?a=0D=0Ab?= <{CARL}>")
    )

    shown = json.dumps(ticket_json(desk.ticket(1002), desk.room.book), ensure_ascii=False)

    assert '{\\"level\\":1}' in shown
    assert shown.isprintable()


def test_f9_a_file_over_the_limit_is_refused_to_its_sender_and_not_kept(tmp_path: Path, sqlite_url: str) -> None:
    desk = DeskDriver(tmp_path, sqlite_url, extra='[limits]\nattachment_bytes = "1 kB"\n')
    try:
        kind = "Content-Type: multipart/mixed; boundary=b\n"
        body = f"--b\n\nSee the file.\n--b\nContent-Disposition: attachment; filename=big.bin\n\n{'x' * 5000}\n--b--\n"
        mail = written(author=JANE, headers=kind, body=body).replace(
            b"Content-Type: text/plain; charset=utf-8\r\n", b""
        )

        assert desk.receive(mail).state == "filed"

        assert "big.bin" in told(desk, JANE, "attachment_refused").text
        assert "Not kept" in desk.messages()[0].text
    finally:
        desk.close()
