"""`maild run` on a real Dovecot mailbox: what lay there before, what comes while it waits, and nothing twice."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.desk_driver import written
from tests.servers import dovecot as dovecot_here
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.letters import answer, dated_now, deliver, reply_address
from tests.servers.needed import require
from tests.servers.product import Desk, eventually
from tests.servers.sink import Sink

pytestmark = pytest.mark.servers
JANE, ALICE, DESK = "jane@customer.test", "alice@acme.test", "support@acme.test"
_users = itertools.count(1)


@pytest.fixture(scope="module")
def mailboxes() -> Iterator[Dovecot]:
    require(dovecot_here.missing())
    with running_dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    return f"story{next(_users)}"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


def desk_on(mailboxes: Dovecot, user: str, folder: Path, sink: Sink, start: str) -> Desk:
    account = mailboxes.account(user, DESK, start=start)
    return Desk(folder, delivery=sink.url, extra=account)


def test_mail_that_comes_to_the_mailbox_is_answered_and_threaded(
    mailboxes: Dovecot, user: str, tmp_path: Path, sink: Sink
) -> None:
    # given: an old mail lies there, and the desk starts with what comes from now on
    mailboxes.deliver(user, written(subject="Old story"))
    desk = desk_on(mailboxes, user, tmp_path, sink, "now")
    with desk.running():
        eventually(lambda: _is_watched(desk), "a watched mailbox")
        # when: one arrives while maild waits in IDLE
        mailboxes.deliver(user, dated_now(written(subject="New story")))
        # then
        ack, notice = sink.wait_for(JANE, "acknowledgement"), sink.wait_for(ALICE, "new_ticket")
        assert "[TICK-1001]" in ack["Subject"]
        assert "Old story" not in notice.everything
        # when: the agent answers, and the customer answers that, by mailbox both
        mailboxes.deliver(user, answer(notice, "Tell me more.", author=ALICE))
        answered = sink.wait_for(JANE, "answer")
        mailboxes.deliver(user, answer(answered, "There is no more.", author=JANE))
        sink.wait_for(ALICE, "customer_reply")
        # then
        ticket = desk.ticket()
        assert [(each["direction"], each["via"]) for each in ticket["messages"]] == [
            ("in", "imap"),
            ("out", "imap"),
            ("in", "imap"),
        ]
        assert [each["subject"] for each in desk.tickets()] == ["New story"]


def test_old_mails_are_taken_in_quietly_when_all_are_asked_for(
    mailboxes: Dovecot, user: str, tmp_path: Path, sink: Sink
) -> None:
    # given
    mailboxes.deliver(user, written(subject="Old story"))
    mailboxes.deliver(user, written(author="carl@customer.test", subject="Older story"))
    desk = desk_on(mailboxes, user, tmp_path, sink, "all")
    # when
    with desk.running():
        eventually(lambda: len(desk.tickets()) == 2, "both old mails")
        mailboxes.deliver(user, dated_now(written(author="dan@customer.test", subject="New story")))
        sink.wait_for("dan@customer.test", "acknowledgement")
    # then
    old = [ticket for ticket in desk.tickets() if ticket["subject"] != "New story"]
    assert {ticket["phase"] for ticket in old} == {"closed"}
    assert {ticket["created_at"][:10] for ticket in old} == {"2026-03-02"}
    assert sink.to(JANE) == []
    assert sink.to("carl@customer.test") == []
    assert [mail["Subject"] for mail in sink.to(ALICE)] == ["[TICK-1003] New story"]


def test_the_same_mail_by_mailbox_and_by_smtp_is_one_message(
    mailboxes: Dovecot, user: str, tmp_path: Path, sink: Sink
) -> None:
    desk = desk_on(mailboxes, user, tmp_path, sink, "now")
    mail = dated_now(written(subject="Twice sent"))
    with desk.running():
        eventually(lambda: _is_watched(desk), "a watched mailbox")
        deliver(desk.port, JANE, DESK, mail)
        ack = sink.wait_for(JANE, "acknowledgement")
        # when: once more, as another server delivered it, and then something else
        mailboxes.deliver(user, b"Received: from a.test by b.test; Mon, 2 Mar 2026 09:00:00 +0000\r\n" + mail)
        eventually(lambda: _kinds(desk).count("also_arrived"), "the second arrival in the history")
        mailboxes.deliver(user, answer(ack, "More.", author=JANE))
        sink.wait_for(ALICE, "customer_reply")
        deliver(desk.port, JANE, reply_address(ack), answer(ack, "And more.", author=JANE))
        sink.wait_for(ALICE, "customer_reply", count=2)
    # then
    assert [each["via"] for each in desk.ticket()["messages"]] == ["smtp", "imap", "smtp"]
    assert len(sink.to(JANE)) == 1
    assert len(desk.tickets()) == 1
    assert desk.json("quarantine", "list") == []


def test_a_restart_takes_no_mail_again_and_leaves_none_out(
    mailboxes: Dovecot, user: str, tmp_path: Path, sink: Sink
) -> None:
    desk = desk_on(mailboxes, user, tmp_path, sink, "now")
    with desk.running():
        eventually(lambda: _is_watched(desk), "a watched mailbox")
        mailboxes.deliver(user, dated_now(written(subject="before")))
        sink.wait_for(JANE, "acknowledgement")
    # given: it comes while nobody looks
    mailboxes.deliver(user, dated_now(written(author="carl@customer.test", subject="between")))
    # when
    with desk.running():
        sink.wait_for("carl@customer.test", "acknowledgement")
    # then
    assert sorted(each["subject"] for each in desk.tickets()) == ["before", "between"]
    assert len(sink.to(JANE)) == 1


def _is_watched(desk: Desk) -> bool:
    """It is written down where the mailbox stands: what comes from now on is new."""
    with closing(sqlite3.connect(desk.folder / "maild.db")) as database:
        return bool(database.execute("SELECT count(*) FROM mailboxes").fetchone()[0])


def _kinds(desk: Desk) -> list[str]:
    return [event["kind"] for event in desk.ticket()["events"]]
