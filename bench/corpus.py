"""The mails of the bench: the same bytes for the same arguments.

60 % open tickets, 40 % are replies to an earlier mail of the same customer (In-Reply-To, References, a quote below).
70 % are text/plain of 2-8 KB, 25 % multipart/alternative of 13-37 KB, 5 % carry a file of 300 KB.
"""

import base64
import itertools
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from random import Random

DESK = "support@desk.test"
CUSTOMERS = 200
FILE_BYTES = 300 * 1024
OPENERS = (
    "Since Monday {thing} {trouble}",
    "When I open {thing}, it {trouble}",
    "My colleague in room {number} says that {thing} {trouble}",
    "For order {number} {thing} {trouble}",
    "We tried twice, and both times {thing} {trouble}",
    "After the move to the new building {thing} {trouble}",
)
THINGS = (
    "the invoice", "the label printer", "our shared calendar", "the export to the warehouse", "my second screen",
    "the door card", "the payroll page", "the monthly report", "the scanner next to the kitchen", "the licence key",
    "the delivery note", "the backup of the shop", "the phone on my desk", "the form for travel costs",
)  # fmt: skip
TROUBLES = (
    "stops after a minute", "shows last year's numbers", "asks for a password that nobody knows", "stays empty",
    "prints every page twice", "answers with error {number}", "is gone", "takes more than {number} seconds",
    "cannot be opened by anyone but me", "sends its mail to the wrong address",
)  # fmt: skip
CLOSERS = (
    "I have restarted it already.", "It worked fine until then.", "Could somebody have a look before noon?",
    "There is no hurry, but the auditors come on March {number}.", "Please tell me if you need anything from us.",
    "The number on the sticker is {number}-{number}.", "I can be reached until five.", "Nobody else uses it.",
)  # fmt: skip
FOREIGN = ("Grüße aus dem Büro in Köln", "le café de l'étage", "señora Núñez", "Ångström & Søn", "größer als zuvor")
FIRST = ("Ada", "Boris", "Chloe", "Deniz", "Edda", "Felix", "Gaia", "Henk", "Irma", "Jonas", "Kyra", "Luca", "Mira")
LAST = ("Ahrens", "Bellini", "Castro", "Dufour", "Eriksen", "Falk", "Gomez", "Holm", "Ito", "Jansson", "Kovac")
PROGRAMS = ("User-Agent: Mozilla Thunderbird", "X-Mailer: Apple Mail (2.3774)", "X-Mailer: Microsoft Outlook 16.0")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `after` is the place of the mail that it answers, None when it opens a ticket."""

    sender: str
    message_id: str
    content: bytes
    after: int | None


@dataclass(frozen=True, slots=True)
class _Thread:
    """What a reply needs of the mails before it."""

    name: str
    address: str
    subject: str
    token: str
    places: list[int]
    ids: list[str]


def people() -> tuple[tuple[str, str], ...]:
    """Name and address of every customer."""
    return tuple(_person(number) for number in range(CUSTOMERS))


def mails(count: int, seed: int = 20_260_303, token: str = "", tickets: int = 0) -> tuple[Mail, ...]:
    """`count` mails in the order in which they must arrive.

    `token` is what a reply's subject says of its ticket, `{number}` in it: for desks that look there. `tickets` were
    opened before. maild's own corpus has none: its replies go by Message-ID, the dearer way to find a ticket.
    """
    random = Random(seed)
    opens = _shares(random, count, ((True, 0.6), (False, 0.4)))
    opens.insert(0, opens.pop(opens.index(True)))
    shapes = _shares(random, count, (("plain", 0.7), ("alternative", 0.25), ("file", 0.05)))
    threads: list[_Thread] = []
    tokens = (token.format(number=number) for number in itertools.count(tickets + 1))
    return tuple(_mail(random, place, threads, tokens, opens[place], shapes[place]) for place in range(count))


def _shares(random: Random, count: int, shares: tuple[tuple[object, float], ...]) -> list:
    dealt = [value for value, share in shares for _ in range(round(count * share))]
    dealt = (dealt + [shares[0][0]] * count)[:count]
    random.shuffle(dealt)
    return dealt


def _mail(random: Random, place: int, threads: list[_Thread], tokens: Iterator[str], opens: bool, shape: str) -> Mail:
    thread = _new_thread(random, next(tokens)) if opens else random.choice(threads)
    if opens:
        threads.append(thread)
    message_id = f"<{random.getrandbits(80):020x}.{place}@{thread.address.partition('@')[2]}>"
    head = _head(random, place, thread, message_id)
    content = head + _body(random, place, thread, shape, quoted=not opens)
    after = thread.places[-1] if thread.places else None
    thread.places.append(place)
    thread.ids.append(message_id)
    return Mail(thread.address, message_id, content, after)


def _person(number: int) -> tuple[str, str]:
    name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    return name, f"{name.replace(' ', '.').lower()}.{number}@customer{number % 31}.test"


def _new_thread(random: Random, token: str) -> _Thread:
    name, address = _person(random.randrange(CUSTOMERS))
    subject = f"{random.choice(THINGS)} {random.choice(TROUBLES)}".format(number=random.randint(2, 999)).capitalize()
    if random.random() < 0.15:
        subject += f" ({random.choice(FOREIGN)})"
    return _Thread(name, address, subject, token, [], [])


def _head(random: Random, place: int, thread: _Thread, message_id: str) -> bytes:
    day, minute = 1 + place // 1440 % 28, place % 1440
    date = f"{day:02d} Mar 2026 {minute // 60:02d}:{minute % 60:02d}:{random.randint(0, 59):02d} +0000"
    subject = thread.subject if not thread.ids else f"Re: {thread.token} {thread.subject}".replace("  ", " ")
    domain = thread.address.partition("@")[2]
    lines = [
        (
            f"Received: from out{random.randint(1, 9)}.{domain} (out.{domain} [192.0.2.{random.randint(1, 250)}])\r\n"
            f"\tby mx.desk.test with ESMTPS id {random.getrandbits(48):012x}\r\n\tfor <{DESK}>; {date}"
        ),
        (
            f"Received: from [10.1.0.{random.randint(1, 250)}] by out.{domain}\r\n"
            f"\twith ESMTPSA id {random.getrandbits(48):012x}; {date}"
        ),
        (
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail;\r\n"
            f"\th=from:to:subject:date:message-id; bh={_noise(random, 32)};\r\n"
            f"\tb={_noise(random, 96)}\r\n\t {_noise(random, 60)}"
        ),
        f"From: {thread.name} <{thread.address}>",
        f"To: The Desk <{DESK}>",
        f"Subject: {subject if subject.isascii() else Header(subject, 'utf-8').encode(linesep=chr(13) + chr(10))}",
        f"Date: {date}",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
        random.choice(PROGRAMS),
    ]
    if thread.ids:
        lines += [f"In-Reply-To: {thread.ids[-1]}", "References: " + "\r\n ".join(thread.ids[-10:])]
    return "\r\n".join(lines).encode("ascii") + b"\r\n"


def _noise(random: Random, size: int) -> str:
    return base64.b64encode(random.randbytes(size)).decode("ascii")


def _body(random: Random, place: int, thread: _Thread, shape: str, *, quoted: bool) -> bytes:
    foreign = random.random() < 0.4
    if shape == "plain":
        return _text_part(random, "plain", _letter(random, thread, random.randint(700, 3600), foreign, quoted), foreign)
    size = random.randint(11_000, 28_000) if shape == "alternative" else 6000
    letter = _text_part(random, "plain", _letter(random, thread, size // 5, foreign, quoted), foreign)
    page = _text_part(random, "html", _page(random, thread, size * 3 // 4, foreign), True)
    both = _multipart(random, "alternative", (letter, page))
    return both if shape == "alternative" else _multipart(random, "mixed", (both, _file_part(random, place)))


def _paragraph(random: Random, foreign: bool) -> str:
    words = []
    for _ in range(random.randint(2, 5)):
        opener = random.choice(OPENERS).format(
            thing=random.choice(THINGS), trouble=random.choice(TROUBLES), number="{number}"
        )
        words.append(f"{opener}. {random.choice(CLOSERS)}")
    if foreign:
        words.append(f"{random.choice(FOREIGN)}.")
    return " ".join(words).replace("{number}", str(random.randint(2, 31)))


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def _letter(random: Random, thread: _Thread, size: int, foreign: bool, quoted: bool) -> str:
    """A letter as people write it: greeting, paragraphs, signature, and in a reply the quote below."""
    lines = ["Hello,", "", *_paragraphs(random, size // 2 if quoted else size, foreign, "", 72)]
    lines += ["-- ", thread.name, f"Phone +49 30 5550{random.randint(100, 999)}", ""]
    if quoted:
        lines.append(f"On Mon, 2 Mar 2026 at 09:{random.randint(10, 59)}, The Desk <{DESK}> wrote:")
        lines += _paragraphs(random, size // 2, foreign, "> ", 70)
    return "\r\n".join(lines) + "\r\n"


def _paragraphs(random: Random, size: int, foreign: bool, prefix: str, width: int) -> list[str]:
    lines: list[str] = []
    while sum(map(len, lines)) < size:
        lines += [prefix + line for line in _wrapped(_paragraph(random, foreign), width)] + [prefix.rstrip()]
    return lines


def _page(random: Random, thread: _Thread, size: int, foreign: bool) -> str:
    """HTML as office programs write it: a style on every paragraph, tables now and then."""
    style = "margin:0cm;font-size:11.0pt;font-family:Calibri,Arial,sans-serif;color:#222222"
    pieces = ['<html><head><meta charset="utf-8"></head><body lang="en">']
    while sum(map(len, pieces)) < size:
        if random.random() < 0.15:
            cells = "".join(f'<td style="border:1px solid #cccccc">{random.randint(1, 9999)}</td>' for _ in range(5))
            pieces.append(f"<table>{f'<tr>{cells}</tr>' * random.randint(2, 6)}</table>")
        words = "\r\n".join(_wrapped(_paragraph(random, foreign), 76))
        pieces.append(f'<p class="letter" style="{style}"><span lang="en">{words}</span></p>')
    return "\r\n".join([*pieces, f"<div>-- <br>{thread.name}</div></body></html>"]) + "\r\n"


def _text_part(random: Random, subtype: str, text: str, foreign: bool) -> bytes:
    raw = text.encode("utf-8")
    if not foreign and raw.isascii():
        head = b"Content-Type: text/%s; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        return head % subtype.encode("ascii") + raw
    if random.random() < 0.75:
        encoding, body = b"quoted-printable", quopri.encodestring(raw.replace(b"\r\n", b"\n"))
    else:
        encoding, body = b"base64", base64.encodebytes(raw)
    head = b"Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n"
    return head % (subtype.encode("ascii"), encoding) + body.replace(b"\n", b"\r\n")


def _file_part(random: Random, place: int) -> bytes:
    name = f"scan-{place}.pdf".encode("ascii")
    head = b'Content-Type: application/pdf; name="%s"\r\nContent-Disposition: attachment; filename="%s"\r\n'
    body = base64.encodebytes(random.randbytes(FILE_BYTES)).replace(b"\n", b"\r\n")
    return head % (name, name) + b"Content-Transfer-Encoding: base64\r\n\r\n" + body


def _multipart(random: Random, subtype: str, parts: tuple[bytes, ...]) -> bytes:
    rule = b"=_%016x" % random.getrandbits(64)
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (subtype.encode("ascii"), rule)
    return head + b"".join(b"--%s\r\n%s\r\n" % (rule, part) for part in parts) + b"--%s--\r\n" % rule
