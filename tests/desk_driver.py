"""A desk for tests: the real rooms on a real store, a clock that tests move, an outbox that tests read."""

import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from random import Random

from maild.config import Config, load_text
from maild.desk.accept import Acceptor
from maild.desk.act import act_on
from maild.desk.deliver import Deliverer
from maild.desk.outcomes import Policy
from maild.desk.receive import Done
from maild.desk.room import Room, open_room, upgrade
from maild.desk.rulebook import Rulebook
from maild.desk.tick import tick
from maild.desk.work import Worker
from maild.errors import MaildError
from maild.mail.envelope import Envelope, Via
from maild.mail.model import InboundMail, Limits
from maild.mail.parse import understand
from maild.outbox.render import Templates
from maild.resources import data_dir
from maild.store import find, messages, outbox, tickets
from maild.tickets.events import Event
from maild.tickets.query import parse_query
from maild.tickets.ticket import Ticket

CONFIG = """
[desk]
name = "Acme Support"
address = "support@acme.test"
timezone = "Europe/Berlin"
admins = ["root@acme.test"]

[database]
url = "{url}"

[[agents]]
name = "alice"
email = "alice@acme.test"
role = "agent"
teams = ["first-line"]

[[agents]]
name = "bob"
email = "bob@acme.test"
role = "agent"
teams = ["network"]

[[agents]]
name = "dora"
email = "dora@acme.test"
role = "developer"

[authentication]
trusted_authserv_ids = ["mx.acme.test"]
"""


class FakeClock:
    """Time that stands until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass(frozen=True, slots=True)
class Sent:
    """One transaction of the relay."""

    mail_from: str
    rcpt_to: str
    content: bytes

    @property
    def mail(self) -> Message:
        return message_from_bytes(self.content)

    def __getitem__(self, name: str) -> str:
        return re.sub(r"\s+", " ", str(self.mail[name] or ""))

    @property
    def text(self) -> str:
        parts = [part for part in self.mail.walk() if part.get_content_type() == "text/plain"]
        return parts[0].get_payload(decode=True).decode() if parts else ""

    @property
    def everything(self) -> str:
        """All that a reader of the raw bytes could find, decoded."""
        decoded = [part.get_payload(decode=True) or b"" for part in self.mail.walk() if not part.is_multipart()]
        return self.content.decode("latin-1") + "\n".join(each.decode("utf-8", "replace") for each in decoded)

    @property
    def event(self) -> str:
        return self["X-Maild-Event"]


@dataclass(slots=True)
class Relay:
    """A transport that keeps a list and can be told to refuse."""

    sent: list[Sent] = field(default_factory=list)
    refusals: dict[str, list[MaildError]] = field(default_factory=dict)
    reply: str = "250 taken"

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        waiting = self.refusals.get(rcpt_to) or self.refusals.get("*") or []
        if waiting:
            raise waiting.pop(0)
        before_dot()
        self.sent.append(Sent(mail_from, rcpt_to, content))
        return self.reply

    def refuse(self, rcpt_to: str, *errors: MaildError) -> None:
        self.refusals[rcpt_to] = list(errors)

    def close(self) -> None:
        return None

    def to(self, address: str) -> list[Sent]:
        return [each for each in self.sent if each.rcpt_to == address]

    def take(self) -> list[Sent]:
        """What left since the last look."""
        taken, self.sent = self.sent, []
        return taken


class ReadHere:
    """Reads mails in this process: what the children do, without them."""

    def __init__(self, book: Rulebook) -> None:
        self._hints = book.hints

    def submit(self, source: bytes) -> "Future[InboundMail]":
        done: Future[InboundMail] = Future()
        done.set_result(understand(source, self._hints, Limits()))
        return done

    def warm(self) -> None:
        return None


class DeskDriver:
    """What a story says: somebody writes, time passes, mails are there."""

    def __init__(self, folder: Path, url: str, config: str = CONFIG, extra: str = "") -> None:
        self.config: Config = load_text(config.format(url=url) + extra, "maild.toml", folder)
        self.clock = FakeClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        upgrade(self.config, data_dir("migrations"))
        self.room: Room = open_room(self.config, data_dir("migrations"), self.clock)
        self.relay = Relay()
        self.acceptor = Acceptor(self.room)
        self.worker = Worker(self.room, ReadHere(self.room.book), "test/0/worker/1")
        words = Templates((data_dir("templates"),), {"language": "en"})
        delivery = self.config.delivery
        policy = Policy(delivery.retry, delivery.give_up_after, delivery.unknown == "resend")
        self.deliverer = Deliverer(self.room, self.relay, words, policy, "test/0/delivery/1", Random(7))

    def close(self) -> None:
        self.acceptor.close()
        self.room.store.close()

    def receive(self, source: bytes, **envelope: object) -> Done:
        """Keeps, handles and answers one mail."""
        done = self.keep(source, **envelope)
        self.deliverer.drain()
        return done

    def keep(self, source: bytes, **envelope: object) -> Done:
        """Keeps and handles one mail; nothing leaves yet."""
        given = Envelope(Via.SMTP, self.clock())
        number = self.acceptor.submit(source, replace(given, **envelope)).result(timeout=10)  # type: ignore[arg-type]
        return next(done for done in self.worker.drain() if done.inbound == number)

    def answer(self, to: Sent, text: str, *, author: str, extra: str = "") -> Done:
        """Somebody answers one of our mails as a mail client does."""
        quoted = "\n".join(f"> {row}" for row in to.text.splitlines())
        body = f"{text}\n\nOn Mon, 2 Mar 2026 at 10:00, Acme Support <support@acme.test> wrote:\n\n{quoted}\n"
        headers = (
            f"{extra}In-Reply-To: {to['Message-ID']}\nReferences: {to['References']} {to['Message-ID']}\n"
            f"To: {to['Reply-To']}\nSubject: Re: {to['Subject']}\n"
        )
        return self.receive(written(author=author, body=body, headers=headers, salt=str(self.clock())))

    def tick(self) -> None:
        tick(self.room, self.clock())
        self.deliverer.drain()

    def do(self, number: int, text: str, agent: str) -> Ticket:
        found = self.room.book.directory.agent_named(agent)
        assert found is not None
        acted = act_on(self.room, number, text, found)
        self.deliverer.drain()
        return acted.ticket

    def ticket(self, number: int = 1001) -> Ticket:
        with self.room.store.read() as tx:
            found = tickets.load(tx, number)
        assert found is not None, f"there is no ticket {number}"
        return found

    def tickets(self) -> list[Ticket]:
        with self.room.store.read() as tx:
            return find.find(tx, parse_query(""), self.room.book.setting(self.clock()))

    def history(self, number: int = 1001) -> list[Event]:
        with self.room.store.read() as tx:
            return tickets.history(tx, number)

    def messages(self, number: int = 1001) -> list:  # type: ignore[type-arg]
        with self.room.store.read() as tx:
            return messages.of_ticket(tx, number)

    def outbox(self) -> list:  # type: ignore[type-arg]
        with self.room.store.read() as tx:
            return outbox.listed(tx, everything=True)


_count = 0


def written(
    author: str = "Jane Doe <jane@customer.test>",
    subject: str = "Printer on fire",
    body: str = "The printer burns.\n",
    *,
    to: str = "support@acme.test",
    headers: str = "",
    message_id: str | None = None,
    salt: str = "",
) -> bytes:
    """A plain mail; every call is another mail unless `message_id` says otherwise."""
    global _count
    _count += 1
    lines = [f"From: {author}", f"Message-ID: {message_id or f'<{_count}.test@client.test>'}"]
    lines += [] if "To:" in headers.split("\n\n")[0].replace("In-Reply-To:", "") else [f"To: {to}"]
    lines += [] if "Subject:" in headers else [f"Subject: {subject}"]
    lines += ["Date: Mon, 02 Mar 2026 09:00:00 +0000", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
    return ("\n".join(lines) + "\n" + headers + "\n" + body).replace("\n", "\r\n").encode()


PROVEN = "Authentication-Results: mx.acme.test; dmarc=pass header.from=acme.test\n"
