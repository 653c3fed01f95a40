"""A whole mail through somebody else's server: what compose wrote is what arrives."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from maild.errors import PermanentError
from maild.mail.model import Attachment, Mailbox
from maild.outbox.compose import compose
from maild.outbox.outgoing import Outgoing
from maild.transport import TransportOptions, open_transport


class Sink:
    """Keeps what arrives; knows no `gone@`."""

    def __init__(self) -> None:
        self.mails: list[tuple[str | None, list[str], bytes]] = []

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 2.0.0 kept"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()


def nothing() -> None:
    """No mark is needed here."""


def test_a_mail_arrives_as_it_was_composed(sink: tuple[Sink, str]) -> None:
    handler, url = sink
    content = compose(
        Outgoing(
            sender=Mailbox("support@acme.test", "Acme Support"),
            to=(Mailbox("mira@shop.test", "Mira Ökafor"),),
            cc=(),
            reply_to=None,
            subject="[TICK-1001] Größe der Etiketten",
            date=datetime(2026, 11, 21, tzinfo=UTC),
            message_id="<a@acme.test>",
            in_reply_to=(),
            references=(),
            auto_submitted="auto-replied",
            text=".\n..\nFrom here\n.dots\n",
            html="<p>é</p>",
            attachments=(Attachment("ü.bin", "application/x-any", bytes(range(256)) * 400),),
        )
    )
    transport = open_transport(url, TransportOptions(helo="desk.test", timeout=5, after_dot=5))

    with pytest.raises(PermanentError, match=r"5\.1\.1"):
        transport.send("b@acme.test", "gone@shop.test", content, nothing)
    answers = [transport.send("b@acme.test", to, content, nothing) for to in ("mira@shop.test", "jo@shop.test")]
    transport.close()

    assert answers == ["250 2.0.0 kept"] * 2
    assert handler.mails == [("b@acme.test", [to], content) for to in ("mira@shop.test", "jo@shop.test")]
