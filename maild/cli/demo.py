"""`maild demo`: a whole conversation through the real SMTP port, with nothing configured and no other server."""

import smtplib
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP
from pathlib import Path

import click

from maild.cli.options import with_config
from maild.clock import utc_now
from maild.commands.told import told
from maild.config import load_text
from maild.daemon import Daemon
from maild.desk import by_hand
from maild.desk.tick import tick
from maild.errors import TransientError
from maild.reports import as_text, sla_table, volume_table

CONFIG = """
[desk]
name = "Acme Support"
address = "support@acme.test"
data_dir = "data"
[database]
url = "sqlite:///maild.db"
[smtp]
listen = "127.0.0.1:0"
[delivery]
url = "maildir:mails"
[[agents]]
name = "alice"
email = "alice@acme.test"
[[sla]]
name = "standard"
[sla.targets.normal]
first_response = "4h"
resolution = "3d"
"""
WAIT_SECONDS = 20.0
WIDTH = 76


@click.command("demo", help="Play a whole conversation, with nothing configured.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Keep everything in this folder (default: a temporary one)."
)
@click.option("--once", is_flag=True, help="End by itself instead of staying up.")
@with_config
def command(data: Path | None, once: bool) -> None:
    """Customer writes, agent answers, customer replies, agent resolves, time closes."""
    with tempfile.TemporaryDirectory(prefix="maild-demo-") as temporary:
        folder = data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        play = _Play(folder)
        try:
            play.perform()
            if not once:
                _stay(play)
        finally:
            play.daemon.stop()


def _stay(play: "_Play") -> None:
    click.secho(
        f"\nmaild listens on {play.daemon.places[0]}; mails lie in {play.folder}/mails. Ctrl-C ends it.", bold=True
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo()


class _Play:
    """The stage: a daemon of its own, a mail client for each part, a folder where all outgoing mail lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.daemon = Daemon(load_text(CONFIG, str(folder / "maild.toml"), folder))
        self._read: set[str] = {path.name for path in self._mails()}

    def perform(self) -> None:
        """The conversation, act by act."""
        self.daemon.start()
        click.secho(f"maild is ready on {self.daemon.places[0]}, with SQLite in {self.folder}", bold=True)
        self._act("Jane, a customer, writes to support@acme.test")
        self._send(
            _mail(
                "Jane Doe <jane@customer.test>",
                "support@acme.test",
                "Printer on fire",
                "Hello,\n\nour printer burns. What now?\n\nJane",
            )
        )
        first = self._arrived("jane@customer.test", "alice@acme.test")
        self._act("Alice answers her notification in her mail client; the first line is a command")
        self._answer(
            first["alice@acme.test"],
            "Alice <alice@acme.test>",
            "#waiting\n\nHi Jane,\n\nplease pull the plug. Which model is it?",
        )
        answer = self._arrived("jane@customer.test")
        self._act("Jane replies")
        self._answer(
            answer["jane@customer.test"], "Jane Doe <jane@customer.test>", "It is out. The model is a Spitfire 9000."
        )
        told = self._arrived("alice@acme.test")
        self._act("Alice solves it, with one more line")
        self._answer(
            told["alice@acme.test"],
            "Alice <alice@acme.test>",
            "#resolve -- a known fault of that model\n\nA new one is on its way to you.",
        )
        self._arrived("jane@customer.test")
        self._act("Eight days pass (maild tick --now …)")
        room = self.daemon.room
        room.clock = lambda: utc_now() + timedelta(days=8)
        tick(room, room.clock())
        self._arrived("jane@customer.test", "alice@acme.test")
        self._show_ticket()

    def _act(self, words: str) -> None:
        click.secho(f"\n━━ {words} {'━' * max(0, WIDTH - len(words) - 4)}\n", fg="cyan", bold=True)

    def _mails(self) -> list[Path]:
        folder = self.folder / "mails" / "new"
        return sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns) if folder.is_dir() else []

    def _send(self, mail: EmailMessage) -> None:
        with smtplib.SMTP(*self.daemon.smtp_place) as client:
            client.send_message(mail)

    def _answer(self, to: Message, author: str, text: str) -> None:
        quoted = "\n".join(f"> {row}" for row in _text(to).splitlines())
        body = f"{text}\n\nOn {to['Date']}, {to['From']} wrote:\n{quoted}\n"
        mail = _mail(author, str(to["Reply-To"]), f"Re: {to['Subject']}", body)
        mail["In-Reply-To"] = str(to["Message-ID"])
        self._send(mail)

    def _arrived(self, *recipients: str) -> dict[str, Message]:
        """Waits until a new mail lies there for each of them, and shows it."""
        found: dict[str, Message] = {}

        def look() -> bool:
            for path in self._mails():
                if path.name not in self._read:
                    self._read.add(path.name)
                    mail = message_from_bytes(path.read_bytes())
                    found[str(mail["Delivered-To"])] = mail
                    _show(mail)
            return set(recipients) <= set(found)

        _until(look, f"no mail for {', '.join(recipients)}")
        return found

    def _show_ticket(self) -> None:
        self._act("What maild knows about it now (maild ticket show TICK-1001)")
        whole = by_hand.whole_ticket(self.daemon.room, self.daemon.room.book.first_number)
        assert whole is not None
        book = self.daemon.room.book
        for event in whole[3]:
            reason = f"  ({event.reason})" if event.reason else ""
            click.echo(f"  {book.local(event.at)}  {event.actor:28} {told(event.change, book)}{reason}")
        self._act("What a manager asks for (maild report, maild report sla)")
        month = timedelta(days=30)
        click.echo(as_text(volume_table(by_hand.volume(self.daemon.room, month))))
        click.echo("\n" + as_text(sla_table(by_hand.kept_promises(self.daemon.room, month))))


def _until(look: Callable[[], bool], else_words: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise TransientError(f"{else_words} within {WAIT_SECONDS:.0f} seconds")
        time.sleep(0.02)


def _mail(author: str, to: str, subject: str, text: str) -> EmailMessage:
    from email.utils import formatdate, make_msgid

    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = author, to, " ".join(subject.split())
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="customer.test")
    mail.set_content(text)
    return mail


def _text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(payload, bytes) else ""
    return ""


def _show(mail: Message) -> None:
    """A mail as its reader sees it."""
    shown = ("From", "To", "Subject")
    click.echo("┌" + "─" * WIDTH)
    for name in shown:
        click.echo(f"│ {name + ':':9}{_header(mail, name)}")
    click.echo("├" + "─" * WIDTH)
    for row in _text(mail).rstrip().splitlines():
        click.echo(f"│ {row}")
    click.echo("└" + "─" * WIDTH)
    sys.stdout.flush()


def _header(mail: Message, name: str) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(" ".join(str(mail[name] or "").split()))))
