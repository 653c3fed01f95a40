"""Mails made to break a reader: each is read within its time, and something readable comes of it (RELIABILITY 2.4)."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.model import Hints, InboundMail, Limits
from maild.mail.parse import understand
from tests.mail.mails import mail, read, reply


def timed(source: bytes, seconds: float) -> InboundMail:
    begun = time.process_time()
    understood = read(source)
    spent = time.process_time() - begun
    assert spent <= seconds, f"{spent:.2f} s"
    assert not any("could not be understood" in defect for defect in understood.defects), understood.defects
    return understood


def nested(depth: int) -> bytes:
    layer = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    inner = b"".join(layer % (n, n) for n in range(depth))
    return b"From: jane@customer.test\r\nSubject: deep\r\n" + inner + b"\r\nHello"


@pytest.mark.parametrize("depth", [31, 1_000, 2_000, 10_000])
def test_parts_nested_too_deep_are_kept_as_one_file(depth: int) -> None:
    understood = timed(nested(depth), 2.0)
    assert understood.subject == "deep"
    assert len(understood.attachments) == 1
    assert "nested more than 30 deep" in " ".join(understood.defects)


def test_mails_within_mails_are_one_file() -> None:
    source = b"From: jane@customer.test\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + b"Hello"
    assert [file.content_type for file in timed(source, 2.0).attachments] == ["message/rfc822"]


@pytest.mark.parametrize("count", [501, 200_000])
def test_a_flood_of_parts_ends_at_the_limit(count: int) -> None:
    source = mail(b"--b\r\n\r\n" * count, Content_Type="multipart/mixed; boundary=b")
    assert "more parts than allowed" in " ".join(timed(source, 2.0).defects)


@pytest.mark.parametrize(
    "block",
    [
        b"".join(b"X-%d: y\r\n" % n for n in range(100_000)),
        b"X: " + b"y" * 1_000_000 + b"\r\n",
        b"Subject: " + b"x" * 1_000_000 + b"\r\n",
    ],
    ids=["100,000 fields", "one field of 1 MB", "a subject of 1 MB"],
)
def test_beyond_the_header_limits_nobody_is_believed_but_the_text_is_read(block: bytes) -> None:
    understood = timed(b"From: alice@acme.test\r\n" + block + b"\r\nHello", 1.0)
    assert understood.author is None
    assert understood.text == "Hello"
    assert understood.defects


def test_31_mebibytes_of_empty_lines_are_read_in_time() -> None:
    timed(mail(b"\r\n" * (31 * 512 * 1024)), 3.0)


def test_no_from_is_read_without_an_author() -> None:
    understood = read(mail(From=None))
    assert (understood.author, understood.claimed, understood.text) == (None, None, "Hello")


def test_two_from_fields_name_no_author() -> None:
    understood = read(b"From: alice@acme.test\r\n" + mail())
    assert understood.author is None
    assert "2 From fields" in understood.defects


@pytest.mark.parametrize(
    "value",
    [
        "alice@acme.test(<evil@x.test>",
        "alice@acme.test <evil@x.test> junk",
        "alice@acme.test, evil@x.test",
        "Team: alice@acme.test, evil@x.test;",
        "a@b@acme.test",
        "alice@acme.test\r\n\t,evil@x.test",
        "<alice@acme.test",
        "alice@acme.test>",
        "alice @acme.test evil@x.test",
        "(" * 500 + "alice@acme.test",
        "(" * 50_000 + "alice@acme.test",
        '"alice@acme.test',
        "undisclosed-recipients:;",
        "",
    ],
)
def test_a_from_that_can_be_read_in_two_ways_names_no_author(value: str) -> None:
    assert timed(mail(From=value), 1.0).author is None


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("alice@acme.test", "alice@acme.test", ""),
        ("Alice Smith <ALICE@Acme.Test>", "alice@acme.test", "Alice Smith"),
        ('"Smith, Alice" <alice@acme.test>', "alice@acme.test", "Smith, Alice"),
        ("=?utf-8?q?J=C3=B6rg?= <j@acme.test>", "j@acme.test", "Jörg"),
        ("=?iso-8859-1?b?SvZyZw==?= <j@acme.test>", "j@acme.test", "Jörg"),
        ("alice@acme.test (Alice Smith)", "alice@acme.test", "Alice Smith"),
        ('"alice@acme.test" <evil@x.test>', "evil@x.test", ""),
        ("alıce@acme.test", "alıce@acme.test", ""),
        ("A\u202elice\u200b <alice@acme.test>", "alice@acme.test", "Alice"),
    ],
)
def test_a_plain_from_names_its_author(value: str, address: str, name: str) -> None:
    author = read(mail(From=value)).author
    assert author is not None
    assert (author.address, author.name) == (address, name)


@pytest.mark.parametrize(
    "charset", ['"a\0b"', "klingon", "punycode", "idna", "undefined", "zlib", "rot13", "utf-7", "hex"]
)
def test_odd_charsets_are_read_in_time(charset: str) -> None:
    source = mail(b"Gr\xfc\xdfe +-~{ abc" * 20_000, Content_Type=f"text/plain; charset={charset}")
    assert "abc" in timed(source, 1.0).text


def test_an_unknown_charset_is_named_and_read_as_western() -> None:
    understood = read(mail(b"Gr\xfc\xdfe", Content_Type="text/plain; charset=klingon"))
    assert understood.text == "Grüße"
    assert "unknown charset 'klingon'" in understood.defects


def test_nul_and_lone_surrogates_never_leave() -> None:
    source = mail(b"a\x00b\xed\xa0\x80c\x1b[2J=00", Subject="x\x00y\x1b", Content_Transfer_Encoding="quoted-printable")
    understood = read(source)
    for text in (understood.text, understood.new_text, understood.subject):
        assert not any((ord(char) < 32 and char not in "\n\t") or 0xD800 <= ord(char) < 0xE000 for char in text)


def test_a_line_break_in_an_encoded_word_stays_inside_the_subject() -> None:
    assert read(mail(Subject="=?utf-8?q?a=0D=0ABcc:_x=40y.z?=")).subject == "a Bcc: x@y.z"


def test_a_message_id_of_82_characters_is_kept_whole() -> None:
    long = "<DB9PR01MB1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF@DB9PR01.prod.example.test>"
    assert read(mail(Message_ID=f"\r\n {long}")).message_id == long


def test_ids_beyond_998_bytes_are_left_out() -> None:
    assert read(mail(Message_ID=f"<{'x' * 990}@customer.test>")).message_id is None


def test_of_10_000_references_the_first_and_the_last_20_count() -> None:
    # given
    ids = [f"<{n}@x>" for n in range(10_000)]
    # when
    understood = timed(mail(References=" ".join(ids)), 0.2)
    # then the field's own limit of 64 KiB cut the list before
    assert understood.references[0] == "<0@x>"
    assert len(understood.references) == 21


def test_no_body_and_no_subject_are_empty_text() -> None:
    understood = read(b"From: jane@customer.test\r\n\r\n")
    assert (understood.subject, understood.text, understood.new_text) == ("", "", "")


def test_bytes_that_are_no_mail_at_all_are_shown() -> None:
    assert "not a mail" in read(b"this is not a mail\nat all").text


PUMPS = [
    "On ", "On a b c d\n", "\n", "> ", ">\n", "From: ", "From: a\n", "a:b\n", "-----", "---\n", "-- \n", "_",
    "a@b.c ", "@", ":", "2026 ", "wrote:\n", "Sent from my iPhone\n", "10:00 a@b.c\n", "<a@b ",
    "+aaaaaaaaaaaaaaaaaaaaaaa", " \t", "x\n\n", "Am 10:00 ", "> x\ny\n", "On 2026 a@b.c wrote:\n> x\n",
    "From: a\nTo: b\n",
]  # fmt: skip
HTML_PUMPS = [
    "<a ", "<div>", "<!--", "&lt;", "<", "<b></p>", "<p><font>", "<blockquote>", "<table><td>", "<a href=x>",
    "<svg><g>", "<p style='display:none'>x", "<![CDATA[", "<select>", "<template>", "<script>", "<pre>  ", " ",
    "<img src=x>",
]  # fmt: skip


@pytest.mark.parametrize("pump", PUMPS, ids=repr)
def test_no_repeated_text_makes_quote_finding_slow(pump: str) -> None:
    timed(reply("Hi\n" + (pump * (100_000 // len(pump) + 1))[:100_000]), 0.5)


@pytest.mark.parametrize("pump", HTML_PUMPS, ids=repr)
def test_no_repeated_html_makes_reading_slow(pump: str) -> None:
    source = reply("<p>Hi " + (pump * (100_000 // len(pump) + 1))[:100_000], Content_Type="text/html")
    assert "Hi" in timed(source, 0.5).text


@pytest.mark.parametrize(
    "fields",
    [
        {"Subject": "=?a?q?x" * 9_000},
        {"Subject": " =?utf-8?q?a?=" * 4_000},
        {"From": '"' * 60_000 + " <a@b.c>"},
        {"To": ", ".join(f"x{n}@y.z" for n in range(5_000))},
        {"Content_Type": "text/plain; " + ";".join(f"a{n}=b" for n in range(8_000))},
        {"Content_Type": "application/pdf; " + ";".join(f"filename*{n}=b" for n in range(4_000))},
        {"Authentication_Results": "mx.acme.test; " + "(" * 30_000},
        {"Received": "from x by " + "y " * 30_000},
    ],
    ids=["torn words", "words", "quotes", "addresses", "parameters", "continuations", "comments", "received"],
)
def test_no_long_field_makes_reading_slow(fields: dict[str, str]) -> None:
    timed(mail(**fields), 0.5)


HEADERS = st.sampled_from([
    b"From: a@b.c\r\n", b"Subject: =?utf-8?b?/w==?=\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"--b\r\n", b"Content-Type: text/html; charset=x\r\n", b"Content-Transfer-Encoding: base64\r\n", b"\r\n",
    b"--b--\r\n", b"<p>x", b"Content-Type: message/delivery-status\r\n",
    b"Action: failed\r\nFinal-Recipient: rfc822; a@b.c\r\n", b"On 1 a wrote:\n> x\n",
    b"Content-Type: text/plain; format=flowed; charset=utf-16\r\n",
    b"Content-Disposition: attachment; filename*0*=''%ff\r\n",
])  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.one_of(HEADERS, st.binary(max_size=40)), max_size=25).map(b"".join))
def test_understanding_never_raises_and_its_texts_can_be_stored(source: bytes) -> None:
    # when
    understood = understand(source, Hints(), Limits())
    # then
    assert not any("could not be understood" in defect for defect in understood.defects)
    for text in (understood.text, understood.new_text, understood.subject, understood.html or "", *understood.tokens):
        text.encode("utf-8")
        assert "\x00" not in text
    for file in understood.attachments:
        assert 0 < len(file.name.encode()) <= 120
        assert "/" not in file.name
