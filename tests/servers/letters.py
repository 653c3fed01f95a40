"""Mails as people and mail servers send them: answers written in a mail client, and the post box to drop them in."""

import smtplib
from email.utils import formatdate

from tests.desk_driver import Sent, written

TRUSTED = "mx.acme.test"


def proof(domain: str = "acme.test") -> str:
    """What the trusted server in front of the desk writes on a mail that it has checked (RFC 8601)."""
    return f"Authentication-Results: {TRUSTED}; dmarc=pass header.from={domain}\r\n"


def answer(to: Sent, text: str, *, author: str, quoted: str | None = None) -> bytes:
    """Somebody answers one of the desk's mails: his words on top, the whole mail quoted below."""
    quote = "\n".join(f"> {row}" for row in (quoted or to.text).splitlines())
    headers = (
        f"In-Reply-To: {to['Message-ID']}\nReferences: {to['References']} {to['Message-ID']}\n"
        f"To: {to['Reply-To']}\nSubject: Re: {to['Subject']}\n"
    )
    intro = "On Mon, 2 Mar 2026 at 10:00, Acme Support <support@acme.test> wrote:"
    return written(author=author, body=f"{text}\n\n{intro}\n\n{quote}\n", headers=headers)


def reply_address(to: Sent) -> str:
    """Where an answer to this mail goes."""
    field = to["Reply-To"]
    return field.partition("<")[2].partition(">")[0] or field.strip()


def dated_now(source: bytes) -> bytes:
    """The same mail, written just now."""
    return source.replace(b"Mon, 02 Mar 2026 09:00:00 +0000", formatdate().encode())


def post(port: int, sender: str, recipients: str | list[str], source: bytes) -> tuple[int, str]:
    """One transaction as a mail server does it: the answer that decided."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.test", timeout=60) as client:
        client.ehlo()
        options = ["SMTPUTF8"] if not sender.isascii() else []
        code, text = client.mail(sender, options)
        for recipient in [recipients] if isinstance(recipients, str) else recipients:
            if code == 250:
                code, text = client.rcpt(recipient)
        if code == 250:
            code, text = client.data(source)
    return code, text.decode()


def deliver(port: int, sender: str, recipient: str | list[str], source: bytes) -> str:
    """A mail that must be taken."""
    code, text = post(port, sender, recipient, source)
    assert code == 250, f"{code} {text}"
    return text
