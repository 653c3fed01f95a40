"""Text, files, names, ids, dates, results of authentication, tokens and the digest of ordinary mails."""

import base64
from datetime import UTC, datetime

import pytest

from maild.mail.model import Mailbox
from tests.mail.mails import mail, multipart, part, read, reply


def test_only_html_becomes_readable_text_and_harmless_html() -> None:
    # given
    html = (
        "<html><head><style>p{x:y}</style><title>t</title></head><body><p onclick='x()'>Hello&nbsp;<b>there</b></p>"
        "<ul><li>one</li><li>two</li></ul><div style='display:none'>hidden</div><script>evil()</script>"
        "<a href='https://x.test/a'>here</a> <a href='javascript:evil()'>no</a>"
        "<img src='https://track.test/p.gif'><img src='cid:logo'></body></html>"
    )
    # when
    understood = read(mail(html, Content_Type="text/html; charset=utf-8"))
    # then
    assert understood.text == "Hello\xa0there\n\n- one\n- two\n\nhere <https://x.test/a> no"
    assert understood.html is not None
    for bad in ("onclick", "script", "javascript", "track.test", "style"):
        assert bad not in understood.html
    assert "cid:logo" in understood.html


def test_plain_text_wins_over_html_unless_it_only_says_that_there_is_html() -> None:
    # given
    page = b"<p>" + b"The printer on the second floor burns. " * 40 + b"</p>"
    full = multipart("alternative", part(b"The printer burns."), part(b"<p>The printer burns.</p>", "text/html"))
    stub = multipart("alternative", part(b"Your mail program shows no HTML."), part(page, "text/html"))
    # when
    texts = [read(mail(body, Content_Type=kind)).text for body, kind in (full, stub)]
    # then
    assert texts[0] == "The printer burns."
    assert texts[1].startswith("The printer on the second floor")


def test_flowed_lines_are_joined() -> None:
    source = mail("One \r\nline.\r\n> quo \r\n> ted\r\n-- \r\nJane", Content_Type="text/plain; format=flowed")
    assert read(source).text == "One line.\n> quo ted\n-- \nJane"


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("Grüße €".encode("cp1252"), "iso-8859-1", "Grüße €"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("囍".encode("gb18030"), "gb2312", "囍"),
        ("こんにちは".encode("iso2022_jp"), "ISO-2022-JP", "こんにちは"),
        ("①".encode("cp932"), "shift_jis", "①"),
        ("สวัสดี".encode("cp874"), "windows-874", "สวัสดี"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어"),
    ],
)
def test_charsets_are_read_as_real_senders_mean_them(raw: bytes, charset: str, text: str) -> None:
    assert read(mail(raw, Content_Type=f"text/plain; charset={charset}")).text == text


def test_files_keep_their_names_and_bytes() -> None:
    # given
    data = bytes(range(256))
    encoded = base64.encodebytes(data)
    body, kind = multipart(
        "mixed",
        part(b"See the files."),
        part(
            encoded,
            "application/pdf",
            Content_Disposition='attachment; filename="../../etc/x.pdf"',
            Content_Transfer_Encoding="base64",
        ),
        part(
            encoded,
            "image/png",
            Content_ID="<logo@x>",
            Content_Disposition="inline",
            Content_Transfer_Encoding="base64",
        ),
        part(encoded, "application/pdf", Content_Transfer_Encoding="base64"),
        part(b"x", "application/pdf", Content_Disposition="attachment; filename*=utf-8''%C3%A9%20%E2%82%AC.pdf"),
        part(b"x", "application/pdf", Content_Disposition="attachment; filename*0=long; filename*1=name.pdf"),
        part(b"x", 'application/pdf; name="=?utf-8?q?=C3=BC.pdf?="'),
        part(b"x", "application/pdf", Content_Disposition=f"attachment; filename={'x' * 300}.pdf"),
        part(b"x", "application/pdf", Content_Disposition="attachment; filename=CON.pdf"),
    )
    # when
    understood = read(mail(body, Content_Type=kind))
    # then
    names = [file.name for file in understood.attachments]
    assert names[:6] == ["x.pdf", "part-3.png", "part-4.pdf", "é €.pdf", "longname.pdf", "ü.pdf"]
    assert len(names[6]) == 120
    assert names[6].endswith("x.pdf")
    assert names[7] == "_CON.pdf"
    assert understood.attachments[0].content == data
    assert (understood.attachments[1].inline, understood.attachments[1].content_id) == (True, "logo@x")
    assert understood.text == "See the files."


def test_a_mail_inside_a_mail_is_one_file_with_its_exact_bytes() -> None:
    # given
    inner = b"From: bob@x.test\r\nSubject: Inner: it burns\r\n\r\n#close\r\n"
    body, kind = multipart("mixed", part(inner, "message/rfc822"))
    # when
    understood = read(mail(body, Content_Type=kind))
    # then what it says can be read, but nobody said it now
    assert [(file.name, file.content) for file in understood.attachments] == [
        ("Inner_ it burns.eml", inner.rstrip(b"\r\n") + b"\r\n")
    ]
    assert understood.text.endswith("From: bob@x.test\nSubject: Inner: it burns\n\n#close")
    assert understood.new_text == ""


def test_a_list_footer_behind_base64_is_kept() -> None:
    body = base64.encodebytes("Grüße".encode()) + b"_____\r\nlist footer\r\n"
    text = read(mail(body, Content_Transfer_Encoding="base64")).text
    assert text.startswith("Grüße")
    assert "list footer" in text


def test_ids_names_and_dates_are_read_from_folded_fields() -> None:
    # given
    source = mail(
        Subject="=?utf-8?q?Gr=C3?=\r\n =?utf-8?q?=BC=C3=9Fe?= an\r\n alle",
        References="<1@x>\r\n\t<2@x>",
        In_Reply_To="<2@\r\n x>",
        Date="Di, 3 Mar 2026 11:04:05 +0100 (CET)",
        To='"Desk" <Support@Acme.test>, bob@x.test',
        Delivered_To="support+abc@acme.test",
    )
    # when
    understood = read(source)
    # then
    assert understood.subject == "Grüße an alle"
    assert understood.references == ("<1@x>", "<2@x>")
    assert understood.in_reply_to == ("<2@x>",)
    assert understood.date == datetime(2026, 3, 3, 10, 4, 5, tzinfo=UTC)
    assert understood.to == (Mailbox("support@acme.test", "Desk"), Mailbox("bob@x.test"))
    assert understood.delivered_to == ("support+abc@acme.test",)


@pytest.mark.parametrize(
    "value", ["garbage", "Tue, 99 Mar 2026 10:04:05 +0000", "Mon, 1 Jan 0000 00:00:00 +99999999", ""]
)
def test_a_date_that_is_none_is_none(value: str) -> None:
    assert read(mail(Date=value)).date is None


RESULT = "mx.acme.test; dkim=pass header.d=customer.test; dmarc=pass (p=none) header.from=customer.test"


def results(*lines: str) -> list[tuple[str, str, str]]:
    source = "".join(f"{line}\r\n" for line in lines).encode() + mail()
    return [(item.authserv_id, item.method, item.result) for item in read(source).authentication]


def test_results_above_the_trusted_servers_own_received_count() -> None:
    found = results(f"Authentication-Results: {RESULT}", "Received: from x.test by mx.acme.test with ESMTP; date")
    assert found == [("mx.acme.test", "dkim", "pass"), ("mx.acme.test", "dmarc", "pass")]


@pytest.mark.parametrize(
    "lines",
    [
        ["Received: from a by other.test; date", f"Authentication-Results: {RESULT}"],
        ["Received: from a by mx.acme.test; d", "Received: from b by x.test; d", f"Authentication-Results: {RESULT}"],
        ["Authentication-Results: (mx.acme.test) ; dkim=pass"],
        ["Authentication-Results: mx.acme.test; (dmarc=pass)"],
        ["Authentication-Results: mx.acme.test evil.test; dmarc=pass"],
        ['Authentication-Results: mx.acme.test; dmarc=pass "open'],
        ["Authentication-Results: dmarc=pass header.from=customer.test"],
    ],
    ids=["below another", "below two", "id in comment", "result in comment", "two ids", "open quote", "no id"],
)
def test_results_that_a_sender_may_have_written_do_not_count(lines: list[str]) -> None:
    assert not results(*lines)


def test_results_below_the_trusted_servers_own_received_still_count_and_ids_are_normalised() -> None:
    found = results(
        "Received: from x.test by MX.acme.test. (Postfix); date",
        "Authentication-Results: MX.Acme.test. 1; dmarc=fail x.y=z",
    )
    assert found == [("mx.acme.test", "dmarc", "fail")]


def test_tokens_stand_in_addresses_references_and_ids() -> None:
    # given
    one, two, three, none = "a" * 26, "b" * 26, "c" * 26, "d" * 26
    # when
    understood = read(reply(f"support+{one.upper()}@acme.test\nref {two}\n<out.{three}@acme.test>\n{none}\n"))
    # then
    assert understood.tokens == (one, two, three)


def test_the_digest_is_the_same_whichever_way_a_mail_came() -> None:
    # given
    plain = mail("Grüße\r\n")
    other_way = b"Received: from a by b; date\r\nX-Spam-Flag: NO\r\n" + mail(
        base64.encodebytes("Grüße\n".encode()), Content_Transfer_Encoding="base64"
    )
    # then
    assert read(plain).digest == read(other_way).digest
    assert read(plain).digest != read(mail("Grüsse\r\n")).digest
    assert read(plain).digest != read(mail("Grüße\r\n", Subject="Other")).digest


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The printer does not work and I have no idea what to do with it.", "en"),
        ("Der Drucker geht nicht und ich habe keine Ahnung, was ich tun kann.", "de"),
        ("L'imprimante ne marche pas et je ne sais pas que faire avec le papier.", "fr"),
        ("La impresora no funciona y no sé qué hacer con el papel que tengo.", "es"),
        ("La stampante non funziona e non so che cosa fare con la carta del ufficio.", "it"),
        ("A impressora não funciona e não sei o que fazer com uma folha da caixa.", "pt"),
        ("De printer werkt niet en ik weet niet wat ik met het papier moet doen.", "nl"),
        ("Drukarka nie działa i nie wiem, co się z nią dzieje, proszę o pomoc.", "pl"),
        ("Skrivaren fungerar inte och jag vet inte vad det är som är fel.", "sv"),
        ("Printeren virker ikke og jeg ved ikke, hvad der er galt af det.", "da"),
        ("Tiskárna nefunguje a já nevím, co se s ní děje, prosím o pomoc.", "cs"),
        ("Принтер не работает, и я не знаю, что делать.", "ru"),
        ("プリンタが動きません。助けてください。", "ja"),
        ("打印机不工作，请帮忙。", "zh"),
        ("42", None),
    ],
)
def test_the_language_is_guessed_from_words_and_script(text: str, language: str | None) -> None:
    assert read(mail(text)).language == language
