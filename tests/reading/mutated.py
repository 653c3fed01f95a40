"""Mails broken at random, through the real reading children: `python -m tests.reading.mutated --count 20000`.

Seeded: the same arguments give the same mails. Prints how many were read, and what was uncaught or too dear.
"""

import argparse
import os
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from random import Random

from maild.errors import MaildError
from maild.mail.model import Hints, InboundMail, Limits
from maild.reading.pool import ReadingPool

HINTS = Hints(frozenset({"support@acme.test"}), ("Acme Support",), "##- Please type your reply above this line -##")
TOKENS = (
    b"--", b"\r\n", b"\n\n", b"\0", b"=?utf-8?b?", b"?=", b"=?utf-8?q?", b"=?iso-2022-jp?b?",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: application/ms-tnef\r\n",
    b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: text/calendar; method=REQUEST\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"charset=", b"charset=utf-7",
    b"charset=hz-gb-2312", b"charset=utf-16", b"begin 644 x\n", b"`\nend\n", b"<div>", b"<!--", b"> ", b"On Mon, x wrote:\n",
    b"---------- Forwarded message ---------\n", b"From: a <a@b.test>\nSubject: x\n", b"Return-Path: <>\r\n",
    b"\xff\xfe", b"\xed\xa0\x80", b"\x1b$B", b"\x78\x9f\x3e\x22", b"\xff\xff\xff\xff", b"filename*0*=utf-8''",
    b";" * 40, b"(" * 60, b'"', b"message/rfc822", b"\r", b" " * 200, b"BEGIN:VEVENT\n", b"RRULE:FREQ=SECONDLY\n",
)  # fmt: skip
SEED_MAILS = (
    (
        b"From: Jane <jane@customer.test>\r\nTo: support@acme.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nHallo =FC\r\n> quoted\r\n-- \r\nJane\r\n--b\r\n"
        b'Content-Type: application/pdf; name="x.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b--\r\n'
    ),
    (
        b"From: MAILER-DAEMON@mx.test\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; a@b.test\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    ),
    (
        b"From: a@b.test\r\nSubject: Re: x\r\nIn-Reply-To: <1@acme.test>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<html><body>Yes.<div class=gmail_quote>On Mon, Acme Support &lt;support@acme.test&gt; wrote:<blockquote>No?"
        b"</blockquote></div></body></html>\r\n"
    ),
    (
        b"From: alice@acme.test\r\nSubject: Fwd: x\r\nContent-Type: text/plain; format=flowed\r\n\r\nPlease help. \r\nNow.\r\n\r\n"
        b"---------- Forwarded message ---------\r\nFrom: Bob <bob@customer.test>\r\nDate: Tue, Mar 3, 2026 at 10:04 AM\r\n"
        b"Subject: x\r\nTo: <alice@acme.test>\r\n\r\nIt burns.\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"
    ),
    (
        b"From: jane@customer.test\r\nSubject: Meeting\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n"
        b'BEGIN:VEVENT\r\nSUMMARY;X="a:b":Printer\r\nDTSTART;TZID=Europe/Berlin:20260303T100000\r\nATTENDEE;CN=Bob:mailto:b\r\n'
        b" @x.test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: bob@x.test\r\n"
        b"Subject: Inner\r\n\r\nHello\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n"
        b"\x78\x9f\x3e\x22\x01\x00\x02\x02\x90\x06\x00\x01\x00\x00\x00\x00\x00\x00\x02\x0f\x80\x06\x00\x03\x00\x00\x00abc\x26\x01"
        b"\x01\x03\x90\x06\x00\x10\x00\x00\x00\x01\x00\x00\x00\x02\x01\x13\x10\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\r\n--b--\r\n"
    ),
    (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@x.test\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program at x.test.\r\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up.\r\n\r\n"
        b"<bob@x.test>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n--- Below this line is a copy of the message.\r\n"
    ),
)


@dataclass(slots=True)
class Outcome:
    """What a campaign saw."""

    read: int = 0
    ended: Counter[str] | None = None
    uncaught: Counter[str] | None = None
    slowest: float = 0.0
    raw: int = 0  # shown as they came, because something of ours raised


def mutated(random: Random, source: bytes) -> bytes:
    """One to eight wounds: a flipped byte, a cut, a doubled stretch, a token from the dictionary."""
    data = bytearray(source[:60_000])
    for _ in range(random.randint(1, 8)):
        place = random.randrange(len(data) + 1)
        match random.randrange(5):
            case 0 if data:
                data[place % len(data)] = random.randrange(256)
            case 1:
                del data[place : place + random.randint(1, 200)]
            case 2:
                data[place:place] = data[place : place + random.randint(1, 400)] * random.randint(1, 30)
            case 3:
                data[place:place] = random.choice(TOKENS) * random.choice((1, 1, 1, 5, 400))
            case _:
                data = data[:place] + bytearray(source[random.randrange(len(source)) :][:5000])
    return bytes(data)


def seeds(corpus: Path | None) -> list[bytes]:
    """Own mails, and the corpus where it is."""
    files = sorted(corpus.rglob("*.eml")) if corpus and corpus.is_dir() else []
    return [*SEED_MAILS, *(file.read_bytes() for file in files)]


def campaign(count: int, seed: int, corpus: Path | None, *, show: bool = False) -> Outcome:
    """Reads so many mutated mails with two children."""
    random, sources = Random(seed), seeds(corpus)
    pool = ReadingPool(2, HINTS, Limits())
    outcome = Outcome(ended=Counter(), uncaught=Counter())
    waiting: list[tuple[float, Future[InboundMail]]] = []
    try:
        for number in range(count):
            waiting.append((time.monotonic(), pool.submit(mutated(random, random.choice(sources)))))
            if len(waiting) >= 4:
                _settle(outcome, *waiting.pop(0))
            if show and number % 1000 == 999:
                print(f"{number + 1} of {count}", flush=True)
        for each in waiting:
            _settle(outcome, *each)
    finally:
        pool.close()
    return outcome


def _settle(outcome: Outcome, began: float, future: Future[InboundMail]) -> None:
    assert outcome.ended is not None and outcome.uncaught is not None
    try:
        mail = future.result(timeout=60)
        (mail.subject + mail.text + mail.new_text).encode("utf-8")
        outcome.read += 1
        outcome.raw += any("could not be understood" in defect for defect in mail.defects)
    except MaildError as error:
        outcome.ended[str(error)[:120]] += 1
    except Exception as error:
        outcome.uncaught[f"{type(error).__name__}: {error}"[:120]] += 1
    outcome.slowest = max(outcome.slowest, time.monotonic() - began)


def corpus_folder() -> Path:
    """Where the real mails lie, when they do."""
    return Path(os.environ.get("MAILD_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20261121)
    given = parser.parse_args()
    start = time.monotonic()
    found = campaign(given.count, given.seed, corpus_folder(), show=True)
    print(
        f"seed {given.seed}: {found.read} read, {found.raw} of them only as they came, ended {dict(found.ended or {})}, uncaught {dict(found.uncaught or {})}"
    )
    print(f"slowest {found.slowest:.2f} s from hand-over to answer, {time.monotonic() - start:.0f} s in all")
