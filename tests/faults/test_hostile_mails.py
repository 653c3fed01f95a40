"""Mails that break readers, through the real port: each is kept with its bytes, and the next sender is served."""

import itertools
from collections.abc import Iterator
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path

import pytest

from tests.desk_driver import written
from tests.faults.desks import House, fate_of, running_house
from tests.servers.letters import deliver, post

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
DESK = "support@acme.test"
KEPT = ("filed", "ignored", "held", "failed")
MIB = 1024 * 1024
MOST_RSS = 512 * MIB
WORDS = b"The printer burns.\r\n"
_count = itertools.count(1)


def mail(*fields: str, body: bytes = WORDS) -> bytes:
    """These fields and a Message-ID, nothing else."""
    known = f"Message-ID: <{next(_count)}@hostile.test>"
    return "\r\n".join((known, *fields)).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def usual(*fields: str, body: bytes = WORDS) -> bytes:
    """With sender and subject, and more fields."""
    return mail(f"From: h{next(_count)}@hostile.test", "To: support@acme.test", "Subject: Hostile", *fields, body=body)


def nested(depth: int) -> bytes:
    levels = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(1, depth))
    body = f"--b0\r\n{levels}\r\nThe bottom.\r\n".encode()
    return usual('Content-Type: multipart/mixed; boundary="b0"', body=body)


def forwarded(depth: int) -> bytes:
    return usual(
        "Content-Type: message/rfc822", body=b"Content-Type: message/rfc822\r\n\r\n" * depth + b"The bottom.\r\n"
    )


PDF = 'Content-Type: application/pdf; name="../../../etc/cron.d/x"'
PIECES = ";\r\n ".join(f"name*{n}=a" for n in range(20_000))
REFERENCES = "\r\n ".join(f"<{n}@hostile.test>" for n in range(10_000))
PLAIN = "Content-Type: text/plain; charset=utf-8"
HTML = "Content-Type: text/html; charset=utf-8"
LONG_ID = f"<{'a' * 66}@customer.test>"
HOSTILE = {
    "no From": mail("To: support@acme.test", "Subject: Nobody"),
    "two From": mail("From: a@hostile.test", "From: alice@acme.test", "To: support@acme.test", "Subject: Two"),
    "two addresses in From": mail("From: a@hostile.test, alice@acme.test", "Subject: Both"),
    "nothing but a body": mail("X-Nothing: here", body=b"Hello?\r\n"),
    "no body": mail("From: empty@hostile.test", "Subject: Empty", body=b""),
    "no subject": mail("From: mute@hostile.test", "To: support@acme.test"),
    "no header": b"\r\nJust words.\r\n",
    "only HTML": usual(HTML, body=b"<p>The <b>printer</b> burns.<script>alert(1)</script></p>\r\n"),
    "2,000 nested parts": nested(2_000),
    "10,000 nested mails": forwarded(10_000),
    "200,000 empty parts": usual('Content-Type: multipart/mixed; boundary="x"', body=b"--x\r\n\r\n" * 200_000),
    "NUL in a charset name": usual('Content-Type: text/plain; charset="utf\x00-8"'),
    "NUL in body and subject": usual("Subject: Zero\x00here", PLAIN, body=b"Zero \x00 and =00.\r\n"),
    "unknown charset": usual("Content-Type: text/plain; charset=klingon-7", body=b"Gr\xfc\xdfe\r\n"),
    "a codec that is no charset": usual("Content-Type: text/plain; charset=punycode", body=b"a" * 300_000 + b"\r\n"),
    "a lone surrogate": usual(PLAIN, body=b"Half \xed\xa0\x80 a pair.\r\n"),
    "a 1 MB subject": mail("From: long@hostile.test", "To: support@acme.test", "Subject: " + " word" * 200_000),
    "a 1 MB subject, folded": mail("From: fold@hostile.test", "Subject: " + "\r\n word" * 140_000),
    "100,000 fields": usual(*(f"X-{n}: {n}" for n in range(100_000))),
    "50,000 brackets in From": mail(f"From: {'(' * 50_000} a@hostile.test", "Subject: Brackets"),
    "20,000 quotes in From": mail(f"From: {chr(34) * 20_000} a@hostile.test", "Subject: Quotes"),
    "10,000 references": usual(f"References: {REFERENCES}"),
    "20,000 pieces of a file name": usual(f"Content-Type: text/plain; {PIECES}"),
    "a file name that climbs": usual(PDF, "Content-Disposition: attachment"),
    "a header in an encoded word": usual("Subject: =?utf-8?q?a=0D=0ABcc:_evil@hostile.test?="),
    "a quote that never ends": usual(PLAIN, body=b"On " * 60_000 + b"\r\n"),
    "a million empty lines": usual(PLAIN, body=b"\r\n" * 900_000),
    "50,000 nested divs": usual(HTML, body=b"<div>" * 50_000 + b"deep\r\n"),
    "50,000 open comments": usual(HTML, body=b"<!--" * 50_000 + b"\r\n"),
    "base64 that is none": usual(PLAIN, "Content-Transfer-Encoding: base64", body=b"\xff" * 10_000 + b"===\r\n"),
    "a date of the year 0": usual("Date: Mon, 00 Foo 0000 99:99:99 +99999999"),
}  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("hostile")) as made:
        yield made


def innocent_is_served(house: House) -> None:
    """A person who writes now has an acknowledgement within ten seconds."""
    sender = f"innocent{next(_count)}@customer.test"
    deliver(house.desk.port, sender, DESK, written(author=sender, subject="Hello"))
    house.sink.wait_for(sender, "acknowledgement", seconds=10)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_kept_with_its_bytes_and_the_next_one_is_served(house: House, name: str) -> None:
    # given
    source = HOSTILE[name]
    # when
    deliver(house.desk.port, "", DESK, source)
    # then
    innocent_is_served(house)
    fate = fate_of(house.desk, source)
    assert fate.state in KEPT
    assert fate.messages == (1 if fate.state == "filed" else 0)
    assert fate.state != "ignored" or "kept, changes nothing" in fate.reason, fate.reason
    if fate.state in ("held", "failed"):
        assert sha256(house.desk.raw(fate.number)).digest() == sha256(source).digest()
        rows = {row["id"]: row for row in house.desk.json("quarantine", "list")}
        assert rows[fate.number]["sha256"] == sha256(source).hexdigest()


def test_31_mib_of_empty_lines_are_refused_in_the_dialogue(house: House) -> None:
    # when
    code, text = post(house.desk.port, "", DESK, usual(PLAIN, body=b"\r\n" * (31 * MIB // 2)))
    # then
    assert (code, text[:5]) == (552, "5.3.4")
    innocent_is_served(house)


def test_31_mib_of_one_file_are_kept_whole(house: House) -> None:
    # given
    lines = (b"QUJD" * 19 + b"\r\n") * (31 * MIB // 78)
    source = usual("Content-Type: application/zip; name=big.zip", "Content-Transfer-Encoding: base64", body=lines)
    # when
    deliver(house.desk.port, "", DESK, source)
    # then
    innocent_is_served(house)
    assert fate_of(house.desk, source).state in KEPT


def test_long_message_ids_are_repeated_as_they_are(house: House) -> None:
    # given: 82 characters, longer than a line of an encoded word
    assert len(LONG_ID) == 82
    thread = f"In-Reply-To: {LONG_ID.replace('a', 'b')}\nReferences: {LONG_ID.replace('a', 'b')}\n"
    source = written(author="long@customer.test", headers=thread, message_id=LONG_ID)
    # when
    deliver(house.desk.port, "long@customer.test", DESK, source)
    ack = house.sink.wait_for("long@customer.test", "acknowledgement")
    # then
    parsed = message_from_bytes(ack.content)
    assert parsed["In-Reply-To"].strip() == LONG_ID
    assert LONG_ID in parsed["References"]
    head = ack.content.partition(b"\r\n\r\n")[0]
    assert LONG_ID.encode() in head
    assert not any(b"=?" in line for line in head.splitlines() if LONG_ID[:40].encode() in line)


def test_the_daemon_stays_small_and_alive_through_all_of_that(house: House) -> None:
    status = Path(f"/proc/{house.process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak * 1024 < MOST_RSS, f"{peak // 1024} MiB"
    innocent_is_served(house)
