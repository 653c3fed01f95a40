"""The poller's everyday life against pymap, a second server that shares no code with Dovecot."""

import imaplib
import time

from maild.intake.imap_account import After
from tests.intake.imap_scripted import mail_source
from tests.intake.imap_setup import Desk
from tests.servers.imap_in_memory import PASSWORD, USER, in_memory_imap


def desk_at(port: int, **settings: object) -> Desk:
    return Desk(
        port, settings={"username": USER, "password": PASSWORD, "start": "now", "after": After.FLAG, **settings}
    )


def append(port: int, *sources: bytes) -> None:
    with imaplib.IMAP4("127.0.0.1", port, 5) as client:
        client.login(USER, PASSWORD)
        for source in sources:
            client.append("INBOX", "", "", source)


def test_each_mail_is_taken_once() -> None:
    with in_memory_imap() as port:
        desk = desk_at(port)
        desk.poll()
        append(port, mail_source(1), mail_source(2))

        first, second = desk.poll(), desk.poll()

    assert (first, second) == (2, 0)
    assert desk.door.sources == [mail_source(1), mail_source(2)]


def test_one_watcher_polls_again_and_again_on_one_connection() -> None:
    with in_memory_imap() as port:
        desk = desk_at(port)
        watcher = desk.watcher()
        watcher.poll_once()
        for number in range(1, 4):
            append(port, mail_source(number))
            assert watcher.poll_once() == 1
        watcher.close()

    assert desk.door.sources == [mail_source(number) for number in range(1, 4)]


def test_a_mailbox_that_is_known_by_its_address_gives_mails_their_recipient() -> None:
    with in_memory_imap() as port:
        desk = desk_at(port, address="support@acme.test", start="all", trust_authentication_results=True)
        append(port, mail_source(1), b"Delivered-To: sales@acme.test\r\n" + mail_source(2))

        desk.poll()

    assert [envelope.rcpt_to for _, envelope in desk.door.mails] == [("support@acme.test",), ()]
    assert all(envelope.trusted for _, envelope in desk.door.mails)


def test_a_running_watcher_stops_when_it_is_told() -> None:
    with in_memory_imap() as port:
        desk = desk_at(port)
        began = time.monotonic()
        with desk.running():
            assert desk.told.troubles == []

    assert time.monotonic() - began < 5
