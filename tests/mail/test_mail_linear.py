"""Reading a mail costs no more than in proportion to its size, whatever a stranger repeats (RELIABILITY D3-D6, D12, D13)."""

import base64
import gc
import struct
import time
from collections.abc import Callable

import pytest

from maild.mail.dsn import prose_failures
from maild.mail.model import Limits
from maild.mail.parse import understand
from tests.mail.mails import HINTS, mail, multipart, part, reply

# Below this much CPU the clock measures itself and what every mail costs.
MEASURABLE = 0.02
ALLOWED = 2.6

TEXT = [
    "On ", "On a b c d\n", "On Tue, Mar 3, 2026 at 10:04 AM A\n", "\n", " ", "\t", "> ", ">", ">\n", "> x\ny\n", "|", "From: ",
    "From: a\n", "From: a\nTo: b\n", "From: a@b.c\nSent: 2026\n\n", "a:b\n", "-----", "---\n", "-- \n", "- ", "_", "_ ", "*", "=",
    "a@b.c ", "@", "@a", "a@", ":", "：", "2026 ", "10:04 ", "wrote:\n", "On 2026 a@b.c wrote:\n> x\n", "schrieb ",
    "Am 03.03.2026 um 10:04 schrieb A:\n", "Sent from my iPhone\n", "<a@b ", "<", "[mailto:", "+aaaaaaaaaaaaaaaaaaaaaaa",
    "ref aaaaaaaaaaaaaaaaaaaaaaa ", "\u00a0", "\u3000", "ﬀ", "\ufdd0", "begin 644 a\n", "begin 644 a\n#0V%T\n", "M", "end\n",
    "---------- Forwarded message ---------\n", "---------- Forwarded message ---------\nFrom: a\n",
    "-------- Original Message --------\n", "##- please reply above\n", "##- ", "Betreff: x\n\n", "This e-mail and any attachments\n",
]  # fmt: skip
HTML = [
    "<a ", "<a href=x>", "<a href='http://x/'>y</a>", "<div>", "</div>", "<div></div>", "<!--", "<!-- -->", "&lt;", "&", "&#", "<",
    ">", "<b></p>", "<p><font>", "<blockquote>", "<blockquote type=cite>x</blockquote>", "<table><td>", "<svg><g>", "<math>",
    "<p style='display:none'>x", "<p style='border:none;border-top:solid red 1.0pt'>a:", "<![CDATA[", "<select>", "<template>",
    "<script>", "<style>", "<title>", "<pre>  ", " ", "<img src=x>", "<br>", "<li>", "<div class=gmail_quote>", "<div id=appendonsend>",
    "<div style='border:none;border-top:solid red 1.0pt'>From: x</div>", "<x y=z ", "<html lang=", "<p hidden>", "<div class=gmail_quote><blockquote>x</blockquote>", "<p id=reply-intro>x</p><blockquote>y</blockquote>", "\"", "'", "</",
]  # fmt: skip
FIELDS = {
    "Subject": ["=?a?q?x", " =?utf-8?q?a?=", "=?", "?=", "=?utf-8?b?", "Re: ", "[a] ", "(", "a:", "=?utf-8?q?=?="],
    "From": ['"', "(", ")", "<", ">", ",", "a@b.c, ", ":", ";", "\\", "a ", "=?utf-8?q?a?= ", "@", "a:b;", "[", '"a" '],
    "References": ["<1@x> ", "<", "x", " "],
    "Message-ID": ["<", ">", "a@"],
    "Received": ["by ", "by x ", "(", "a "],
    "Authentication-Results": ["(", '"', ";", "x; dkim=pass ", "a=b ", "x.y=z "],
    "Content-Type": ["; a=b", "; filename*0=a", ';"', "(", "text/", '; a="\\', "; charset=x"],
    "Content-Disposition": ["; filename*1*=%41", "; filename=", ";", '"'],
    "Date": ["1 ", "Mon, ", "(", "+0000 "],
    "Auto-Submitted": ["(", "a", " "],
    "X-Spam-Status": ["(", "a,"],
}  # fmt: skip
BOUNCE = [
    "<a@b.c>\n", "<a@b.c>:\n", "The following addresses failed:\n", "a@b.c ", "a@b.c\n", "   ----- The following addresses\n", "\n",
    "550 5.1.1 ", "550 ", "Final-Recipient: rfc822; a@b.c\n", "--- Below this line\n", "Hi. This is the qmail\n", "-----\n", ">>> ",
    "Your message\n", "@", " ", "user unknown ", "did not reach the following\n", "Message-ID: <", "RCPT TO:<a@b.c>\n",
    "This message was created automatically by mail delivery software.\n", "The original message was received\n",
]  # fmt: skip
CALENDAR = [
    " x",
    "\n",
    "ATTENDEE:mailto:a@b.c\n",
    "BEGIN:VEVENT\n",
    'SUMMARY;X="',
    ";",
    '"',
    ":",
    "BEGIN:VALARM\n",
    "\\n",
    "RRULE:",
]
SOURCES: dict[str, Callable[[str], bytes]] = {
    "text": lambda body: reply("Hi\n" + body),
    "forward": lambda body: reply("Hi\n" + body, Subject="Fwd: x"),
    "html": lambda body: reply("<p>Hi " + body, Content_Type="text/html; charset=utf-8"),
    "html_and_text": lambda body: both(body),
    "bounce": lambda body: mail(body, From="MAILER-DAEMON@x.test", Subject="failure notice", Return_Path="<>"),
    "calendar": lambda body: mail("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\n" + body, Content_Type="text/calendar"),
}  # fmt: skip


def both(html: str) -> bytes:
    body, kind = multipart("alternative", part(b"Hi there"), part(html.encode(), "text/html; charset=utf-8"))
    return mail(body, Content_Type=kind, In_Reply_To="<1@x>")


def cpu(work: Callable[[], object]) -> float:
    """One run, without the collector of cycles."""
    gc.disable()
    try:
        begun = time.process_time()
        work()
        return time.process_time() - begun
    finally:
        gc.enable()


def assert_linear(make: Callable[[int], bytes], size: int = 60_000, largest: int = 240_000) -> None:
    """Doubles the input until its time can be measured, then once more: the time at most doubles, with some air."""
    small = reading(make(size))
    while small < MEASURABLE and size < largest:
        size *= 4
        small = reading(make(size))
    if small < MEASURABLE:
        return
    large = reading(make(size * 2))
    for _ in range(6):
        if large / small <= ALLOWED:
            return
        # Other programs on the machine disturb one measurement, not the least of many. Small ones and large ones take
        # turns, so that a processor that changes its speed meets both.
        again = [(reading(make(size)), reading(make(size * 2))) for _ in range(5)]
        small, large = min(each for each, _ in again), min(large, *(each for _, each in again))
    assert large / small <= ALLOWED, f"{size} bytes: {small:.3f} s, {size * 2}: {large:.3f} s"


def reading(source: bytes) -> float:
    seen: list[str] = []
    spent = cpu(lambda: seen.extend(understand(source, HINTS, Limits()).defects))
    assert not any("could not be understood" in defect for defect in seen), seen
    return spent


def cases() -> list[tuple[str, str]]:
    kinds = {"text": TEXT, "forward": TEXT, "html": HTML, "html_and_text": HTML, "bounce": BOUNCE, "calendar": CALENDAR}
    return [(kind, pump) for kind, pumps in kinds.items() for pump in pumps]


@pytest.mark.parametrize(("kind", "pump"), cases(), ids=repr)
def test_no_repeated_words_cost_more_than_their_length(kind: str, pump: str) -> None:
    assert_linear(lambda size: SOURCES[kind]((pump * (size // len(pump) + 1))[:size]), largest=60_000)


@pytest.mark.parametrize(("name", "pump"), [(name, pump) for name, pumps in FIELDS.items() for pump in pumps], ids=repr)
def test_no_long_field_costs_more_than_its_length(name: str, pump: str) -> None:
    # One field may have 64 KiB: several of them reach what can be measured.
    def source(size: int) -> bytes:
        line = f"{name}: {(pump * 60_000)[: min(size, 60_000)]}\r\n".encode()
        return line * max(1, size // 60_000) + mail(**{name.replace("-", "_"): None})

    assert_linear(source, 60_000, largest=60_000)


@pytest.mark.parametrize(
    "pump",
    [
        b"--b\r\n\r\n",
        b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n",
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n",
        b"--b\r\nContent-Disposition: attachment; filename=x\r\n\r\nx\r\n",
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.c\r\nAction: failed\r\n\r\n",
        b"--b",
        b"--",
        b"\r\n",
        b"\x00",
        b"=",
        b"\xff",
        b"\xe2\x82",
        b"\x1b$B",
        b"\x82\xa0",
        b"\xc1\xc2\xc3 ",
        b"X: y\r\n",
    ],
    ids=repr,
)
def test_no_repeated_bytes_cost_more_than_their_length(pump: bytes) -> None:
    head = b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
    assert_linear(lambda size: head + pump * (size // len(pump)))
    assert_linear(lambda size: b"From: a@b.test\r\nContent-Type: text/plain\r\n\r\n" + pump * (size // len(pump)))


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode"])
@pytest.mark.parametrize("pump", [b"A", b"=", b"=\r\n", b"\r\n", b"!", b"AAAA\r\n", b"M\r\n", b"=3D"], ids=repr)
def test_no_transfer_encoding_costs_more_than_its_length(encoding: str, pump: bytes) -> None:
    assert_linear(lambda size: mail(pump * (size // len(pump)), Content_Transfer_Encoding=encoding))


@pytest.mark.parametrize("pump", BOUNCE, ids=repr)
def test_what_is_handed_to_the_detectors_of_prose_is_bounded(pump: str) -> None:
    # given
    source = mail(pump * (10_000_000 // len(pump)), From="MAILER-DAEMON@x.test", Subject="failure notice")
    # when
    spent = cpu(lambda: prose_failures(source, ""))
    # then
    assert spent <= 1.0, f"{spent:.2f} s"


@pytest.mark.parametrize(
    "pump", [b"\x02\x02\x90" + b"\0" * 8, b"\x01\x03\x90" + b"\0" * 8, b"\x02\x05\x90" + b"\0" * 8, b"\0"]
)
def test_no_winmail_dat_costs_more_than_its_length(pump: bytes) -> None:
    def source(size: int) -> bytes:
        stream = struct.pack("<IH", 0x223E9F78, 1) + pump * (size // len(pump))
        return mail(base64.encodebytes(stream), Content_Type="application/ms-tnef", Content_Transfer_Encoding="base64")

    assert_linear(source)
