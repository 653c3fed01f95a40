"""How people of the day use their mail clients: write, answer, click a link of a mail's HTML, attach a file."""

import re
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from maild.desk.receive import Done
from tests.desk_driver import PROVEN, DeskDriver, Sent
from tests.golden.people import CANNED, DAY_CONFIG, STAFF, Person

SUPPORT = "support@acme.test"


class Anchors(HTMLParser):
    """Every link of a mail: (what stands on it, where it leads), in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href = ""
        self._words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._words = dict(attrs).get("href") or "", []

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.found.append(("".join(self._words).strip(), self._href))


def html_of(mail: Sent) -> str:
    """The mail's HTML form."""
    parts = [part for part in mail.mail.walk() if part.get_content_type() == "text/html"]
    return bytes(parts[0].get_payload(decode=True)).decode() if parts else ""


def link_of(mail: Sent, words: str, number: int | None = None) -> str:
    """The link with these words on it; of several, the one whose subject names ticket `number`."""
    links = [href for said, href in Anchors(html_of(mail)).found if said == words]
    links = [href for href in links if number is None or f"-{number}%5D" in href]
    assert links, f"{mail.event} to {mail.rcpt_to} has no link '{words}'"
    return links[0]


def as_a_client_reads(link: str) -> tuple[str, str, str]:
    """(to, subject, body) of a link as RFC 6068 reads it: percent-decoded, and a plus is a plus."""
    path, _, query = link.removeprefix("mailto:").partition("?")
    fields = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    return unquote(path), unquote(fields.get("subject", "")), unquote(fields.get("body", ""))


def _again(subject: str) -> str:
    return subject if subject.startswith("Re: ") else f"Re: {subject}"


class Day:
    """A desk and everybody's mailbox; `mails` is what left, in order."""

    def __init__(self, folder: Path, url: str) -> None:
        for name, text in CANNED.items():
            (folder / "canned" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "canned" / name).write_text(text)
        self.desk = DeskDriver(folder, url, DAY_CONFIG)
        self.mails: list[Sent] = []
        self._written = 0

    def writes(self, who: Person, text: str, subject: str = "", *, cc: str = "", csv: str = "") -> Done:
        """A new mail to the desk; an agent's has the mail server's word that it is his."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = str(who), SUPPORT, subject
        if cc:
            mail["Cc"] = cc
        mail.set_content(text)
        if csv:
            mail.add_attachment(csv.encode(), maintype="text", subtype="csv", filename="people.csv")
        proven = who in STAFF
        return self._send(mail, trusted=proven, before=PROVEN if proven else "")

    def answers(self, who: Person, mail: Sent, text: str) -> Done:
        """An answer with everything quoted below, as most people write."""
        quoted = "\n".join(f"> {row}" for row in mail.text.splitlines())
        reply = EmailMessage()
        reply["From"], reply["To"], reply["Subject"] = str(who), mail["Reply-To"], _again(mail["Subject"])
        reply["In-Reply-To"] = mail["Message-ID"]
        reply["References"] = f"{mail['References']} {mail['Message-ID']}".strip()
        head = f"On Mon, 2 Mar 2026 at 10:00, Acme Support <{SUPPORT}> wrote:"
        reply.set_content(f"{text}\n\n{head}\n\n{quoted}\n")
        return self._send(reply)

    def clicks(self, who: Person, mail: Sent, words: str, number: int | None = None, more: str = "") -> Done:
        """Opens a link and sends exactly what the client shows; `more` is typed where the cursor stands."""
        to, subject, body = as_a_client_reads(link_of(mail, words, number))
        written = EmailMessage()
        written["From"], written["To"], written["Subject"] = str(who), to, subject
        written.set_content(body.replace("\r\n", "\n") + more)
        return self._send(written)

    def passes(self, **length: float) -> None:
        """Time goes by, and what is due is done."""
        self.desk.clock.advance(**length)
        self.desk.tick()
        self._collect()

    def last(self, who: Person, event: str = "") -> Sent:
        """The newest mail to somebody."""
        return next(each for each in reversed(self.mails) if each.rcpt_to == who.address and event in ("", each.event))

    def to(self, who: Person) -> list[Sent]:
        """All mails to somebody."""
        return [each for each in self.mails if each.rcpt_to == who.address]

    def _send(self, mail: EmailMessage, *, trusted: bool = False, before: str = "") -> Done:
        self._written += 1
        mail["Message-ID"] = f"<{self._written}.day@client.test>"
        mail["Date"] = self.desk.clock().strftime("%a, %d %b %Y %H:%M:%S +0000")
        source = (before + mail.as_string()).encode()
        done = self.desk.receive(re.sub(rb"\r?\n", b"\r\n", source), trusted=trusted)
        self._collect()
        self.desk.clock.advance(minutes=3)
        return done

    def _collect(self) -> None:
        self.mails += self.desk.relay.take()
