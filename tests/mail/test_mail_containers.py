"""Files that hold more than themselves: uuencoded text, winmail.dat, invitations, sealed mails."""

import base64
import binascii
import struct

import pytest

from maild.mail.model import Kind
from maild.mail.tnef import open_tnef
from tests.mail.mails import mail, multipart, part, read


def uuencoded(name: str, content: bytes) -> str:
    lines = [binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45)]
    return f"begin 644 {name}\r\n" + "".join(lines).replace("\n", "\r\n") + "`\r\nend\r\n"


def test_uuencoded_files_in_the_text_are_files() -> None:
    # given
    data = bytes(range(256)) * 3
    text = f"See below.\r\n\r\n{uuencoded('../a b.png', data)}\r\nAnd\r\n{uuencoded('c.txt', b'hello')}Bye"
    # when
    understood = read(mail(text, Content_Type="text/plain"))
    # then
    assert [(f.name, f.content_type, f.content) for f in understood.attachments] == [
        ("a b.png", "image/png", data),
        ("c.txt", "text/plain", b"hello"),
    ]
    assert understood.text == "See below.\n\n\nAnd\nBye"


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 a.png\nThis is how a uuencoded file begins, and then comes a sentence that is no such line at all, see?",
        "begin 644 a.png\nend",
        "begin 644 a.png",
        "begin with the end\nend",
        "> begin 644 a.png\n> #0V%T\n> end",
        "begin 644 a.png\n" + "M" * 61,
    ],
)
def test_what_is_no_whole_uuencoded_file_stays_text(text: str) -> None:
    understood = read(mail(text, Content_Type="text/plain"))
    assert (understood.text, understood.attachments) == (text, ())


def item(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def values(*pairs: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(pairs))
    for kind, name, data in pairs:
        out += struct.pack("<HH", kind, name)
        out += (
            struct.pack("<II", 1, len(data)) + data + b"\0" * (-len(data) % 4)
            if kind in (0x1E, 0x1F, 0x0D, 0x102)
            else data
        )
    return out


HEAD = struct.pack("<IH", 0x223E9F78, 1) + item(1, 0x9006, 8, struct.pack("<I", 0x10000))
CODEPAGE = item(1, 0x9007, 6, struct.pack("<II", 1252, 0))


def tnef_file(name: str, data: bytes, *more: tuple[int, int, bytes]) -> bytes:
    properties = values((0x1F, 0x3707, f"{name}\0".encode("utf-16-le")), *more)
    return (
        item(2, 0x9002, 6, b"\0" * 14)
        + item(2, 0x8010, 1, b"SHORT~1.PDF\0")
        + item(2, 0x800F, 6, data)
        + item(2, 0x9005, 6, properties)
    )


def with_winmail(content: bytes, text: bytes = b"Hello") -> bytes:
    body, kind = multipart(
        "mixed",
        part(text),
        part(
            base64.encodebytes(content),
            'application/ms-tnef; name="winmail.dat"',
            Content_Transfer_Encoding="base64",
        ),
    )
    return mail(body, Content_Type=kind)


def test_winmail_dat_is_opened() -> None:
    # given
    data = b"%PDF \0\0\0"
    picture = (0x1E, 0x3712, b"logo@x\0"), (0x1E, 0x370E, b"image/png\0"), (0x03, 0x3714, b"\4\0\0\0")
    stream = HEAD + CODEPAGE + tnef_file("Größe ../Plan.pdf", data) + tnef_file("logo.png", b"\x89PNG", *picture)
    # when
    understood = read(with_winmail(stream))
    # then
    assert [(f.name, f.content_type, f.content, f.content_id) for f in understood.attachments] == [
        ("Plan.pdf", "application/pdf", data, None),
        ("logo.png", "image/png", b"\x89PNG", "logo@x"),
    ]
    assert understood.text == "Hello"


def test_a_mail_that_says_all_in_winmail_dat_is_readable() -> None:
    html = b"<html><body><p>Der Drucker ist gr\xfcn.</p></body></html>"
    named = struct.pack("<HH", 0x0003, 0x8001) + b"\0" * 16 + struct.pack("<II", 0, 0x8503) + b"\1\0\0\0"
    properties = struct.pack("<I", 2) + named + values((0x102, 0x1013, html))[4:]
    understood = read(with_winmail(HEAD + CODEPAGE + item(1, 0x9003, 6, properties), b""))
    assert understood.text == "Der Drucker ist grün."
    assert understood.new_text == understood.text
    assert understood.attachments == ()


def test_the_plain_body_of_winmail_dat_is_read_in_its_codepage() -> None:
    stream = HEAD + item(1, 0x9007, 6, struct.pack("<II", 1251, 0)) + item(1, 0x800C, 2, "Привет\0".encode("cp1251"))
    assert read(with_winmail(stream, b"")).text == "Привет"


BOAST = struct.pack("<I", 1) + struct.pack("<HHI", 0x1003, 0x1000, 0xFFFFFFFF)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"\x78\x9f\x3e\x22",
        b"not tnef at all",
        HEAD,
        HEAD + b"\x07" + b"x" * 50,
        HEAD + item(1, 0x9003, 6, BOAST),
        HEAD + item(1, 0x9003, 6, struct.pack("<I", 0xFFFFFFFF) + b"\0" * 40),
        HEAD + item(1, 0x9003, 6, struct.pack("<IHHI", 1, 0x101E, 0x1000, 0xFFFFFFFF)),
        HEAD + tnef_file("x", b"y") * 201,
        HEAD + (item(2, 0x9002, 6, b"") + item(2, 0x8010, 1, b"x")) * 5_000,
    ],
    ids=[
        "empty",
        "a head",
        "text",
        "nothing",
        "no object",
        "boast",
        "many",
        "many strings",
        "201 files",
        "5,000 names",
    ],
)
def test_a_winmail_dat_that_cannot_be_opened_stays_a_file(stream: bytes) -> None:
    # when
    understood = read(with_winmail(stream))
    # then
    assert [(file.name, file.content) for file in understood.attachments] == [("winmail.dat", stream)]
    assert not any("could not be understood" in defect for defect in understood.defects)


def test_a_message_inside_winmail_dat_is_one_file_however_deep_it_nests() -> None:
    stream = HEAD + tnef_file("x.txt", b"deep")
    for _ in range(200):
        inner = bytes.fromhex("0703020000000000c000000000000046") + stream
        stream = HEAD + item(2, 0x9002, 6, b"") + item(2, 0x8010, 1, b"Mail\0")
        stream += item(2, 0x9005, 6, values((0x0D, 0x3701, inner)))
    opened = open_tnef(stream)
    assert opened is not None
    assert [file.name for file in opened.files] == ["Mail.dat"]


INVITE = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN="Doe, Jane":mailto:jane@customer.test
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=Desk:MAILTO:support@acme
 .test
SUMMARY;LANGUAGE=en:Printer\\, second floor
DTSTART;TZID=W. Europe Standard Time:20260303T100000
DTEND;TZID=W. Europe Standard Time:20260303T113000
LOCATION:Room 5\\; left
DESCRIPTION:Please come.\\nBring paper.
RRULE:FREQ=SECONDLY;COUNT=1000000
BEGIN:VALARM
DESCRIPTION:REMINDER
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_an_invitation_is_told_in_words_beside_its_file() -> None:
    # given
    body, kind = multipart(
        "alternative", part(b"See you."), part(INVITE.encode(), "text/calendar; method=REQUEST; charset=utf-8")
    )
    # when
    understood = read(mail(body, Content_Type=kind))
    # then
    assert understood.kind is Kind.CALENDAR
    assert understood.text == (
        "See you.\n\nInvitation: Printer, second floor\nWhen: 2026-03-03 10:00 – 11:30 (W. Europe Standard Time)\n"
        "Repeats: secondly\nWhere: Room 5; left\nOrganiser: Doe, Jane <jane@customer.test>\nWith: Desk <support@acme.test>\n\n"
        "Please come.\nBring paper."
    )
    assert [file.name for file in understood.attachments] == ["invite.ics"]
    assert understood.new_text == "See you."


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            "METHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:X\nDTSTART;VALUE=DATE:20260303\nEND:VEVENT",
            "Cancelled: X\nWhen: 2026-03-03",
        ),
        (
            "METHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:X\nDTSTART:20260303T100000Z\nATTENDEE;PARTSTAT=DECLINED:mailto:bob@x.test\nEND:VEVENT",
            "Answer to the invitation: X\nWhen: 2026-03-03 10:00 UTC\nAnswer: bob@x.test declines",
        ),
        (
            "BEGIN:VTODO\nSUMMARY:Fix it\nDUE:20260304T100000Z\nEND:VTODO",
            "Event: Fix it\nWhen: until 2026-03-04 10:00 UTC",
        ),
        ("BEGIN:VEVENT\nEND:VEVENT", ""),
        ("nonsense", ""),
    ],
)
def test_what_a_calendar_says_depends_on_its_method(lines: str, text: str) -> None:
    source = f"BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR".encode()
    body, kind = multipart("mixed", part(b""), part(source, "text/calendar"))
    assert read(mail(body, Content_Type=kind)).text == text


def test_a_mail_that_is_only_a_calendar_is_read() -> None:
    understood = read(mail(INVITE, Content_Type="text/calendar; method=REQUEST; charset=utf-8"))
    assert "Where: Room 5; left" in understood.text


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("application/pkcs7-mime; smime-type=enveloped-data", "smime.p7m", "encrypted (S/MIME)"),
        ("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "smime.p7m", "signed (S/MIME)"),
        ("application/x-pkcs7-mime", "smime.p7m", "encrypted (S/MIME)"),
    ],
)
def test_an_opaque_smime_mail_is_kept_whole_and_told_in_words(kind: str, name: str, words: str) -> None:
    # when
    understood = read(
        mail(base64.encodebytes(b"\x30\x80sealed"), Content_Type=kind, Content_Transfer_Encoding="base64")
    )
    # then
    assert [(file.name, file.content) for file in understood.attachments] == [(name, b"\x30\x80sealed")]
    assert words in understood.text
    assert understood.new_text == understood.text


def test_a_pgp_mail_is_kept_whole_and_told_in_words() -> None:
    # given
    sealed = b"-----BEGIN PGP MESSAGE-----\r\nabc\r\n-----END PGP MESSAGE-----"
    body, kind = multipart(
        "encrypted", part(b"Version: 1", "application/pgp-encrypted"), part(sealed, "application/octet-stream")
    )
    # when
    understood = read(mail(body, Content_Type=kind))
    # then
    assert [file.name for file in understood.attachments] == ["version.asc", "encrypted.asc"]
    assert understood.attachments[1].content == sealed
    assert "encrypted (PGP)" in understood.text


def test_a_signed_mail_is_read_and_its_signature_is_a_file() -> None:
    for signature, name in (
        ("application/pgp-signature", "signature.asc"),
        ("application/pkcs7-signature", "smime.p7s"),
    ):
        body, kind = multipart("signed", part(b"It burns."), part(b"sig", signature))
        understood = read(mail(body, Content_Type=kind))
        assert understood.text == "It burns."
        assert [file.name for file in understood.attachments] == [name]
