"""Where a mail ends: the pure reader behind DATA (RELIABILITY C1, C9)."""

import random
import re
from itertools import product

import pytest

from maild.intake.smtp_data import DotReader

LINE_ENDS = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r", "crcrlf": b"\r\r\n", "lfcr": b"\n\r"}
FALSE_ENDS = {
    f"{before}-dot-{after}": LINE_ENDS[before] + b"." + LINE_ENDS[after]
    for before, after in product(LINE_ENDS, LINE_ENDS)
    if (before, after) not in {("crlf", "crlf"), ("crcrlf", "crlf")}
}


def read(*chunks: bytes) -> tuple[DotReader, bytes]:
    mail = DotReader()
    return mail, b"".join([mail.feed(chunk) for chunk in chunks])


@pytest.mark.parametrize("false_end", FALSE_ENDS.values(), ids=FALSE_ENDS)
def test_only_crlf_dot_crlf_ends_a_mail(false_end: bytes) -> None:
    smuggled = b"MAIL FROM:<evil@x.test>\r\nDATA\r\nevil"

    mail, content = read(b"text" + false_end + smuggled + b"\r\n.\r\n")

    assert mail.ended and mail.rest == b""
    assert content.startswith(b"text") and content.endswith(b"\r\nDATA\r\nevil\r\n")


@pytest.mark.parametrize(
    ("wire", "content"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...a\r\n..b\r\nc.\r\n.\r\n", b"..a\r\n.b\r\nc.\r\n"),
        (b"..\r\n..\r\n..\r\n.\r\n", b".\r\n.\r\n.\r\n"),
        (b"\r\n\r\n.\r\n", b"\r\n\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"a\n.b\r\n.\r\n", b"a\r\n.b\r\n"),
        (b"a\rb\n\rc\r\r\n.\r\n", b"a\r\nb\r\n\r\nc\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_dots_are_unstuffed_and_bare_newlines_made_whole_however_the_bytes_arrive(
    wire: bytes, content: bytes, size: int
) -> None:
    chunks = [wire[start : start + size] for start in range(0, len(wire), size)]

    mail, found = read(*chunks)

    assert (mail.ended, found, mail.size) == (True, content, len(content))


def test_random_mails_read_the_same_in_any_chunks() -> None:
    dice = random.Random(20261121)
    for _ in range(3000):
        body = b"".join(dice.choices([b".", b"\r", b"\n", b"\r\n", b"a"], k=dice.randrange(20)))
        wire = body + b"\r\n.\r\nQUIT\r\n"
        cuts = sorted(dice.randrange(len(wire) + 1) for _ in range(4))
        whole, expected = read(wire)

        split = DotReader()
        found = b""
        for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
            if split.ended:
                split.rest += wire[start:end]
            else:
                found += split.feed(wire[start:end])

        assert (found, split.rest) == (expected, whole.rest), wire
        assert (split.size, split.lines, split.bare) == (whole.size, whole.lines, whole.bare), wire


def slowly(wire: bytes) -> tuple[bytes, bytes, int, int]:
    """Content, rest, lines and bare newlines by the plain words of RFC 5321 4.5.2, without any shortcut."""
    end = (b"\r\n" + wire).index(b"\r\n.\r\n")
    stuffed, rest = (b"\r\n" + wire)[: end + 2], wire[end + 3 :]
    content = stuffed.replace(b"\r\n.", b"\r\n")[2:]
    ends = re.findall(rb"\r\n|\r|\n", content)
    return re.sub(rb"\r\n|\r|\n", b"\r\n", content), rest, len(ends), sum(end != b"\r\n" for end in ends)


def test_the_shortcuts_for_ordinary_mails_read_what_the_long_way_reads() -> None:
    dice = random.Random(20261122)
    for _ in range(5000):
        parts = [b".", b"\r", b"\n", b"\r\n", b"a", b"\r\nb", b"\r\nc", b"\r\n.", b"\r\n.."]
        wire = b"".join(dice.choices(parts, k=dice.randrange(12))) + b"\r\n.\r\nQUIT\r\n"

        mail, content = read(wire)

        assert (content, mail.rest, mail.lines, mail.bare) == slowly(wire), wire


def test_what_follows_the_end_is_given_back_untouched() -> None:
    mail, content = read(b"a\r\n.\r\nMAIL FROM:<b@c.test>\r\n.\r\n")

    assert (content, mail.rest) == (b"a\r\n", b"MAIL FROM:<b@c.test>\r\n.\r\n")


def test_lines_sizes_and_bare_newlines_are_counted() -> None:
    mail, content = read(b"one\r\ntwo\nthree\rfour\r\n.\r\n")

    assert content == b"one\r\ntwo\r\nthree\r\nfour\r\n"
    assert (mail.lines, mail.bare, mail.size, mail.arrived) == (4, 2, len(content), 24)


def test_a_discarded_mail_is_still_read_to_its_end() -> None:
    mail = DotReader()
    mail.feed(b"beginning\r\n")
    mail.discard()

    content = mail.feed(b"more\r\n..\r") + mail.feed(b"\n.\r\nQUIT\r\n")

    assert (mail.ended, content, mail.rest) == (True, b"", b"QUIT\r\n")
