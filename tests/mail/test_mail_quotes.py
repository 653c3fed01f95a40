"""The new text of replies: languages, mail programs, and what must never be cut."""

import pytest

from maild.mail.model import Hints
from maild.mail.quotes import new_text
from tests.mail.mails import HINTS, mail, multipart, part, read, reply

ATTRIBUTIONS = {
    "en gmail": "On Tue, Mar 3, 2026 at 10:04 AM Acme Support <support@acme.test> wrote:",
    "en gmail wrapped": "On Tue, Mar 3, 2026 at 10:04 AM Acme Support Department <\nsupport@acme.test> wrote:",
    "en apple": "On Mar 3, 2026, at 10:04 AM, Acme Support <support@acme.test> wrote:",
    "en thunderbird": "On 3/3/26 10:04, Acme Support wrote:",
    "en narrow spaces": "On Tue, Mar 3, 2026 at 10:04\u202fAM Acme Support <support@acme.test>\nwrote:",
    "de": "Am 03.03.2026 um 10:04 schrieb Acme Support:",
    "de gmail": "Am Di., 3. März 2026 um 10:04 Uhr schrieb Acme Support <support@acme.test>:",
    "fr": "Le mar. 3 mars 2026 à 10:04, Acme Support <support@acme.test> a écrit\xa0:",
    "fr thunderbird": "Le 03/03/2026 à 10:04, Acme Support a écrit :",
    "es": "El mar, 3 mar 2026 a las 10:04, Acme Support (<support@acme.test>) escribió:",
    "it": "Il giorno mar 3 mar 2026 alle ore 10:04 Acme Support <support@acme.test> ha scritto:",
    "pt": "Em ter., 3 de mar. de 2026 às 10:04, Acme Support <support@acme.test> escreveu:",
    "nl": "Op di 3 mrt 2026 om 10:04 schreef Acme Support <support@acme.test>:",
    "pl": "wt., 3 mar 2026 o 10:04 Acme Support <support@acme.test> napisał(a):",
    "pl thunderbird": "W dniu 3.03.2026 o 10:04, Acme Support pisze:",
    "sv": "Den tis 3 mars 2026 kl 10:04 skrev Acme Support <support@acme.test>:",
    "da": "Den tirs. 3. mar. 2026 kl. 10.04 skrev Acme Support <support@acme.test>:",
    "cs": "út 3. 3. 2026 v 10:04 odesílatel Acme Support <support@acme.test> napsal:",
    "ru": "вт, 3 мар. 2026 г. в 10:04, Acme Support <support@acme.test>:",
    "ru thunderbird": "03.03.2026 10:04, Acme Support пишет:",
    "ja": "2026年3月3日(火) 10:04 Acme Support <support@acme.test>:",
    "zh": "Acme Support <support@acme.test> 于2026年3月3日周二 10:04写道：",
    "ko": "2026년 3월 3일 (화) 오전 10:04, Acme Support <support@acme.test>님이 작성:",
    "tr": "Acme Support <support@acme.test>, 3 Mar 2026 Sal, 10:04 tarihinde şunu yazdı:",
}

BLOCKS = {
    "en": "From: Acme Support <support@acme.test>\nSent: Tuesday, March 3, 2026 10:04 AM\nTo: Jane\nSubject: Printer",
    "en bold": "*From:* Acme Support\n*Sent:* Tuesday, March 3, 2026 10:04 AM\n*To:* Jane\n*Subject:* Printer",
    "de": "Von: Acme Support <support@acme.test>\nGesendet: Dienstag, 3. März 2026 10:04\nAn: Jane\nBetreff: Drucker",
    "fr": "De : Acme Support <support@acme.test>\nEnvoyé : mardi 3 mars 2026 10:04\nÀ : Jane\nObjet : Imprimante",
    "es": "De: Acme Support <support@acme.test>\nEnviado: martes, 3 de marzo de 2026 10:04\nPara: J\nAsunto: Impresora",
    "it": "Da: Acme Support <support@acme.test>\nInviato: martedì 3 marzo 2026 10:04\nA: Jane\nOggetto: Stampante",
    "pt": "De: Acme Support <support@acme.test>\nEnviado: terça-feira, 3 de março de 2026 10:04\nPara: J\nAssunto: X",
    "nl": "Van: Acme Support <support@acme.test>\nVerzonden: dinsdag 3 maart 2026 10:04\nAan: Jane\nOnderwerp: Printer",
    "pl": "Od: Acme Support <support@acme.test>\nWysłano: wtorek, 3 marca 2026 10:04\nDo: Jane\nTemat: Drukarka",
    "sv": "Från: Acme Support <support@acme.test>\nSkickat: den 3 mars 2026 10:04\nTill: Jane\nÄmne: Skrivare",
    "da": "Fra: Acme Support <support@acme.test>\nSendt: 3. marts 2026 10:04\nTil: Jane\nEmne: Printer",
    "cs": "Od: Acme Support <support@acme.test>\nOdesláno: úterý 3. března 2026 10:04\nKomu: Jane\nPředmět: Tiskárna",
    "ru": "От: Acme Support <support@acme.test>\nОтправлено: 3 марта 2026 г. 10:04\nКому: Jane\nТема: Принтер",
    "ja": "差出人: Acme Support <support@acme.test>\n送信日時: 2026年3月3日 10:04\n宛先: Jane\n件名: プリンタ",
    "zh": "发件人: Acme Support <support@acme.test>\n发送时间: 2026年3月3日 10:04\n收件人: Jane\n主题: 打印机",
    "unknown but ours": "Saatja: Acme <support@acme.test>\nSaadetud: 3. märts 2026 10:04\nKellele: J\nTeema: X",
}

KEEP = {
    "a journey": "My booking is:\n\nFrom: Berlin\nTo: Paris\nDate: 12.05.2026\n\nPlease change it.",
    "a form": "Here you are:\n\nName: Jane Doe\nEmail: jane@customer.test\nPhone: 12345\nDate: 12.05.2026\n\nThanks",
    "a request that ends in a colon": "Please send the invoice from 12.03.2026 to anna@customer.test:\n\nACME Ltd",
    "what I wrote": "As I wrote on 12.03.2026 to anna@customer.test, the problem is:\n\nit does not print.",
    "best regards": "It works now.\n\nBest regards\nJane",
    "a list with dashes": "Missing:\n-- the cable\n-- the paper\n\nPlease send both.",
    "a parcel": "I returned the printer.\n\nSent via DHL on Monday, number 123 456.",
    "a point of view": "It is broken.\n\nFrom my point of view nothing helps here any more, so please replace it.",
    "a log": "The log says:\n\n2026-03-03 10:04:05 error: no paper\n2026-03-03 10:04:06 error: no ink",
    "a ruler": "First.\n\n----------\n\nSecond.",
}


@pytest.mark.parametrize("words", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_text_above_an_attribution_is_new(words: str, mark: str) -> None:
    # given
    quote = "\n".join(f"{mark}{line}" for line in ("Dear Jane,", "did you try it off and on?"))
    # when
    new = new_text(f"Yes, twice.\nStill dead.\n\n{words}\n\n{quote}\n", HINTS)
    # then
    assert new == "Yes, twice.\nStill dead."


@pytest.mark.parametrize("words", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_text_right_above_an_attribution_is_not_taken_for_its_first_line(words: str) -> None:
    assert new_text(f"Yes, twice.\n{words}\n> Dear Jane\n", HINTS) == "Yes, twice."


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
@pytest.mark.parametrize("ruler", ["", "________________________________\n", "-----Original Message-----\n"])
def test_text_above_an_outlook_block_is_new(block: str, ruler: str) -> None:
    assert new_text(f"Yes, twice.\n\n{ruler}{block}\n\nDear Jane,\ndid you try?\n", HINTS) == "Yes, twice."


@pytest.mark.parametrize("text", KEEP.values(), ids=KEEP.keys())
@pytest.mark.parametrize("above", ["", "Hello,\n\n", "Hello,\n"], ids=["at the top", "below", "right below"])
def test_what_only_looks_like_a_quote_stays(text: str, above: str) -> None:
    assert new_text(above + text, HINTS) == above + text


@pytest.mark.parametrize(
    "ending",
    [
        "-- \nJane Doe\nCustomer Ltd",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Get Outlook for Android<https://aka.ms/x>",
        "--\nJane\n\nSent from my iPad",
        "This email and any attachments are confidential and intended solely\nfor the addressee.",
    ],
)
def test_signatures_and_phone_lines_go(ending: str) -> None:
    assert new_text(f"It works.\n\n{ending}\n", HINTS) == "It works."


def test_our_own_marker_ends_the_new_text() -> None:
    text = f"Fine.\n\nOn Tue, Mar 3, 2026 Acme Support wrote:\n{HINTS.marker}\nDear Jane, did you try?"
    assert new_text(text, HINTS) == "Fine."


def test_an_answer_below_the_quote_is_new() -> None:
    text = "On Tue, Mar 3, 2026 at 10:04 AM Acme Support wrote:\n> Off and on?\n> Acme\n\nYes, I did."
    assert new_text(text, HINTS) == "Yes, I did."


def test_answers_between_quoted_lines_keep_what_they_answer() -> None:
    # given
    quoted = "On Tue, Mar 3, 2026 Acme Support wrote:\n> Which printer?\n\nThe big one.\n\n> Since when?\n\nToday."
    # when
    new = new_text(f"Hi,\n\n{quoted}\n\n> Acme", HINTS)
    # then
    assert new == "Hi,\n\n> Which printer?\n\nThe big one.\n\n> Since when?\n\nToday."


def test_when_nothing_would_be_left_everything_stays() -> None:
    text = "On Tue, Mar 3, 2026 Acme Support wrote:\n> Off and on?"
    assert new_text(text, HINTS) == text


def test_a_first_mail_is_never_cut() -> None:
    body = (
        "See below.\n\nFrom: Bob <bob@x.test>\nSent: Tuesday, March 3, 2026\nTo: me\nSubject: x\n\nIt burns.\n-- \nBob"
    )
    assert read(mail(body)).new_text == body


@pytest.mark.parametrize("subject", ["Fwd: Printer", "WG: Drucker", "TR: Imprimante", "FW: x"])
def test_a_forward_is_never_cut(subject: str) -> None:
    body = (
        "Please help her.\n\n---------- Forwarded message ---------\nFrom: Bob <bob@x.test>\nDate: today\n\nIt burns."
    )
    assert read(reply(body, Subject=subject)).new_text == body


def test_a_forward_without_a_marker_line_is_never_cut() -> None:
    body = "Please help her.\n\nFrom: Bob <bob@x.test>\nSent: Tuesday, March 3, 2026\nTo: me\nSubject: x\n\nIt burns."
    assert read(reply(body, Subject="FW: x")).new_text == body
    assert read(reply(body, Subject="Re: x")).new_text == "Please help her."


def test_a_forwarded_message_inside_a_reply_stays() -> None:
    body = "See this:\n\n---------- Forwarded message ---------\nFrom: Bob <b@x.test>\nDate: 3 Mar 2026\n\nBurns."
    assert "Burns." in read(reply(body)).new_text


@pytest.mark.parametrize(
    "html",
    [
        '<p>Yes.</p><div class="gmail_quote"><div>On Tue, X wrote:</div><blockquote>old</blockquote></div>',
        '<p>Yes.</p><blockquote type="cite">old</blockquote>',
        '<p>Yes.</p><div class="moz-cite-prefix">Am 3.3.2026 schrieb X:</div><blockquote>old</blockquote>',
        '<p>Yes.</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> X</div><div>old</div>',
        "<p>Yes.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt'><b>From:</b> X</div><p>old</p>",
        '<p>Yes.</p><div class="yahoo_quoted">old</div>',
        '<p>Yes.</p><div class="protonmail_quote">old</div>',
    ],
    ids=["gmail", "apple", "thunderbird", "outlook web", "outlook", "yahoo", "proton"],
)
def test_marked_quotes_in_html_are_not_new(html: str) -> None:
    assert read(reply(f"<html><body>{html}</body></html>", Content_Type="text/html; charset=utf-8")).new_text == "Yes."


def test_html_tells_where_the_quote_begins_when_the_plain_text_does_not() -> None:
    # given
    body, kind = multipart(
        "alternative",
        part(b"Yes.\n\nDear Jane, did you try?"),
        part(b'<p>Yes.</p><div class="gmail_quote">Dear Jane, did you try?</div>', "text/html"),
    )
    # when
    understood = read(reply(body.decode(), Content_Type=kind))
    # then
    assert understood.new_text == "Yes."
    assert "did you try?" in understood.text


def test_no_knowledge_of_the_desk_is_needed_for_usual_quotes() -> None:
    text = "Ok.\n\nOn Tue, Mar 3, 2026 at 10:04 AM Bob <bob@x.test> wrote:\n\nOld text."
    assert new_text(text, Hints()) == "Ok."
