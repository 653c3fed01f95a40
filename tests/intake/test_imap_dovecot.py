"""The poller against a real Dovecot (IN-2, IN-7)."""

import itertools
import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from maild.errors import TransientError
from maild.intake.imap_account import After, Security
from maild.intake.imap_session import ConnectionLostError, LoginRefusedError
from tests.intake.imap_scripted import mail_source
from tests.intake.imap_setup import QUICK, Desk
from tests.servers.dovecot import Dovecot, dovecot

__all__ = ["dovecot"]

pytestmark = pytest.mark.servers
NUMBERS = itertools.count(1)


def desk_for(server: Dovecot, **settings: object) -> Desk:
    user = f"user{next(NUMBERS)}"
    patient = replace(QUICK, read=10.0, command=10.0, idle_answer=10.0)
    plain = {"username": user, "start": "now", "after": After.FLAG}
    return Desk(server.port, settings=plain | settings, timing=patient)


def user_of(desk: Desk) -> str:
    return str(desk.settings["username"])


def deliver(server: Dovecot, desk: Desk, *numbers: int) -> None:
    for number in numbers:
        server.deliver(user_of(desk), mail_source(number))


def test_mails_that_come_after_the_start_are_taken_byte_for_byte_and_flagged(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot)
    deliver(dovecot, desk, 1)
    assert desk.poll() == 0
    deliver(dovecot, desk, 2, 3)

    assert desk.poll() == 2

    assert desk.door.sources == [mail_source(2), mail_source(3)]
    assert dovecot.flags(user_of(desk)).count("$MaildKept") == 2
    assert "Seen" not in dovecot.flags(user_of(desk))
    envelope = desk.door.mails[0][1]
    assert (envelope.mail_from, envelope.quiet, envelope.trusted) == ("ann@example.org", False, False)
    assert envelope.received_at == desk.now
    assert (envelope.origin or "").startswith(f"imap:{user_of(desk)}@127.0.0.1/INBOX ")
    assert desk.poll() == 0


def test_old_mails_are_imported_quietly_with_their_own_dates_and_newer_ones_are_not_quiet(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot, start="all")
    deliver(dovecot, desk, 1, 2)
    desk.poll()
    deliver(dovecot, desk, 3)

    desk.poll()

    assert [envelope.quiet for _, envelope in desk.door.mails] == [True, True, False]
    old = desk.door.mails[0][1].received_at
    assert old.tzinfo is UTC and abs((datetime.now(UTC) - old).total_seconds()) < 600


def test_an_import_that_is_interrupted_stays_quiet_and_mail_that_comes_meanwhile_does_not(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot, start="all")
    deliver(dovecot, desk, 1, 2)
    desk.door.failures.append(TransientError("disk full"))
    with pytest.raises(TransientError):
        desk.poll()
    deliver(dovecot, desk, 3)

    desk.poll()

    quiet = {source: envelope.quiet for source, envelope in desk.door.mails}
    assert quiet == {mail_source(1): True, mail_source(2): True, mail_source(3): False}


def test_a_start_date_leaves_older_mails_where_they_are(dovecot: Dovecot) -> None:
    tomorrow = date.fromordinal(datetime.now(UTC).date().toordinal() + 1)
    yesterday = date.fromordinal(tomorrow.toordinal() - 2)
    late, early = desk_for(dovecot, start=tomorrow), desk_for(dovecot, start=yesterday)
    for desk in (late, early):
        deliver(dovecot, desk, 1)

    assert (late.poll(), early.poll()) == (0, 1)

    assert early.door.mails[0][1].quiet


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_mail_is_read_over_a_protected_line(dovecot: Dovecot, security: Security) -> None:
    desk = desk_for(dovecot, security=security, ca_file=dovecot.certificate, after=After.MOVE, move_to="Done")
    desk.port = dovecot.tls_port if security is Security.TLS else dovecot.port
    dovecot.deliver(user_of(desk), mail_source(1), folder="Done")
    desk.poll()
    deliver(dovecot, desk, 2)

    desk.poll()

    assert desk.door.sources == [mail_source(2)]
    assert dovecot.sources(user_of(desk)) == []


def test_a_certificate_that_nobody_vouches_for_ends_the_connection(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot, security=Security.TLS)
    desk.port = dovecot.tls_port

    with pytest.raises(ConnectionLostError, match="certificate"):
        desk.poll()


def test_a_wrong_password_is_said_in_words(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot, password="wrong")

    with pytest.raises(LoginRefusedError, match="check user name and password"):
        desk.poll()


def test_a_user_name_with_spaces_and_quotes_logs_in(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot, username='süpport "desk"', start="all")
    deliver(dovecot, desk, 1)

    assert desk.poll() == 1


@pytest.mark.parametrize("after", [After.MOVE, After.DELETE])
def test_a_kept_mail_leaves_the_folder_and_others_deletions_are_not_touched(dovecot: Dovecot, after: After) -> None:
    desk = desk_for(dovecot, after=after, move_to="Done")
    dovecot.deliver(user_of(desk), mail_source(9), folder="Done")
    deliver(dovecot, desk, 1)
    desk.poll()
    dovecot.doveadm("flags", "add", "-u", user_of(desk), "\\Deleted", "mailbox", "INBOX", "all")
    deliver(dovecot, desk, 2)

    desk.poll()

    assert dovecot.sources(user_of(desk)) == [mail_source(1)]
    assert len(dovecot.sources(user_of(desk), "Done")) == (2 if after is After.MOVE else 1)


@pytest.mark.parametrize("security", [Security.NONE, Security.TLS])
def test_mail_that_arrives_during_idle_is_seen_at_once(dovecot: Dovecot, security: Security) -> None:
    desk = desk_for(dovecot, poll_seconds=600, security=security, ca_file=dovecot.certificate)
    desk.port = dovecot.tls_port if security is Security.TLS else dovecot.port
    desk.timing = replace(desk.timing, idle=600.0)
    deliver(dovecot, desk, 1)
    desk.poll()
    with desk.running():
        deliver(dovecot, desk, 2)
        desk.door.wait_for(1)
        deliver(dovecot, desk, 3)
        desk.door.wait_for(2)

    assert desk.door.sources == [mail_source(2), mail_source(3)]


def test_a_client_that_is_kicked_out_comes_back(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot)
    desk.timing = replace(desk.timing, idle=600.0)
    desk.poll()
    with desk.running():
        deliver(dovecot, desk, 1)
        desk.door.wait_for(1)
        dovecot.kick(user_of(desk))
        deliver(dovecot, desk, 2)
        desk.door.wait_for(2)

    assert desk.told.troubles == []


def test_after_a_new_uidvalidity_nothing_is_skipped(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot)
    desk.poll()
    deliver(dovecot, desk, 1, 2)
    desk.poll()
    dovecot.new_uidvalidity(user_of(desk))
    deliver(dovecot, desk, 3)

    desk.poll()

    assert desk.door.sources[:2] == [mail_source(1), mail_source(2)]
    assert sorted(desk.door.sources[2:]) == [mail_source(1), mail_source(2), mail_source(3)]
    assert len({key[2] for key in desk.bookmarks.rows}) == 2


def test_a_mail_that_another_client_expunges_before_it_is_fetched_is_no_trouble(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot)
    desk.poll()
    deliver(dovecot, desk, 1, 2, 3)
    once = threading.Event()

    def other_client(_source: bytes) -> None:
        if not once.is_set():
            once.set()
            dovecot.expunge(user_of(desk), "uid 2")

    desk.door.before_keeping = other_client

    desk.poll()

    assert mail_source(1) in desk.door.sources and mail_source(3) in desk.door.sources
    assert desk.bookmarks.only().last_uid == 3
    assert desk.bookmarks.only().pending == ()


def test_a_move_to_a_folder_that_is_not_there_keeps_the_mail_and_tells(dovecot: Dovecot) -> None:
    desk = desk_for(dovecot, after=After.MOVE, move_to="Nowhere")
    desk.poll()
    deliver(dovecot, desk, 1, 2, 3)

    desk.poll()

    assert desk.door.sources == [mail_source(1), mail_source(2), mail_source(3)]
    assert len(desk.told.troubles) == 1 and "Nowhere" in desk.told.troubles[0][1]
    assert len(dovecot.sources(user_of(desk))) == 3
