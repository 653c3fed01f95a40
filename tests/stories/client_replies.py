"""Answers to our notifications as mail clients write them: where the words stand, how the quote looks, how it is encoded."""

import base64
import quopri
import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from itertools import count

from tests.desk_driver import Sent

PHONE = "+49 151 55501234"
PRIVATE = "alice.private@home.test"
HOST = "ws-alice.corp.acme.test"
SIGNATURE = ("Alice Example", "Second line support", f"Mobile {PHONE}", f"alice@acme.test | {PRIVATE}")
FIRST, SECOND = "Please switch it off at the wall, für zehn Minuten.", "A colleague brings a new one tomorrow at noon."
_numbers = count(1)


class Shape(StrEnum):
    """Where the agent types."""

    TOP = "top"
    BELOW = "below"
    BETWEEN = "between"
    BOTH = "above and between"
    COMMANDS = "commands on top"


class Ending(StrEnum):
    """What stands below his words."""

    NOTHING = "nothing"
    MARKED = "a marked signature"
    UNMARKED = "an unmarked signature"
    PHONE = "the phone's line"
    DISCLAIMER = "a disclaimer"


class Encoding(StrEnum):
    """How the text travels."""

    QUOTED = "quoted-printable"
    BASE64 = "base64"
    LATIN1 = "iso-8859-1"
    EIGHT = "8bit"


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words that a client puts in, in one language."""

    wrote: str
    wrote_short: str
    labels: tuple[str, str, str, str]
    when: str
    original: str
    phone: str
    disclaimer: str


ENGLISH = Tongue(
    "On Mon, Mar 2, 2026 at 10:00 AM {who} wrote:",
    "On 2 Mar 2026, at 10:00, {who} wrote:",
    ("From", "Sent", "To", "Subject"),
    "Monday, March 2, 2026 10:00 AM",
    "Original Message",
    "Sent from my iPhone",
    "This e-mail and any attachments are confidential and meant for the person named above.",
)
GERMAN = Tongue(
    "Am Mo., 2. März 2026 um 10:00 Uhr schrieb {who}:",
    "Am 02.03.2026 um 10:00 schrieb {who}:",
    ("Von", "Gesendet", "An", "Betreff"),
    "Montag, 2. März 2026 10:00",
    "Ursprüngliche Nachricht",
    "Von meinem iPhone gesendet",
    "Diese E-Mail enthält vertrauliche Informationen und ist für den Empfänger bestimmt.",
)
FRENCH = Tongue(
    "Le lun. 2 mars 2026 à 10:00, {who} a écrit\xa0:",
    "Le 2 mars 2026 à 10:00, {who} a écrit :",
    ("De", "Envoyé", "À", "Objet"),
    "lundi 2 mars 2026 10:00",
    "Message d'origine",
    "Envoyé de mon iPhone",
    "Ce message et toutes les pièces jointes sont confidentiels.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: what is typed where, below which the quote of `notice` comes."""

    notice: Sent
    shape: Shape
    tongue: Tongue
    ending: Ending
    commands: tuple[str, ...] = ()
    files: bytes = b""

    @property
    def above(self) -> list[str]:
        """The paragraphs above the quote."""
        typed = {Shape.TOP: [FIRST, SECOND], Shape.COMMANDS: [FIRST, SECOND], Shape.BOTH: [FIRST]}.get(self.shape, [])
        return ["\n".join(self.commands), *typed] if self.commands else typed

    @property
    def between(self) -> list[str]:
        """The paragraphs behind lines of the quote."""
        return {Shape.BETWEEN: [FIRST, SECOND], Shape.BOTH: [SECOND]}.get(self.shape, [])

    @property
    def below(self) -> list[str]:
        """The paragraphs below the quote."""
        return [FIRST, SECOND] if self.shape is Shape.BELOW else []

    @property
    def end(self) -> str:
        """What the client adds below the words."""
        added = {
            Ending.NOTHING: "",
            Ending.MARKED: "-- \n" + "\n".join(SIGNATURE),
            Ending.UNMARKED: "\n".join(SIGNATURE),
            Ending.PHONE: self.tongue.phone,
            Ending.DISCLAIMER: self.tongue.disclaimer,
        }
        return added[self.ending]

    @property
    def words_end_above(self) -> bool:
        """The signature follows the words above the quote, else it closes the mail."""
        return self.shape in (Shape.TOP, Shape.COMMANDS)


def html_of(sent: Sent) -> str:
    """The HTML form of a mail of ours, as clients quote it: what stands inside its body."""
    parts = [part for part in sent.mail.walk() if part.get_content_type() == "text/html"]
    source = parts[0].get_payload(decode=True).decode()
    found = re.search(r"<body[^>]*>(.*)</body>", source, re.DOTALL)
    assert found is not None
    return found[1].strip()


# Plain text.


def paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _anchors(rows: list[str]) -> list[int]:
    """Behind the headline and behind the message, where a person answers line by line."""
    said = [place for place, row in enumerate(rows) if row.startswith(">")]
    lead = next(place for place, row in enumerate(rows) if row and not row.startswith("##-"))
    return [lead + 1, (said[-1] if said else lead) + 1]


def quoted_rows(answer: Answer, mark: str = "> ", width: int = 0) -> list[str]:
    """The notification with marks, and between its lines what the agent typed there."""
    rows = answer.notice.text.rstrip("\n").splitlines()
    anchors = _anchors(rows)[-len(answer.between) :] if answer.between else []
    typed = dict(zip(anchors, answer.between, strict=True)) if len(set(anchors)) == len(anchors) else {}
    if answer.between and not typed:
        typed = {anchors[-1]: paragraphs(answer.between)}
    out: list[str] = []
    for place, row in enumerate(rows):
        if place in typed:
            out += ["", typed[place], ""]
        for piece in textwrap.wrap(row, width) if width and len(row) > width else [row]:
            out.append((f"{mark}{piece}" if not piece.startswith(">") else f"{mark.rstrip()}{piece}").rstrip() or ">")
    return out


def marked(answer: Answer, attribution: str, *, mark: str = "> ", width: int = 0, quoted_head: bool = False) -> str:
    """Words, attribution, marked quote, words."""
    quote = "\n".join(quoted_rows(answer, mark, width))
    head = f"{mark}{attribution}\n>\n" if quoted_head else f"{attribution}\n\n"
    above = paragraphs([*answer.above, answer.end if answer.words_end_above else ""])
    below = paragraphs([*answer.below, "" if answer.words_end_above else answer.end])
    return "\n\n".join(part for part in (above, head + quote, below) if part) + "\n"


def unmarked(answer: Answer, head: str) -> str:
    """Words, then the quote with nothing that marks its lines."""
    return paragraphs([*answer.above, answer.end, head + "\n" + answer.notice.text])


def header_block(answer: Answer, *, reply_to: bool = False) -> str:
    """Outlook's lines above a quote."""
    sender, sent, to, subject = answer.tongue.labels
    rows = [f"{sender}: {answer.notice['From']}", f"{sent}: {answer.tongue.when}", f"{to}: Alice <alice@acme.test>"]
    rows += [f"Reply-To: {answer.notice['Reply-To']}"] if reply_to else []
    return "\n".join([*rows, f"{subject}: {answer.notice['Subject']}", ""])


# HTML.


def html_lines(text: str, tag: str = "div", attributes: str = "") -> str:
    """Each line as an element of its own."""
    opened = f"<{tag} {attributes}>" if attributes else f"<{tag}>"
    return "".join(f"{opened}{escape(row) or '<br>'}</{tag}>" for row in text.split("\n"))


def html_block(answer: Answer) -> str:
    return "<br>".join(
        f"<b>{escape(label)}:</b>{escape(value)}"
        for label, _, value in (row.partition(":") for row in header_block(answer).splitlines() if row)
    )


_CLOSED = "</td></tr></tbody></table></td></tr></tbody></table>"
_ANSWERED = re.compile(r'<p class="lead".*?</p>|<div class="(?:quote|words)".*?</div>', re.DOTALL)
_OPENED = "<table><tbody><tr><td><table><tbody><tr><td>"


def split_quote(answer: Answer, opened: str, closed: str) -> str:
    """The quote in its container, which is closed and opened again around what was typed inside."""
    html = html_of(answer.notice)
    ends = [found.end() for found in _ANSWERED.finditer(html)]
    between = list(answer.between)
    places = [ends[0], ends[-1]][-len(between) :] if between else []
    for place, words in sorted(zip(places, between, strict=True), reverse=True):
        html = f"{html[:place]}{_CLOSED}{closed}{html_lines(words)}{opened}{_OPENED}{html[place:]}"
    return f"{opened}{html}{closed}"


# The mail around it.


def encoded(text: str, subtype: str, encoding: Encoding, parameters: str = "") -> bytes:
    """A text part with its header lines."""
    charset = "iso-8859-1" if encoding is Encoding.LATIN1 else "utf-8"
    raw = (
        text.replace("\r\n", "\n")
        .replace("\n", "\r\n")
        .encode(charset, "xmlcharrefreplace" if subtype == "html" else "replace")
    )
    transfer, body = "8bit", raw
    if encoding is Encoding.BASE64:
        transfer, body = "base64", base64.encodebytes(raw)
    elif encoding in (Encoding.QUOTED, Encoding.LATIN1):
        transfer, body = "quoted-printable", quopri.encodestring(raw.replace(b"\r\n", b"\n"))
    head = f'Content-Type: text/{subtype}; charset="{charset}"{parameters}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n'
    return head.encode() + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def alternative(plain: str, html: str, encoding: Encoding) -> bytes:
    """Both forms, plain first."""
    parts = (encoded(plain, "plain", encoding), encoded(html, "html", encoding))
    body = b"".join(b"--=_alt\r\n" + part + b"\r\n" for part in parts)
    return b'Content-Type: multipart/alternative; boundary="=_alt"\r\n\r\n' + body + b"--=_alt--\r\n"


def with_file(body: bytes, file: bytes) -> bytes:
    """A part and one more."""
    parts = b"".join(b"--=_mix\r\n" + part + b"\r\n" for part in (body, file))
    return b'Content-Type: multipart/mixed; boundary="=_mix"\r\n\r\n' + parts + b"--=_mix--\r\n"


def mail(answer: Answer, body: bytes, agent: str, *, author: str = "Alice Example <alice@acme.test>") -> bytes:
    """The whole mail with the traces that an agent's client and its servers leave."""
    number = next(_numbers)
    prefix = "AW" if answer.tongue is GERMAN else "Re"
    header = (
        f"Received: from {HOST} ([10.20.30.40]) by mail.corp.acme.test with ESMTPSA id {number}X\n"
        f"Message-ID: <client-{number}@{HOST}>\nFrom: {author}\nTo: {answer.notice['Reply-To']}\n"
        f"Subject: {prefix}: {answer.notice['Subject']}\nDate: Mon, 02 Mar 2026 11:00:00 +0100\n"
        f"In-Reply-To: {answer.notice['Message-ID']}\n"
        f"References: {answer.notice['References']} {answer.notice['Message-ID']}\n"
        f"X-Originating-IP: [10.20.30.40]\nSender: {PRIVATE}\nUser-Agent: {agent}\nMIME-Version: 1.0\n"
    )
    whole = with_file(body, answer.files) if answer.files else body
    return header.replace("\n", "\r\n").encode() + whole


# The clients.

US = "Acme Support <support@acme.test>"
LINKED = 'Acme Support &lt;<a href="mailto:support@acme.test">support@acme.test</a>&gt;'


def _typed(answer: Answer, tag: str, attributes: str = "") -> str:
    """The words above the quote, with empty lines between their paragraphs."""
    return html_lines(paragraphs(answer.above), tag, attributes) if answer.above else ""


def _closing(answer: Answer) -> str:
    """The words below the quote, and the signature where it stands there."""
    end = "" if answer.words_end_above else answer.end
    return html_lines(paragraphs([*answer.below, end])) if answer.below or end else ""


def gmail(answer: Answer, encoding: Encoding) -> bytes:
    """The web client: multipart/alternative, an attribution with the address, blockquotes in a gmail_quote."""
    signed = f'<div class="gmail_signature">{html_lines(answer.end)}</div>' if answer.words_end_above else ""
    opened = '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">'
    head = f'<div dir="ltr" class="gmail_attr">{answer.tongue.wrote.format(who=LINKED)}<br></div>'
    quote = split_quote(answer, opened, "</blockquote>")
    if answer.between or answer.below:
        html = f'<div dir="ltr">{_typed(answer, "div")}<br>{head}{quote}{_closing(answer)}</div>'
    else:
        container = f'<div class="gmail_quote gmail_quote_container">{head}{quote}</div>'
        html = f'<div dir="ltr">{_typed(answer, "div")}<br>{signed}</div><br>{container}'
    return alternative(marked(answer, _wrapped(answer.tongue.wrote.format(who=US)), width=72), html, encoding)


def _wrapped(attribution: str) -> str:
    """Gmail breaks a long attribution before the address, also inside its brackets."""
    return attribution.replace("<", "<\n", 1) if len(attribution) > 68 else attribution


def gmail_android(answer: Answer, encoding: Encoding) -> bytes:
    """The phone: div dir=auto, the rest as on the web."""
    opened = '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid">'
    head = f'<div dir="ltr" class="gmail_attr">{answer.tongue.wrote.format(who=LINKED)}<br></div>'
    end = html_lines(answer.end) if answer.words_end_above else ""
    container = f'<div class="gmail_quote">{head}{split_quote(answer, opened, "</blockquote>")}</div>'
    html = f'<div dir="auto">{_typed(answer, "div", "dir=auto")}<br>{end}</div><br>{container}{_closing(answer)}'
    return alternative(marked(answer, answer.tongue.wrote.format(who=US), width=74), html, encoding)


def outlook(answer: Answer, encoding: Encoding) -> bytes:
    """Word's HTML, a ruled box of header lines, and a plain form in which nothing is marked."""
    ruled = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0cm}</style></head>'
        f'<body lang="DE"><div class="WordSection1">{_typed(answer, "p", "class=MsoNormal")}<p class="MsoNormal"><o:p>&nbsp;'
        f'</o:p></p>{html_lines(answer.end, "p", "class=MsoNormal")}<div><div style="{ruled}"><p class="MsoNormal">'
        f"{html_block(answer)}</p></div></div>{html_of(answer.notice)}</div></body></html>"
    )
    return alternative(unmarked(answer, header_block(answer)), html, encoding)


def outlook_prefixed(answer: Answer, encoding: Encoding) -> bytes:
    """Outlook for plain text, told to put a mark before each line."""
    title = f"-----{answer.tongue.original}-----"
    head = "\n".join(f"> {row}".rstrip() for row in header_block(answer).splitlines())
    quote = f"{head}\n" + "\n".join(quoted_rows(answer))
    below = paragraphs([*answer.below, "" if answer.words_end_above else answer.end])
    above = paragraphs([*answer.above, answer.end if answer.words_end_above else ""])
    return encoded("\n\n".join(part for part in (above, f"{title}\n{quote}", below) if part), "plain", encoding)


def outlook_mac(answer: Answer, encoding: Encoding) -> bytes:
    """HTML alone, whose header lines also name the address for replies."""
    block = "<br>".join(map(escape, header_block(answer, reply_to=True).splitlines()))
    html = (
        f'<html><body><p class="MsoNormal">{_typed(answer, "p", "class=MsoNormal")}{html_lines(answer.end, "p")}'
        '<div id="mail-editor-reference-message-container"><div><div style="border:none;border-top:solid #B5C4DF 1.0pt">'
        f"<p>{block}</p></div></div><div>{html_of(answer.notice)}</div></div></body></html>"
    )
    return encoded(html, "html", encoding)


def outlook_web(answer: Answer, encoding: Encoding) -> bytes:
    """A rule, then header lines in divRplyFwdMsg; plain text with a row of underscores."""
    html = (
        f'<html><body dir="ltr">{_typed(answer, "div", "class=elementToProof")}<div id="Signature">{html_lines(answer.end)}'
        '</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg"'
        f' dir="ltr"><font face="Calibri">{html_block(answer)}</font><div>&nbsp;</div></div>'
        f"<div>{html_of(answer.notice)}</div></body></html>"
    )
    return alternative(unmarked(answer, "_" * 32 + "\n" + header_block(answer)), html, encoding)


def outlook_phone(answer: Answer, encoding: Encoding) -> bytes:
    """The same with the app's own advertisement."""
    link = "Get Outlook for iOS<https://aka.ms/o0ukef>"
    html = (
        f'<html><body>{_typed(answer, "div", "dir=ltr")}<div id="ms-outlook-mobile-signature">{html_lines(answer.end)}'
        '<div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div></div><hr style="display:inline-block;width:98%">'
        f'<div id="divRplyFwdMsg" dir="ltr">{html_block(answer)}</div>{html_of(answer.notice)}</body></html>'
    )
    return alternative(unmarked(answer, f"{link}\n{'_' * 32}\n{header_block(answer)}"), html, encoding)


def apple(answer: Answer, encoding: Encoding) -> bytes:
    """The Mac: the attribution is part of the quote in both forms."""
    opened = '<blockquote type="cite"><div>'
    head = f"{answer.tongue.wrote_short.format(who=escape(US))}</div><br class='Apple-interchange-newline'><div>"
    quote = split_quote(answer, opened, "</div></blockquote>").replace(opened, opened + head, 1)
    signed = f"<div>{html_lines(answer.end)}</div>" if answer.words_end_above else ""
    html = f"<html><body>{_typed(answer, 'div')}{signed}<div><br>{quote}</div>{_closing(answer)}</body></html>"
    return alternative(marked(answer, answer.tongue.wrote_short.format(who=US), quoted_head=True), html, encoding)


def iphone(answer: Answer, encoding: Encoding) -> bytes:
    """The phone: two blockquotes, one of them for the attribution."""
    head = answer.tongue.wrote_short.format(who=escape(US))
    quote = split_quote(answer, '<blockquote type="cite"><div dir="ltr">', "</div></blockquote>")
    html = (
        f'<html><body dir="auto">{_typed(answer, "div")}<div dir="ltr">{html_lines(answer.end)}</div><div dir="ltr"><br>'
        f'<blockquote type="cite">{head}<br><br></blockquote></div>{quote}{_closing(answer)}</body></html>'
    )
    return alternative(marked(answer, answer.tongue.wrote_short.format(who=US), quoted_head=True), html, encoding)


def thunderbird(answer: Answer, encoding: Encoding) -> bytes:
    """HTML alone: a moz-cite-prefix and quotes with cite."""
    head = answer.tongue.wrote_short.format(who="Acme Support")
    quote = split_quote(answer, '<blockquote type="cite" cite="mid:1@acme.test">', "</blockquote>")
    signed = f'<pre class="moz-signature" cols="72">{escape(answer.end)}</pre>' if answer.end else ""
    html = (
        f"<html><head></head><body>{_typed(answer, 'p')}{signed if answer.words_end_above else ''}"
        f'<div class="moz-cite-prefix">{head}<br></div>{quote}{html_lines(paragraphs(answer.below), "p")}'
        f"{'' if answer.words_end_above else signed}</body></html>"
    )
    return encoded(html, "html", encoding)


def thunderbird_plain(answer: Answer, encoding: Encoding) -> bytes:
    """format=flowed: the agent's long lines end in a space."""
    text = marked(answer, answer.tongue.wrote_short.format(who="Acme Support"))
    rows = [row if row.startswith((">", "-- ")) else _flowed(row) for row in text.split("\n")]
    return encoded("\n".join(rows), "plain", encoding, "; format=flowed")


def _flowed(row: str) -> str:
    return " \n".join(textwrap.wrap(row, 40)) if len(row) > 40 else row


def yahoo(answer: Answer, encoding: Encoding) -> bytes:
    """A yahoo_quoted container; the plain form only moves the quote to the right."""
    head = answer.tongue.wrote.format(who=US)
    html = (
        f'<div class="ydp1yahoo-style-wrap">{_typed(answer, "div")}<div class="ydp1signature">{html_lines(answer.end)}</div>'
        f'</div><div id="ydp2yahoo_quoted_1" class="yahoo_quoted"><div>{escape(head)}</div>{html_of(answer.notice)}</div>'
    )
    quote = "\n".join(f"  {row}" for row in answer.notice.text.splitlines())
    plain = paragraphs([*answer.above, answer.end, f"    {head}  \n \n{quote}"])
    return alternative(plain, html, encoding)


def mutt(answer: Answer, encoding: Encoding) -> bytes:
    """Plain text, as people of old write it."""
    return encoded(marked(answer, answer.tongue.wrote_short.format(who=US)), "plain", encoding)


def k9(answer: Answer, encoding: Encoding) -> bytes:
    """K-9 and FairEmail: alternative, with the quote in a gmail_quote and signatures of their own class."""
    opened = '<blockquote class="gmail_quote" style="margin: 0pt 0pt 1ex 0.8ex">'
    end = f"<div class='k9mail-signature'>{html_lines(answer.end)}</div>" if answer.words_end_above else ""
    head = escape(answer.tongue.wrote_short.format(who=US))
    html = (
        f'<html><body>{_typed(answer, "div")}{end}<div class="gmail_quote">{head}'
        f"{split_quote(answer, opened, '</blockquote>')}</div>{_closing(answer)}</body></html>"
    )
    return alternative(marked(answer, answer.tongue.wrote_short.format(who=US)), html, encoding)


Write = Callable[[Answer, Encoding], bytes]


@dataclass(frozen=True, slots=True)
class Client:
    """A mail program, and the five ways in which people answer with it."""

    name: str
    write: Write
    shapes: tuple[Shape, ...]
    endings: tuple[Ending, ...] = (Ending.MARKED, Ending.UNMARKED, Ending.NOTHING, Ending.DISCLAIMER, Ending.UNMARKED)


_ANY = (Shape.TOP, Shape.BELOW, Shape.BETWEEN, Shape.COMMANDS, Shape.BOTH)
_TOP = (Shape.TOP, Shape.COMMANDS, Shape.TOP, Shape.COMMANDS, Shape.TOP)
_ON_PHONES = (Ending.PHONE, Ending.PHONE, Ending.UNMARKED, Ending.NOTHING, Ending.PHONE)
_OFFICE = (Ending.UNMARKED, Ending.DISCLAIMER, Ending.NOTHING, Ending.UNMARKED, Ending.UNMARKED)
CLIENTS = (
    Client("Gmail", gmail, _ANY),
    Client("Gmail on Android", gmail_android, _ANY, _ON_PHONES),
    Client("Outlook with marks", outlook_prefixed, _ANY, _OFFICE),
    Client("Apple Mail", apple, _ANY),
    Client("Mail on an iPhone", iphone, _ANY, _ON_PHONES),
    Client("Thunderbird", thunderbird, _ANY),
    Client("Thunderbird, plain", thunderbird_plain, _ANY),
    Client("Mutt", mutt, _ANY),
    Client("K-9", k9, _ANY),
    Client("Outlook", outlook, _TOP, _OFFICE),
    Client("Outlook on a Mac", outlook_mac, _TOP, _OFFICE),
    Client("Outlook on the web", outlook_web, _TOP, _OFFICE),
    Client("Outlook on a phone", outlook_phone, _TOP, _OFFICE),
    Client("Yahoo", yahoo, _TOP, _OFFICE),
)
