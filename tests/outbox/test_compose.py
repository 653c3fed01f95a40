"""What compose writes is read back by the standard library as it was meant, whatever a stranger put in."""

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maild.errors import PermanentError
from maild.mail.clean import clean_text
from maild.mail.model import Attachment, Mailbox
from maild.outbox.compose import compose
from maild.outbox.fields import one_line
from maild.outbox.outgoing import Outgoing

ANY_TEXT = st.text(st.characters(codec=None), max_size=120)
HOSTILE = st.one_of(
    ANY_TEXT,
    st.text(alphabet='ab \r\n\x00\x0b\x85\u2028\u2029\ud800"\\<>@,;:=?_.-()é日😀', max_size=80),
    st.sampled_from(
        ["=?utf-8?q?x?=", "a\r\nBcc: evil@x.test", "a\r\n\r\nbody", "=?", '"', "\\", "x" * 300, "é" * 200, "日 " * 90]
    ),
)
PROPERTY = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

MAIL = Outgoing(
    sender=Mailbox("support@acme.test", "Acme Support"),
    to=(Mailbox("mira@shop.test", "Mira Okafor"),),
    cc=(),
    reply_to=None,
    subject="[TICK-1001] Printer on fire",
    date=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    message_id="<k1abc@acme.test>",
    in_reply_to=(),
    references=(),
    auto_submitted=None,
    text="Hello\n",
    html=None,
)


def parsed(raw: bytes) -> Message:
    return email.message_from_bytes(raw)


def decoded(message: Message, name: str) -> str:
    return str(make_header(decode_header(re.sub(r"\r\n(?=[ \t])", "", str(message[name])))))


def strict(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def header_lines(raw: bytes) -> list[bytes]:
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


def assert_well_formed(raw: bytes) -> None:
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert all(line.strip() for line in header_lines(raw))


@PROPERTY
@given(HOSTILE)
def test_any_subject_arrives_clean_and_adds_no_field(subject: str) -> None:
    raw = compose(replace(MAIL, subject=subject))

    message = parsed(raw)
    assert_well_formed(raw)
    assert decoded(message, "Subject").strip() == one_line(subject)
    assert (strict(raw)["Subject"] or "").strip() == one_line(subject)
    assert message.keys() == parsed(compose(MAIL)).keys()
    assert all(len(line) <= 78 for line in header_lines(raw))


@PROPERTY
@given(HOSTILE, HOSTILE)
def test_any_display_names_arrive_with_their_addresses(name: str, other: str) -> None:
    boxes = (Mailbox("mira@shop.test", name), Mailbox("jonas@shop.test", other))

    raw = compose(replace(MAIL, to=boxes))

    read = strict(raw)["To"].addresses
    assert_well_formed(raw)
    assert [each.addr_spec for each in read] == ["mira@shop.test", "jonas@shop.test"]
    pairs = getaddresses([re.sub(r"\r\n(?=[ \t])", "", str(parsed(raw)["To"]))])
    assert [address for _, address in pairs] == ["mira@shop.test", "jonas@shop.test"]
    assert [str(make_header(decode_header(shown))) for shown, _ in pairs] == [one_line(name), one_line(other)]


@PROPERTY
@given(HOSTILE, st.one_of(st.none(), HOSTILE))
def test_any_text_and_html_arrive_whole(text: str, html: str | None) -> None:
    raw = compose(replace(MAIL, text=text, html=html))

    message = strict(raw)
    bodies = [part for part in message.walk() if not part.is_multipart()]
    assert_well_formed(raw)
    assert [part.get_content_type() for part in bodies] == ["text/plain", "text/html"][: len(bodies)]
    for part, words in zip(bodies, (text, html) if html is not None else (text,), strict=True):
        clean = clean_text(words or "")
        assert part.get_content().replace("\r\n", "\n") == (clean if clean.endswith("\n") else clean + "\n")


@PROPERTY
@given(
    HOSTILE,
    st.binary(max_size=300),
    st.sampled_from(["text/plain", "image/png", "message/rfc822", "x\r\ny/z", "multipart/mixed"]),
)
def test_any_file_arrives_byte_for_byte_under_its_name(name: str, content: bytes, kind: str) -> None:
    raw = compose(replace(MAIL, attachments=(Attachment(name, kind, content),)))

    part = parsed(raw).get_payload(1)
    assert isinstance(part, Message)
    filename = part.get_filename()
    assert_well_formed(raw)
    assert part.get_payload(decode=True) == content
    assert (filename or "") == one_line(name)
    assert part.get_content_type() in (kind, "application/octet-stream")


@PROPERTY
@given(HOSTILE)
def test_any_extra_header_value_stays_one_field(value: str) -> None:
    raw = compose(replace(MAIL, headers=(("X-Maild-Ticket", value), ("X-Maild-Event", "answer"))))

    assert_well_formed(raw)
    assert decoded(parsed(raw), "X-Maild-Ticket").strip() == one_line(value)
    assert parsed(raw)["X-Maild-Event"] == "answer"
    assert "Bcc" not in parsed(raw)


@PROPERTY
@given(st.text(alphabet='abc.@"\\ <>\r\n,;é日ß\x00-_', min_size=1, max_size=40))
def test_any_address_is_written_right_or_refused_in_words(address: str) -> None:
    mail = replace(MAIL, to=(Mailbox(address),))

    try:
        raw = compose(mail)
    except PermanentError:
        return

    assert_well_formed(raw)
    assert len(getaddresses([str(parsed(raw)["To"])])) == 1
    assert "Bcc" not in parsed(raw)


def test_an_82_character_id_is_never_encoded_or_split() -> None:
    long_id = "<DB9PR04MB8461" + "A" * 50 + "@eurprd04.outlook>"
    chain = tuple(f"<{number}{long_id[2:]}" for number in range(5))
    assert len(long_id) == 82

    raw = compose(replace(MAIL, in_reply_to=(long_id,), references=(*chain, long_id)))

    assert b"In-Reply-To: " + long_id.encode() + b"\r\n" in raw
    assert b"=?" not in raw
    assert str(parsed(raw)["References"]).split() == [*chain, long_id]


def test_a_very_long_chain_keeps_its_first_and_its_newest_ids() -> None:
    chain = tuple(f"<{number}@shop.test>" for number in range(500))

    kept = str(parsed(compose(replace(MAIL, references=chain)))["References"]).split()

    assert kept[0] == chain[0] and kept[1:] == list(chain[-39:])


def test_what_is_no_id_is_left_out_of_the_chain() -> None:
    ids = ("<good@x.test>", "<evil@x>\r\nBcc: a@b.test", "no brackets", "<ü@x.test>", "")

    message = parsed(compose(replace(MAIL, references=ids)))

    assert message["References"] == "<good@x.test>"


def test_a_domain_of_another_script_goes_out_in_its_ascii_form() -> None:
    raw = compose(replace(MAIL, to=(Mailbox("mira@bücher.example"), Mailbox("jo@straße.example"))))

    assert b"mira@xn--bcher-kva.example" in raw
    assert b"jo@xn--strae-oqa.example" in raw


@pytest.mark.parametrize(
    "address", ["jürgen@shop.test", "nobody", "@shop.test", "a@", "a@b c", "a@-", "a@" + "x" * 400]
)
def test_an_address_that_cannot_be_written_says_so(address: str) -> None:
    with pytest.raises(PermanentError, match=r"not ASCII|not a mail address|not a domain name"):
        compose(replace(MAIL, to=(Mailbox(address),)))


def test_one_odd_copy_does_not_silence_the_mail() -> None:
    mail = replace(MAIL, to=(*MAIL.to, Mailbox("jürgen@shop.test")), cc=(Mailbox("@"),))

    message = parsed(compose(mail))

    assert message["To"] == "Mira Okafor <mira@shop.test>"
    assert "Cc" not in message


def test_an_odd_local_part_is_quoted() -> None:
    assert parsed(compose(replace(MAIL, to=(Mailbox("a b@shop.test"),))))["To"] == '"a b"@shop.test'


def test_short_ascii_text_stays_readable_in_the_bytes_with_its_signature_mark() -> None:
    raw = compose(replace(MAIL, text="Hello\n-- \nAlice\n"))

    assert raw.endswith(b"Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\n-- \r\nAlice\r\n")


@pytest.mark.parametrize("text", ["From here on\n", "x" * 200, "a \nb", ".\n", "--=_x\n", "é"])
def test_text_that_programs_on_the_way_would_change_is_encoded(text: str) -> None:
    raw = compose(replace(MAIL, text=text))

    assert parsed(raw)["Content-Transfer-Encoding"] in ("quoted-printable", "base64")
    body = raw.partition(b"\r\n\r\n")[2]
    assert all(len(line) <= 78 and line != b"." and not line.startswith(b"From ") for line in body.split(b"\r\n"))


def test_text_in_another_script_takes_base64_when_that_is_shorter() -> None:
    japanese, german = (
        parsed(compose(replace(MAIL, text=text)))
        for text in ("日本語" * 50, "Danke für die Nachricht, wir melden uns. " * 9)
    )

    assert japanese["Content-Transfer-Encoding"] == "base64"
    assert german["Content-Transfer-Encoding"] == "quoted-printable"


def test_html_pictures_and_files_nest_as_clients_expect() -> None:
    files = (
        Attachment("logo.png", "image/png", b"png", inline=True, content_id="logo@acme.test"),
        Attachment("Rechnung März.pdf", "application/pdf", b"%PDF"),
    )

    raw = compose(replace(MAIL, html='<img src="cid:logo@acme.test">', attachments=files))

    shape = [part.get_content_type() for part in parsed(raw).walk()]
    assert shape == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip
    assert b"Content-ID: <logo@acme.test>" in raw
    assert b"filename*=utf-8''Rechnung%20M%C3%A4rz.pdf" in raw


def test_an_inline_picture_without_html_becomes_a_file() -> None:
    picture = Attachment("logo.png", "image/png", b"png", inline=True, content_id="logo@acme.test")

    shape = [part.get_content_type() for part in parsed(compose(replace(MAIL, attachments=(picture,)))).walk()]

    assert shape == ["multipart/mixed", "text/plain", "image/png"]


def test_the_same_mail_is_the_same_bytes() -> None:
    mail = replace(MAIL, html="<p>é</p>", attachments=(Attachment("a.txt", "text/plain", b"x"),))

    assert compose(mail) == compose(mail)


def test_the_fields_stand_in_a_fixed_order() -> None:
    mail = replace(
        MAIL,
        cc=(Mailbox("cc@shop.test"),),
        reply_to=Mailbox("support+k1abc@acme.test"),
        in_reply_to=("<a@b>",),
        references=("<a@b>",),
        auto_submitted="auto-generated",
        headers=(("X-Maild-Ticket", "TICK-1001"),),
    )

    assert parsed(compose(mail)).keys() == [
        "Date", "From", "To", "Cc", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
        "X-Maild-Ticket", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Bcc", "From", "X-Bad\r\nBcc", ""])
def test_a_header_name_of_the_programs_own_making_must_be_right(name: str) -> None:
    with pytest.raises(ValueError, match=r"compose itself|not a header field name"):
        compose(replace(MAIL, headers=((name, "x"),)))
