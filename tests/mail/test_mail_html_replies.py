"""Replies that come as HTML alone, as each mail program writes them; our marker, endings, and people's own lists."""

import pytest

from maild.mail.model import Hints
from maild.mail.quotes import new_text
from tests.mail.mails import HINTS, multipart, part, read, reply

OLD = "Dear Jane,<br><br>did you try to switch it off and on?<br>Acme Support"
US = "Acme Support &lt;<a href='mailto:support@acme.test'>support@acme.test</a>&gt;"
ANSWER = "Yes, twice.\n\nStill dead."

PROGRAMS = {
    "gmail": (
        "<div dir='ltr'><div>Yes, twice.</div><div><br></div><div>Still dead.</div></div><br>"
        "<div class='gmail_quote gmail_quote_container'><div dir='ltr' class='gmail_attr'>On Tue, Mar 3, 2026 at 10:04 AM "
        f"{US} wrote:<br></div><blockquote class='gmail_quote' style='margin:0 0 0 .8ex'><div>{OLD}</div></blockquote></div>"
    ),
    "gmail with a signature": (
        "<div dir='ltr'>Yes, twice.<div><br></div><div>Still dead.<br clear='all'><div><br></div><span class='gmail_signature_"
        "prefix'>-- </span><br><div class='gmail_signature' data-smartmail='gmail_signature'><div>Jane Doe</div></div></div>"
        f"</div><br><div class='gmail_quote'><div class='gmail_attr'>On Tue {US} wrote:</div><blockquote>{OLD}</blockquote></div>"
    ),
    "gmail of a phone": (
        "<div dir='auto'><div>Yes, twice.</div><div dir='auto'><br></div><div dir='auto'>Still dead.</div></div><br>"
        f"<div class='gmail_quote'><div dir='ltr' class='gmail_attr'>Am Di., 3. März 2026, 10:04 hat {US} geschrieben:<br></div>"
        f"<blockquote class='gmail_quote'>{OLD}</blockquote></div>"
    ),
    "outlook": (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style>p.MsoNormal{margin:0}</style></head><body>"
        "<div class='WordSection1'><p class='MsoNormal'>Yes, twice.<o:p></o:p></p><p class='MsoNormal'><o:p>&nbsp;</o:p></p>"
        "<p class='MsoNormal'>Still dead.<o:p></o:p></p><p class='MsoNormal'><o:p>&nbsp;</o:p></p><div><div style='border:none;"
        "border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class='MsoNormal'><b>From:</b> Acme Support "
        "&lt;support@acme.test&gt;<br><b>Sent:</b> Tuesday, March 3, 2026 10:04 AM<br><b>To:</b> Jane<br><b>Subject:</b> Printer"
        f"</p></div></div><p class='MsoNormal'>{OLD}</p></div></body></html>"
    ),
    "outlook for mac": (
        "<div><p class='MsoNormal'>Yes, twice.</p><p class='MsoNormal'>&nbsp;</p><p class='MsoNormal'>Still dead.</p>"
        "<div id='mail-editor-reference-message-container'><div><div style='border:none;border-top:solid #B5C4DF 1.0pt'>"
        f"<p><b>Von: </b>{US}<br><b>Datum: </b>Dienstag, 3. März 2026 um 10:04<br><b>An: </b>Jane<br><b>Betreff: </b>Drucker</p>"
        f"</div></div><div>{OLD}</div></div></div>"
    ),
    "outlook on the web": (
        "<div style='font-family:Aptos' class='elementToProof'>Yes, twice.</div><div class='elementToProof'><br></div>"
        "<div class='elementToProof'>Still dead.</div><div id='appendonsend'></div><hr style='display:inline-block;width:98%' "
        "tabindex='-1'><div id='divRplyFwdMsg' dir='ltr'><font face='Calibri'><b>From:</b> Acme Support<br><b>Sent:</b> Tuesday"
        f"<br><b>To:</b> Jane<br><b>Subject:</b> Printer</font><div>&nbsp;</div></div><div>{OLD}</div>"
    ),
    "outlook of a phone": (
        "<div dir='ltr'>Yes, twice.</div><div dir='ltr'><br></div><div dir='ltr'>Still dead.</div><div id='ms-outlook-mobile-"
        "signature' dir='ltr'><div>Get <a href='https://aka.ms/o0ukef'>Outlook for iOS</a></div></div><hr style='display:"
        "inline-block;width:98%'><div id='divRplyFwdMsg' dir='ltr'><b>From:</b> Acme Support &lt;support@acme.test&gt;<br>"
        f"<b>Sent:</b> Tuesday, March 3, 2026 10:04:05 AM<br><b>To:</b> Jane<br><b>Subject:</b> Printer</div><div>{OLD}</div>"
    ),
    "apple": (
        "<html><body style='overflow-wrap: break-word;'>Yes, twice.<div><br></div><div>Still dead.<br id='lineBreakAtBeginning"
        "OfMessage'><div><br><blockquote type='cite'><div>On 3 Mar 2026, at 10:04, Acme Support &lt;support@acme.test&gt; wrote:"
        f"</div><br class='Apple-interchange-newline'><div>{OLD}</div></blockquote></div><br></div></body></html>"
    ),
    "iphone": (
        "<html><body dir='auto'>Yes, twice.<div><br></div><div>Still dead.<br><div dir='ltr'><br>Sent from my iPhone</div>"
        "<div dir='ltr'><br><blockquote type='cite'>On 3 Mar 2026, at 10:04, Acme Support &lt;support@acme.test&gt; wrote:<br>"
        f"<br></blockquote></div><blockquote type='cite'><div dir='ltr'>\ufeff{OLD}</div></blockquote></div></body></html>"
    ),
    "yahoo": (
        "<div class='ydp1yahoo-style-wrap'><div>Yes, twice.</div><div><br></div><div>Still dead.</div></div><div id='ydpyahoo_"
        "quoted_1' class='yahoo_quoted'><div>On Tuesday, March 3, 2026 at 10:04:05 AM GMT+1, Acme Support wrote:</div>"
        f"<div><br></div><div>{OLD}</div></div>"
    ),
    "yahoo of a phone": (
        "<p>Yes, twice.</p><p>Still dead.</p><br><p style='font-size: small'><a href='https://mail.onelink.me/1'>Sent from Yahoo "
        f"Mail on Android</a></p> <blockquote style='margin: 0 0 20px 0;'> <div>On Tue, 3 Mar 2026 at 10:04, Acme Support</div>"
        f"<div>&lt;support@acme.test&gt; wrote:</div> <div>{OLD}</div> </blockquote>"
    ),
    "thunderbird": (
        "<html><head><meta http-equiv='Content-Type' content='text/html; charset=UTF-8'></head><body><p>Yes, twice.</p>"
        "<p>Still dead.<br></p><div class='moz-cite-prefix'>Am 03.03.26 um 10:04 schrieb Acme Support:<br></div>"
        f"<blockquote type='cite' cite='mid:out.1@acme.test'>{OLD}</blockquote></body></html>"
    ),
    "thunderbird with a signature": (
        "<html><body><p>Yes, twice.</p><p>Still dead.</p><div class='moz-cite-prefix'>On 3/3/26 10:04, Acme Support wrote:"
        f"<br></div><blockquote type='cite'>{OLD}</blockquote><pre class='moz-signature' cols='72'>-- \nJane Doe</pre></body></html>"
    ),
    "proton": (
        "<div style='font-family: Arial'>Yes, twice.<br></div><div><br></div><div>Still dead.</div><div class='protonmail_"
        "signature_block'><div>Sent with <a href='https://proton.me'>Proton Mail</a> secure email.</div></div><div><br></div>"
        "<div class='protonmail_quote'>On Tuesday, March 3rd, 2026 at 10:04 AM, Acme Support &lt;support@acme.test&gt; wrote:"
        f"<br><blockquote class='protonmail_quote' type='cite'>{OLD}</blockquote><br></div>"
    ),
    "samsung": (
        "<html><body dir='auto'><div dir='auto'>Yes, twice.</div><div dir='auto'><br></div><div dir='auto'>Still dead.</div>"
        "<div><br></div><div id='composer_signature' dir='auto'><div style='font-size:12px'>Sent from my Galaxy</div></div>"
        "<div><br></div><div style='font-size:100%;color:#000000'><!-- originalMessage --><div>-------- Original message "
        "--------</div><div>From: Acme Support &lt;support@acme.test&gt; </div><div>Date: 3/3/26  10:04 AM  (GMT+01:00) </div>"
        f"<div>To: jane@customer.test </div><div>Subject: Printer </div><div><br></div></div>{OLD}</body></html>"
    ),
    "gmx": (
        "<html><body><div style='font-family: Verdana'><div>Yes, twice.</div><div>&nbsp;</div><div>Still dead.</div><div>&nbsp;"
        "<div name='quote' style='margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5;'><div><b>Gesendet:</b> Dienstag, 3. "
        'März 2026 um 10:04 Uhr<br/><b>Von:</b> "Acme Support" &lt;support@acme.test&gt;<br/><b>An:</b> jane@customer.test<br/>'
        f"<b>Betreff:</b> Drucker</div><div>{OLD}</div></div></div></div></body></html>"
    ),
    "lotus notes": (
        "<font size=2>Yes, twice.</font><br><br><font size=2>Still dead.</font><br><br><br><font size=1>From: &nbsp; &nbsp;"
        "Acme Support &lt;support@acme.test&gt;</font><br><font size=1>To: &nbsp; &nbsp;jane@customer.test</font><br>"
        "<font size=1>Date: &nbsp; &nbsp;03.03.2026 10:04</font><br><font size=1>Subject: &nbsp; &nbsp;Printer</font>"
        f"<br><hr noshade><br><br>{OLD}"
    ),
    "zimbra": (
        "<html><body><div style='font-family: arial'><div>Yes, twice.</div><div><br></div><div>Still dead.</div><div><br></div>"
        "<hr id='zwchr' data-marker='__DIVIDER__'><div data-marker='__HEADERS__'><b>From: </b>\"Acme Support\" "
        "&lt;support@acme.test&gt;<br><b>To: </b>jane@customer.test<br><b>Sent: </b>Tuesday, March 3, 2026 10:04:05 AM<br>"
        f"<b>Subject: </b>Printer</div><div><br></div><div>{OLD}</div></div></body></html>"
    ),
    "zoho": (
        "<div style='font-family: Verdana'><div>Yes, twice.</div><div><br></div><div>Still dead.</div><div class='zmail_extra'>"
        "<div id='Zm-_Id_-Sgn1'>---- On Tue, 03 Mar 2026 10:04:05 +0100 <b>Acme Support &lt;support@acme.test&gt;</b> wrote ----"
        f"</div><blockquote>{OLD}</blockquote></div></div>"
    ),
    "mail.ru": (
        "<HTML><BODY><div>Yes, twice.</div><div>&nbsp;</div><div>Still dead.</div><div>&nbsp;</div><blockquote style='border-left:"
        "1px solid #0857A6; margin:10px; padding:0 0 0 10px;'>Вторник, 3 марта 2026, 10:04 +03:00 от Acme Support "
        f"&lt;support@acme.test&gt;:<br>&nbsp;<div>{OLD}</div></blockquote></BODY></HTML>"
    ),
    "qq": (
        "<div>Yes, twice.</div><div><br></div><div>Still dead.</div><div><br></div><div style='font-size: 12px;padding:2px 0;'>"
        "------------------&nbsp;原始邮件&nbsp;------------------</div><div style='background:#efefef'><div><b>发件人:</b>&nbsp;"
        '"Acme Support" &lt;support@acme.test&gt;;</div><div><b>发送时间:</b>&nbsp;2026年3月3日(星期二) 上午10:04</div><div><b>'
        f'收件人:</b>&nbsp;"Jane";</div><div><b>主题:</b>&nbsp;Printer</div></div><div>{OLD}</div>'
    ),
    "tutanota": (
        "<div dir='auto'>Yes, twice.</div><div dir='auto'><br></div><div dir='auto'>Still dead.</div><div dir='auto'><br></div>"
        "<div dir='auto'>3 Mar 2026, 10:04 by support@acme.test:<br></div><blockquote class='tutanota_quote' style='border-left: "
        f"1px solid #93A3B8'><div dir='auto'>{OLD}</div></blockquote>"
    ),
    "hey": (
        "<div class='trix-content'>Yes, twice.<br><br>Still dead.</div><br><div>On March 3, 2026, Acme Support &lt;support@acme."
        f"test&gt; wrote:<br></div><blockquote>{OLD}</blockquote>"
    ),
    "roundcube": (
        "<html><body style='font-family: Verdana'><p>Yes, twice.</p><p>Still dead.</p><p id='reply-intro'>Am 2026-03-03 10:04, "
        f"schrieb Acme Support:</p><blockquote type='cite' style='padding: 0 0.4em'><div>{OLD}</div></blockquote></body></html>"
    ),
    "front": (
        "<div><div>Yes, twice.</div><div><br></div><div>Still dead.</div><br><div class='front-signature'></div><blockquote "
        f"type='cite' class='front-blockquote'><div>On March 3, 2026 at 10:04 AM GMT+1 support@acme.test wrote:</div>{OLD}"
        "</blockquote></div>"
    ),
}


@pytest.mark.parametrize("html", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_of_an_answer_in_html_alone_only_the_answer_is_new(html: str) -> None:
    # when
    understood = read(reply(html, Content_Type="text/html; charset=utf-8"))
    # then
    assert "\n".join(line for line in understood.new_text.split("\n") if line.strip()) == "Yes, twice.\nStill dead."
    assert "switch it off" in understood.text


@pytest.mark.parametrize("html", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_forward_in_html_alone_is_never_cut(html: str) -> None:
    understood = read(reply(html, Content_Type="text/html; charset=utf-8", Subject="Fwd: Printer"))
    assert "switch it off" in understood.new_text


def test_answers_between_the_lines_of_an_html_quote_stay() -> None:
    # given
    html = (
        "<div class='moz-cite-prefix'>On 3/3/26 10:04, Acme Support wrote:<br></div><blockquote type='cite'>Which printer?"
        "</blockquote><p>The big one.</p><blockquote type='cite'>Since when?</blockquote><p>Since today.</p>"
    )
    # when
    new = read(reply(html, Content_Type="text/html; charset=utf-8")).new_text
    # then
    assert "The big one." in new
    assert "Since today." in new
    assert "Which printer?" in new


def test_an_answer_below_an_html_quote_is_new() -> None:
    html = (
        "<div class='moz-cite-prefix'>On 3/3/26 10:04, Acme Support wrote:<br></div>"
        f"<blockquote type='cite'>{OLD}</blockquote><p>Yes, twice.</p><p>Still dead.</p>"
    )
    assert read(reply(html, Content_Type="text/html; charset=utf-8")).new_text == ANSWER


MARKER = HINTS.marker


@pytest.mark.parametrize(
    "quoted",
    [
        f"{MARKER}\nDear Jane, did you try?",
        f"> {MARKER}\n> Dear Jane, did you try?",
        f">> {MARKER}\n>> Dear Jane",
        f"   {MARKER}   \nDear Jane",
        "##- please reply\nabove this line -##\nDear Jane",
        "> ##- please reply above\n> this line -##\n> Dear Jane",
        "##- please reply above this line\n-##\nDear Jane",
        f"*{MARKER}*\nDear Jane",
        "##-\xa0please reply above\xa0this line -##\nDear Jane",
        "##&#45; please reply above this line &#45;##\nDear Jane",
        "##- Please Reply Above This Line -##\nDear Jane",
        "\\##- please reply above this line -\\##\nDear Jane",
        "##–  please reply above this line –##\nDear Jane",
        f"| {MARKER}\n| Dear Jane",
        f"Am 3. März 2026 schrieb irgendjemand:\n> {MARKER}\n> Dear Jane",
        f"Kirjutas keegi Acme Support 3. märts 2026:\n\n{MARKER}\nDear Jane",
    ],
)
def test_our_own_line_ends_the_answer_however_a_program_quotes_it(quoted: str) -> None:
    assert new_text(f"Yes, twice.\n\n{quoted}\n", HINTS) == "Yes, twice."


def test_a_sentence_with_words_of_our_line_is_no_quote() -> None:
    text = "I can not find where to please reply above this line.\n\nWhere is it?"
    assert new_text(text, HINTS) == text


@pytest.mark.parametrize(
    "above",
    [
        "Kirjutas Acme Support kell 10:04, 3. märts 2026:",
        "2026-03-03 10:04, support@acme.test rašė:",
        "Acme Support <support@acme.test>, 03.03.2026 10:04 ra:",
        "Pada tanggal Sel, 3 Mar 2026 pukul 10.04 Acme Support <support@acme.test> menulis:",
        "Vào 10:04, Th 3, 3 thg 3, 2026 Acme Support <support@acme.test> đã viết:",
    ],
)
def test_our_address_or_name_betrays_a_quote_in_a_language_without_words(above: str) -> None:
    assert new_text(f"Yes, twice.\n\n{above}\n\nDear Jane, did you try?", HINTS) == "Yes, twice."


ENDINGS = (
    "-- \nJane Doe\nCustomer Ltd\n+49 30 1234",
    "--\nJane Doe",
    "—\nJane",
    "Sent from my iPhone",
    "Sent from my Samsung Galaxy smartphone.",
    "Sent from Outlook for Android",
    "Sent from Yahoo Mail on Android",
    "Sent from Mail for Windows",
    "Sent via BlackBerry",
    "Sent with Proton Mail secure email.",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Von meinem iPad gesendet",
    "Gesendet mit der GMX Mail App",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Envoyé de mon iPhone",
    "Envoyé depuis mon téléphone Android",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Enviado do meu iPhone",
    "Verzonden vanaf mijn iPhone",
    "Wysłane z iPhone'a",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Odesláno z iPhonu",
    "Отправлено с iPhone",
    "iPhoneから送信",
    "发自我的iPhone",
    "This e-mail and any attachments are confidential and may be privileged. If you are not\nthe addressee, delete it.",
    "CONFIDENTIALITY NOTICE: the contents of this mail are intended solely for the addressee.",
    "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der Adressat sind, löschen Sie sie.",
    "Ce message et toutes les pièces jointes sont confidentiels.",
    "Este mensaje y sus archivos adjuntos son confidenciales.",
    "Questo messaggio e i suoi allegati sono riservati.",
    "Esta mensagem e seus anexos são confidenciais.",
    "Dit bericht is uitsluitend bestemd voor de geadresseerde.",
    "Ta wiadomość jest poufna.",
    "Detta meddelande är konfidentiellt.",
    "Denne e-mail er fortrolig.",
    "Tato zpráva je důvěrná.",
    "Это сообщение является конфиденциальным.",
)  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_programs_and_lawyers_add_below_goes(ending: str) -> None:
    quote = "\n\nOn Tue, Mar 3, 2026 at 10:04 AM Acme Support <support@acme.test> wrote:\n> Dear Jane"
    assert new_text(f"Yes, twice.\nStill dead.\n\n{ending}", HINTS) == "Yes, twice.\nStill dead."
    assert new_text(f"Yes, twice.\nStill dead.\n\n{ending}{quote}", HINTS) == "Yes, twice.\nStill dead."


OWN_WORDS = (
    "The parcel was\n\nSent from our warehouse in Berlin on Monday, and it has not arrived up to now, please check.",
    "Steps:\n1. Open it\n2. On the right, click Print\n3. Wrote a line: nothing",
    "On Monday I called you.\nOn Tuesday I wrote:\nplease help.",
    "On 3 March 2026 the following happened:\n\nthe printer burned.",
    "Our address:\n\nFrom: 1 May we are at Main Street 5.\nTo: all customers",
    "> is the greater-than sign\nand it does not print.",
    "Date: 03.03.2026\nTime: 10:04\nError: no paper\nPrinter: 5",
    "Two questions:\n- Who wrote: \"switch it off\"?\n- When?",
    "The mail said 'Am 03.03.2026 um 10:04 schrieb' and then nothing.",
    "It prints this:\n\n-----\n\nand nothing else.",
    "He said on 03.03.2026 at 10:04 that support@acme.test does not answer:\n\nis that so?",
    "Hello -- this is urgent.\n\nJane",
    "Von: Berlin\nNach: Hamburg\n\nDer Drucker soll umziehen.",
    "Betreff: Drucker\n\nEr druckt nicht.",
    "See a@b.test:\n\n    def f(): pass",
    "Confidential papers were printed by everybody. Please help.",
)  # fmt: skip


@pytest.mark.parametrize("text", OWN_WORDS)
def test_peoples_own_words_are_never_taken_for_a_quote(text: str) -> None:
    assert new_text(text, HINTS) == text
    assert new_text(text, Hints()) == text


def test_html_beside_plain_text_without_marks_tells_the_quote() -> None:
    # given
    body, kind = multipart(
        "alternative",
        part(b"Yes, twice.\r\nStill dead.\r\n\r\nDear Jane, did you try to switch it off and on?"),
        part(PROGRAMS["thunderbird"].encode(), "text/html; charset=utf-8"),
    )
    # when
    understood = read(reply(body.decode(), Content_Type=kind))
    # then
    assert "switch it off" not in understood.new_text
    assert "Still dead." in understood.new_text
