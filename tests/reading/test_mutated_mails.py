"""Whatever a mail is broken into, the readers read it or say why not; nothing is uncaught."""

import time

import pytest

from maild.mail.model import Hints, Limits
from maild.mail.parse import understand
from tests.reading.mutated import campaign, corpus_folder

HEAD = b"From: a@b.test\r\nTo: support@acme.test\r\nSubject: Re: x\r\nIn-Reply-To: <1@x.test>\r\nMIME-Version: 1.0\r\n"
PLAIN, HTML = b"Content-Type: text/plain\r\n\r\n", b"Content-Type: text/html\r\n\r\n"
PUMPS = (
    ("newlines", HEAD + PLAIN, b"\n"),
    ("quote marks", HEAD + PLAIN, b"> "),
    ("On without wrote", HEAD + PLAIN, b"On Monday at 10:00, A\n"),
    ("On", HEAD + PLAIN, b"On "),
    ("colons", HEAD + PLAIN, b"Von: x\n"),
    ("divs", HEAD + HTML, b"<div>"),
    ("comments", HEAD + HTML, b"<!--"),
    ("links", HEAD + HTML, b"<a "),
    ("blockquotes", HEAD + HTML, b"<blockquote>"),
    ("encoded words", b"From: a@b.test\r\nSubject: ", b"=?utf-8?q?=C3=BC?= "),
    ("open brackets", b"Subject: x\r\nFrom: ", b"("),
    ("quotes in From", b"Subject: x\r\nFrom: ", b'"'),
    ("parameters", b"From: a@b.test\r\nContent-Type: text/plain", b"; filename*1*=x"),
    ("boundaries", HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--b\r\n"),
    ("references", b"From: a@b.test\r\nReferences: ", b"<1@x.test> "),
)


def test_two_thousand_mutated_mails_leave_nothing_uncaught() -> None:
    found = campaign(2000, 7, corpus_folder())

    assert not found.uncaught
    assert not found.raw
    assert found.read + sum((found.ended or {}).values()) == 2000
    assert found.slowest < 15


@pytest.mark.parametrize(("head", "pump"), [pump[1:] for pump in PUMPS], ids=[pump[0] for pump in PUMPS])
def test_the_time_to_read_grows_no_faster_than_the_mail(head: bytes, pump: bytes) -> None:
    def cpu(size: int) -> float:
        source = head + pump * (size // len(pump)) + b"\r\n"
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            understand(source, Hints(frozenset({"support@acme.test"}), ("Acme",)), Limits())
            best = min(best, time.process_time() - start)
        return best

    small, large = cpu(100_000), cpu(400_000)

    assert large < 2.0
    assert large < 4 * 2 * small + 0.05
