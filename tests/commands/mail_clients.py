"""A block of commands as four mail clients write it: HTML alone, or beside a plain text that the client made of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import count

from tests.desk_driver import PROVEN, Sent

ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class File:
    """Something attached."""

    name: str
    content_type: str
    content: str


def corrected(line: str) -> str:
    """What a phone's or a word processor's correction makes of a typed line."""
    line = re.sub(r'"([^"]*)"', r"“\1”", line).replace(" -- ", " — ").replace("'", "’")
    return re.sub(r"^#(\w)", lambda found: f"#{found[1].upper()}", line)


def linked(line: str) -> str:
    """HTML of a line in which the client made links of the addresses."""
    return ADDRESS.sub(lambda found: f'<a href="mailto:{found[0]}">{found[0]}</a>', escape(line))


def gmail(text: str, quote: str) -> str:
    """Each line a division, an empty one with a break; blanks at the end become unbreakable."""
    rows = "".join(f"<div>{linked(row)}</div>" if row else "<div><br></div>" for row in text.splitlines())
    head = '<div dir="ltr" class="gmail_attr">On Mon, Mar 2, 2026 at 10:00 AM Acme Support wrote:<br></div>'
    quoted = f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{escape(quote)}</blockquote>'
    return f'<div dir="ltr">{rows}</div><br><div class="gmail_quote gmail_quote_container">{head}{quoted}</div>'


def outlook(text: str, quote: str) -> str:
    """Paragraphs of Word, unbreakable blanks, corrected quotes and dashes, a capital at the beginning."""
    rows = [linked(corrected(row)).replace("— ", "&#8212;&nbsp;") or "&nbsp;" for row in text.splitlines()]
    body = "\n".join(
        f'<p class=MsoNormal><span lang=EN-US style="color:#1F497D">{row}<o:p></o:p></span></p>' for row in rows
    )
    head = (
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal>'
        "<b>From:</b> Acme Support &lt;support@acme.test&gt;<br><b>Sent:</b> Monday, March 2, 2026 10:00 AM<br>"
        "<b>To:</b> Sam &lt;sam@acme.test&gt;<br><b>Subject:</b> [TICK-1001] Printer on fire<o:p></o:p></p></div></div>"
    )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0cm}</style></head>'
        f"<body lang=EN-US><div class=WordSection1>{body}{head}<p class=MsoNormal>{escape(quote)}</p></div></body></html>"
    )


def apple(text: str, quote: str) -> str:
    """The first line bare, the others divisions; corrected like on the phone; wide blanks stay."""
    first, *rows = (linked(corrected(row)) for row in text.splitlines())
    rest = "".join(f"<div>{row}</div>" if row else '<div><br class=""></div>' for row in rows)
    cite = f'<div><blockquote type="cite"><div>On 2. Mar 2026, at 10:00, Acme Support wrote:</div><div>{escape(quote)}'
    return (
        '<html><head></head><body style="overflow-wrap: break-word;">'
        f"{first.replace(' ', chr(0x2002), 1)}{rest}<br>{cite}</div></blockquote></div></body></html>"
    )


def thunderbird(text: str, quote: str) -> str:
    """Paragraphs with breaks inside; what was pasted keeps its unbreakable blanks."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    rows = "".join(
        f"<p>{'<br>'.join(linked(row).replace(' ', '&nbsp;', 1) for row in block)}<br></p>" for block in blocks
    )
    cite = '<div class="moz-cite-prefix">On 3/2/26 10:00, Acme Support wrote:<br></div>'
    return f'<html><body>{rows}{cite}<blockquote type="cite" cite="mid:x@y">{escape(quote)}</blockquote></body></html>'


CLIENTS: dict[str, Callable[[str, str], str]] = {
    "gmail": gmail,
    "outlook": outlook,
    "apple mail": apple,
    "thunderbird": thunderbird,
}


def html_mail(client: str, text: str, to: Sent, *, author: str, files: tuple[File, ...] = ()) -> bytes:
    """The mail's bytes: HTML alone."""
    return _mail([("text/html", CLIENTS[client](text, to.text[:400]))], to, author, files)


def plain_mail(text: str, to: Sent, *, author: str, files: tuple[File, ...] = ()) -> bytes:
    """The same as a client that knows no HTML writes it."""
    return _mail([("text/plain", quoted(text, to))], to, author, files)


def mail_of_two_forms(client: str, text: str, to: Sent, *, author: str) -> bytes:
    """HTML with the plain text that the client made of it: links are written behind what they show."""
    plain = ADDRESS.sub(lambda found: f"{found[0]}<mailto:{found[0]}>", text)
    return _mail(
        [("text/plain", quoted(plain, to)), ("text/html", CLIENTS[client](text, to.text[:400]))], to, author, ()
    )


def quoted(text: str, to: Sent) -> str:
    rows = "\n".join(f"> {row}" for row in to.text.splitlines())
    return f"{text}\n\nOn Mon, 2 Mar 2026 at 10:00, Acme Support <support@acme.test> wrote:\n\n{rows}\n"


def _mail(forms: list[tuple[str, str]], to: Sent, author: str, files: tuple[File, ...]) -> bytes:
    bodies = "".join(
        f"--=_a\nContent-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n"
        for kind, body in forms
    )
    attached = "".join(
        f'--=_m\nContent-Type: {each.content_type}\nContent-Disposition: attachment; filename="{each.name}"\n\n'
        f"{each.content}\n"
        for each in files
    )
    head = (
        f"From: {author}\nTo: {to['Reply-To']}\nSubject: Re: {to['Subject']}\n"
        f"Message-ID: <{next(_numbers)}.client@acme.test>\nIn-Reply-To: {to['Message-ID']}\n"
        f"Date: Mon, 02 Mar 2026 10:30:00 +0100\nMIME-Version: 1.0\n{PROVEN}"
        'Content-Type: multipart/mixed; boundary="=_m"\n\n'
    )
    inner = f'--=_m\nContent-Type: multipart/alternative; boundary="=_a"\n\n{bodies}--=_a--\n{attached}--=_m--\n'
    return (head + inner).replace("\n", "\r\n").encode()
