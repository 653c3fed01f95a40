"""The original inside a forwarded mail, in the forms of mail programs; what only looks like one is none."""

from datetime import UTC, datetime

import pytest

from maild.mail.model import Forwarded, Kind, Mailbox
from maild.mail.written_dates import written_date
from tests.mail.mails import mail, multipart, part, read

BOB = Mailbox("bob@customer.test", "Bob Roe")
AT = datetime(2026, 3, 3, 10, 4, tzinfo=UTC)
WORDS = "Please help him.\n#priority high"
TEXT = "It burns.\n\nBob"

APPLE = {
    "en": ("Begin forwarded message:", "From", "Subject", "Date", "To", "3 March 2026 at 10:04:00 GMT"),
    "de": ("Anfang der weitergeleiteten Nachricht:", "Von", "Betreff", "Datum", "An", "3. März 2026 um 10:04:00 UTC"),
    "fr": ("Début du message réexpédié :", "De", "Objet", "Date", "À", "3 mars 2026 à 10:04:00 UTC"),
    "es": ("Inicio del mensaje reenviado:", "De", "Asunto", "Fecha", "Para", "3 de marzo de 2026, 10:04:00 UTC"),
    "it": ("Inizio messaggio inoltrato:", "Da", "Oggetto", "Data", "A", "3 marzo 2026 10:04:00 UTC"),
    "pt": ("Início da mensagem reencaminhada:", "De", "Assunto", "Data", "Para", "3 de março de 2026, 10:04:00 UTC"),
    "nl": ("Begin doorgestuurd bericht:", "Van", "Onderwerp", "Datum", "Aan", "3 maart 2026 om 10:04:00 UTC"),
    "pl": ("Początek przekazywanej wiadomości:", "Od", "Temat", "Data", "Do", "3 marca 2026 10:04:00 UTC"),
    "sv": ("Vidarebefordrat brev:", "Från", "Ämne", "Datum", "Till", "3 mars 2026 10:04:00 UTC"),
    "da": ("Start på videresendt besked:", "Fra", "Emne", "Dato", "Til", "3. marts 2026 kl. 10.04.00 UTC"),
    "cs": ("Začátek přeposílané zprávy:", "Od", "Předmět", "Datum", "Komu", "3. března 2026 10:04:00 UTC"),
    "ru": ("Начало переадресованного сообщения:", "От", "Тема", "Дата", "Кому", "3 марта 2026 г. в 10:04:00 UTC"),
    "ja": ("転送されたメッセージ:", "差出人", "件名", "日付", "宛先", "2026年3月3日 10:04:00 UTC"),
    "zh": ("以下是转发的邮件：", "发件人", "主题", "日期", "收件人", "2026年3月3日 10:04:00 UTC"),
}
RULED = {
    "en gmail": "---------- Forwarded message ---------",
    "en gmail of old": "---------- Forwarded message ----------",
    "en thunderbird": "-------- Forwarded Message --------",
    "en yahoo": "----- Forwarded Message -----",
    "en proton": "------- Forwarded Message -------",
    "en zoho": "============ Forwarded message ============",
    "de thunderbird": "-------- Weitergeleitete Nachricht --------",
    "de yahoo": "----- Weitergeleitete Mail -----",
    "fr thunderbird": "-------- Message transféré --------",
    "fr yahoo": "----- Mail transféré -----",
    "es": "-------- Mensaje reenviado --------",
    "it": "-------- Messaggio Inoltrato --------",
    "pt": "-------- Mensagem encaminhada --------",
    "nl": "-------- Doorgestuurd bericht --------",
    "pl": "-------- Przekazana wiadomość --------",
    "sv": "-------- Vidarebefordrat meddelande --------",
    "da": "-------- Videresendt meddelelse --------",
    "cs": "-------- Přeposlaná zpráva --------",
    "ru": "-------- Перенаправленное сообщение --------",
    "ru yandex": "-------- Пересылаемое сообщение --------",
    "ja": "-------- 転送メッセージ --------",
    "zh": "---------- 转发的邮件 ----------",
}
OUTLOOK = {
    "en": ("FW:", "From", "Sent", "To", "Subject", "Tuesday, March 3, 2026 10:04 AM"),
    "de": ("WG:", "Von", "Gesendet", "An", "Betreff", "Dienstag, 3. März 2026 10:04"),
    "fr": ("TR :", "De", "Envoyé", "À", "Objet", "mardi 3 mars 2026 10:04"),
    "es": ("RV:", "De", "Enviado el", "Para", "Asunto", "martes, 3 de marzo de 2026 10:04"),
    "it": ("I:", "Da", "Inviato", "A", "Oggetto", "martedì 3 marzo 2026 10:04"),
    "pt": ("ENC:", "De", "Enviada em", "Para", "Assunto", "terça-feira, 3 de março de 2026 10:04"),
    "nl": ("FW:", "Van", "Verzonden", "Aan", "Onderwerp", "dinsdag 3 maart 2026 10:04"),
    "pl": ("PD:", "Od", "Wysłano", "Do", "Temat", "wtorek, 3 marca 2026 10:04"),
    "sv": ("VB:", "Från", "Skickat", "Till", "Ämne", "den 3 mars 2026 10:04"),
    "da": ("VS:", "Fra", "Sendt", "Til", "Emne", "3. marts 2026 10:04"),
    "cs": ("FW:", "Od", "Odesláno", "Komu", "Předmět", "úterý 3. března 2026 10:04"),
    "ru": ("FW:", "От", "Отправлено", "Кому", "Тема", "3 марта 2026 г. 10:04"),
    "ja": ("FW:", "差出人", "送信日時", "宛先", "件名", "2026年3月3日 10:04"),
    "zh": ("转发:", "发件人", "发送时间", "收件人", "主题", "2026年3月3日 10:04"),
}


def found(body: str, **fields: str | None) -> Forwarded | None:
    return read(mail(body, **{"Subject": "Fwd: Printer", "From": "alice@acme.test", **fields})).forwarded


@pytest.mark.parametrize("marker", RULED.values(), ids=RULED.keys())
@pytest.mark.parametrize("subject", ["Fwd: Printer", "Printer"], ids=["said by the subject", "said by the line"])
def test_the_original_stands_below_a_ruled_line(marker: str, subject: str) -> None:
    # given
    block = (
        "From: Bob Roe <bob@customer.test>\nDate: Tue, Mar 3, 2026 at 10:04 AM\nSubject: Printer\nTo: <alice@acme.test>"
    )
    # when
    original = found(f"{WORDS}\n\n{marker}\n{block}\n\n\n{TEXT}\n", Subject=subject)
    # then
    assert original == Forwarded(BOB, "Printer", AT, TEXT, WORDS)


@pytest.mark.parametrize("form", APPLE.values(), ids=APPLE.keys())
@pytest.mark.parametrize("mark", ["", "> "], ids=["plain", "quoted"])
def test_the_original_stands_below_apples_line(form: tuple[str, ...], mark: str) -> None:
    # given
    line, sender, subject, date, to, when = form
    block = [
        f"{sender}: Bob Roe <bob@customer.test>",
        f"{subject}: Printer",
        f"{date}: {when}",
        f"{to}: alice@acme.test",
    ]
    quoted = "\n".join(f"{mark}{text}".rstrip() for text in [*block, "", *TEXT.split("\n")])
    # when
    original = found(f"{WORDS}\n\n{line}\n\n{quoted}\n")
    # then
    assert original == Forwarded(BOB, "Printer", AT, TEXT, WORDS)


@pytest.mark.parametrize("form", OUTLOOK.values(), ids=OUTLOOK.keys())
@pytest.mark.parametrize("rule", ["", "________________________________\n", "-----Original Message-----\n"])
def test_the_original_stands_below_outlooks_block(form: tuple[str, ...], rule: str) -> None:
    # given
    prefix, sender, sent, to, subject, when = form
    block = f"{sender}: Bob Roe <bob@customer.test>\n{sent}: {when}\n{to}: Alice\n{subject}: Printer"
    # when
    original = found(f"{WORDS}\n\n{rule}{block}\n\n{TEXT}\n", Subject=f"{prefix} Printer")
    # then
    assert original == Forwarded(BOB, "Printer", AT, TEXT, WORDS)


@pytest.mark.parametrize(
    "sender",
    [
        "Bob Roe <bob@customer.test>",
        '"Bob Roe" <bob@customer.test>',
        "Bob Roe [mailto:bob@customer.test]",
        "Bob Roe <mailto:bob@customer.test>",
        "Bob Roe <bob@customer.test<mailto:bob@customer.test>>",
        "*Bob Roe* <Bob@Customer.test>",
        "Bob Roe (bob@customer.test)",
        "=?utf-8?q?Bob_Roe?= <bob@customer.test>",
    ],
)
def test_the_original_senders_address_is_read_in_every_writing(sender: str) -> None:
    original = found(f"---------- Forwarded message ---------\nFrom: {sender}\nDate: 3/3/2026\nSubject: x\n\nIt burns.")
    assert original is not None
    assert original.author == BOB
    assert original.words == ""


def test_thunderbirds_order_a_long_list_and_a_folded_subject_are_one_block() -> None:
    # given
    body = (
        "Please help.\n\n-- \nAlice\n\n-------- Weitergeleitete Nachricht --------\nBetreff: \tAW: Printer in the\n"
        "    second room\nDatum: \tTue, 3 Mar 2026 11:04:00 +0100\nVon: \tBob Roe <bob@customer.test>\n"
        "An: \ta@x.test, b@x.test,\n c@x.test\nKopie (CC): \td@x.test\n\nIt burns.\n"
    )
    # then
    assert found(body) == Forwarded(BOB, "AW: Printer in the second room", AT, "It burns.", "Please help.")


def test_mutts_end_line_ends_the_original() -> None:
    # given
    body = (
        "See below.\n\n----- Forwarded message from Bob Roe <bob@customer.test> -----\n\nDate: Tue, 3 Mar 2026 10:04:00 +0000\n"
        "From: Bob Roe <bob@customer.test>\nTo: alice@acme.test\nSubject: Printer\n\nIt burns.\n\n"
        "----- End forwarded message -----\n-- \nAlice"
    )
    # then
    assert found(body) == Forwarded(BOB, "Printer", AT, "It burns.", "See below.")


def test_a_forward_in_html_alone_has_its_original_too() -> None:
    # given
    html = (
        "<div dir='ltr'>Please help.<br><br><div class='gmail_quote'><div dir='ltr' class='gmail_attr'>---------- Forwarded "
        "message ---------<br>From: <strong class='gmail_sendername' dir='auto'>Bob Roe</strong> <span dir='auto'>&lt;<a "
        "href='mailto:bob@customer.test'>bob@customer.test</a>&gt;</span><br>Date: Tue, Mar 3, 2026 at 10:04 AM<br>Subject: "
        "Printer<br>To: &lt;<a href='mailto:alice@acme.test'>alice@acme.test</a>&gt;<br></div><br><br><div>It burns.</div></div></div>"
    )
    # then
    assert found(html, Content_Type="text/html; charset=utf-8") == Forwarded(
        BOB, "Printer", AT, "It burns.", "Please help."
    )


def test_outlooks_forward_in_html_alone_has_its_original_too() -> None:
    # given
    html = (
        "<div class='WordSection1'><p class='MsoNormal'>Bitte helfen.<o:p></o:p></p><div style='border:none;border-top:solid "
        "#E1E1E1 1.0pt'><p class='MsoNormal'><b>Von:</b> Bob Roe &lt;bob@customer.test&gt; <br><b>Gesendet:</b> Dienstag, 3. März "
        "2026 10:04<br><b>An:</b> Alice &lt;alice@acme.test&gt;<br><b>Betreff:</b> Drucker</p></div><p>Er brennt.</p></div>"
    )
    # when
    original = found(html, Content_Type="text/html; charset=utf-8", Subject="WG: Drucker")
    # then
    assert original == Forwarded(BOB, "Drucker", AT, "Er brennt.", "Bitte helfen.")


INNER = (
    b"From: Bob Roe <bob@customer.test>\r\nTo: alice@acme.test\r\nSubject: Printer\r\nMessage-ID: <7@customer.test>\r\n"
    b"Date: Tue, 3 Mar 2026 11:04:00 +0100\r\n\r\nIt burns.\r\n"
)


@pytest.mark.parametrize(
    ("subject", "own", "fields"),
    [
        ("Fwd: Printer", b"Please help.", {}),
        ("Printer", b"", {}),
        ("Printer", b"Please help.", {"X_Forwarded_Message_Id": "<7@customer.test>"}),
    ],
    ids=["said by the subject", "nothing else in it", "said by Thunderbird"],
)
def test_an_attached_original_is_found_with_its_message_id(subject: str, own: bytes, fields: dict[str, str]) -> None:
    # given
    body, kind = multipart("mixed", part(own), part(INNER, "message/rfc822"))
    # when
    understood = read(mail(body, Content_Type=kind, Subject=subject, **fields))
    # then
    assert understood.forwarded == Forwarded(BOB, "Printer", AT, "It burns.", own.decode(), "<7@customer.test>")
    assert "It burns." in understood.text
    assert "It burns." not in understood.new_text


def test_a_mail_attached_to_ones_own_words_is_a_file_not_a_forward() -> None:
    # given
    body, kind = multipart("mixed", part(b"I got this mail, is it real?"), part(INNER, "message/rfc822"))
    # when
    understood = read(mail(body, Content_Type=kind, Subject="A strange mail"))
    # then
    assert understood.forwarded is None
    assert understood.new_text == "I got this mail, is it real?"


def test_of_originals_of_several_people_none_is_the_one() -> None:
    other = INNER.replace(b"bob@", b"eve@")
    body, kind = multipart("mixed", part(b"Please help."), part(INNER, "message/rfc822"), part(other, "message/rfc822"))
    assert read(mail(body, Content_Type=kind, Subject="Fwd: two mails")).forwarded is None


def test_the_message_id_of_an_inline_original_is_the_one_that_the_header_names() -> None:
    body = "---------- Forwarded message ---------\nFrom: Bob Roe <bob@customer.test>\nDate: x\nSubject: y\n\nIt burns."
    for field in ("X_Forwarded_Message_Id", "In_Reply_To", "References"):
        original = found(body, **{field: "<7@customer.test>"})
        assert original is not None
        assert original.message_id == "<7@customer.test>"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Printer",
            f"{WORDS}\n\nFrom: Bob Roe <bob@customer.test>\nSent: Tuesday, March 3, 2026\nTo: A\nSubject: x\n\nIt burns.",
        ),
        (
            "Re: Printer",
            f"{WORDS}\n\n---------- Forwarded message ---------\nFrom: Bob <bob@x.test>\nDate: x\nSubject: y\n\nz",
        ),
        ("Fwd: Printer", "I forwarded it, see the other mail."),
        ("Fwd: Printer", "My address:\n\nFrom: bob@customer.test I get nothing."),
        ("Fwd: Printer", "---------- Forwarded message ---------\nFrom: Bob Roe\nSubject: x\nDate: y\n\nno address"),
        ("Printer", "The forwarded message from Bob <bob@x.test> was empty: why?\nFrom: bob@x.test"),
        ("I: am here", "Hello"),
    ],
    ids=["no forward by its subject", "a reply", "only words", "one label", "no address", "prose", "a person called I"],
)
def test_what_is_no_forward_has_no_original(subject: str, body: str) -> None:
    assert found(body, Subject=subject) is None


def test_a_forwarded_bounce_is_a_forward_by_a_person() -> None:
    # given
    status = b"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; bob@x.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    inner = b"From: MAILER-DAEMON@x.test\r\nSubject: Undelivered Mail\r\nReturn-Path: <>\r\n\r\nuser unknown, not delivered\r\n"
    body, kind = multipart(
        "mixed", part(b"What does this mean?"), part(inner, "message/rfc822"), part(status, "message/delivery-status")
    )
    # when
    understood = read(mail(body, Content_Type=kind, Subject="Fwd: Undelivered Mail Returned to Sender"))
    # then
    assert understood.kind is Kind.NORMAL
    assert understood.bounced == ()
    assert understood.forwarded is not None
    assert understood.forwarded.words == "What does this mean?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, Mar 3, 2026 at 10:04 AM", AT),
        ("Dienstag, 3. März 2026 10:04", AT),
        ("mar. 3 mars 2026 à 10:04", AT),
        ("martes, 3 de marzo de 2026 10:04", AT),
        ("martedì 3 marzo 2026 10:04", AT),
        ("terça-feira, 3 de março de 2026 10:04", AT),
        ("dinsdag 3 maart 2026 10:04", AT),
        ("wtorek, 3 marca 2026 10:04", AT),
        ("den 3 mars 2026 10:04", AT),
        ("tirs. 3. mar. 2026 kl. 10.04", AT),
        ("úterý 3. března 2026 10:04", AT),
        ("3 марта 2026 г. 10:04", AT),
        ("2026年3月3日(火) 10:04", AT),
        ("2026-03-03 11:04:00 +0100", AT),
        ("3.3.2026 10:04", AT),
        ("3/3/26 10:04 AM", AT),
        ("03 March 2026 11:04:00 CET", AT),
        ("12/31/2026", datetime(2026, 12, 31, tzinfo=UTC)),
        ("31/12/2026 23:59", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)),
        ("2026年3月3日 下午2:04", datetime(2026, 3, 3, 14, 4, tzinfo=UTC)),
        ("5 listopada 2026 8:00", datetime(2026, 11, 5, 8, 0, tzinfo=UTC)),
        ("3. července 2026", datetime(2026, 7, 3, tzinfo=UTC)),
        ("99.99.2026 10:04", None),
        ("today", None),
        ("", None),
    ],
)
def test_dates_are_read_as_programs_write_them_for_people(text: str, expected: datetime | None) -> None:
    assert written_date(text) == expected
