"""One conversation by real SMTP, on SQLite and on PostgreSQL; and what is said while the database is away."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor as Threads
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.desk_driver import written
from tests.servers import postgresql
from tests.servers.letters import answer, deliver, post, reply_address
from tests.servers.product import Desk
from tests.servers.sink import Sink

pytestmark = pytest.mark.servers
JANE, ALICE = "jane@customer.test", "alice@acme.test"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, sink: Sink) -> Desk:
    database = "sqlite:///maild.db" if request.param == "sqlite" else postgresql.fresh_database()
    return Desk(tmp_path, delivery=sink.url, database=database)


def test_a_conversation_from_the_first_mail_to_the_closing(desk: Desk, sink: Sink) -> None:
    with desk.running():
        # given: a customer writes
        deliver(desk.port, JANE, "support@acme.test", written(subject="Printer on fire"))
        ack, notice = sink.wait_for(JANE, "acknowledgement"), sink.wait_for(ALICE, "new_ticket")
        assert "[TICK-1001]" in ack["Subject"]
        assert ack.mail_from == ""

        # when: the agent answers his notification, known by nothing but the address that was made for him
        words = answer(notice, "#waiting\n\nWhich printer is it?", author=ALICE)
        deliver(desk.port, ALICE, reply_address(notice), words)
        answered = sink.wait_for(JANE, "answer")
        # then
        assert "Which printer is it?" in answered.text
        assert "#waiting" not in answered.everything
        assert desk.ticket()["status"] == "waiting"
        assert desk.ticket()["assignee"] == "alice"

        # when: the customer answers that
        deliver(desk.port, JANE, reply_address(answered), answer(answered, "The one in the hall.", author=JANE))
        told = sink.wait_for(ALICE, "customer_reply")
        # then
        assert "The one in the hall." in told.text
        assert desk.ticket()["status"] == "open"

        # when: solved
        deliver(desk.port, ALICE, reply_address(told), answer(told, "#resolve", author=ALICE))
        sink.wait_for(JANE, "resolved")
        assert desk.ticket()["phase"] == "resolved"

    # when: eight days pass, twice told
    later = (datetime.now(UTC) + timedelta(days=8)).isoformat()
    assert "TICK-1001" in desk.cli("tick", "--now", later)
    assert "TICK-1001" not in desk.cli("tick", "--now", later)
    # then
    assert len(sink.to(JANE, "closed")) == 1
    ticket = desk.ticket()
    assert ticket["status"] == "closed"
    assert [(each["direction"], each["from"]) for each in ticket["messages"]] == [
        ("in", JANE),
        ("out", ALICE),
        ("in", JANE),
    ]
    statuses = [each["new"]["status"] for each in ticket["events"] if each["kind"] == "status"]
    assert statuses == ["waiting", "open", "resolved", "closed"]
    assert all(each["actor"] and each["cause"] for each in ticket["events"])
    assert [mail.event for mail in sink.to(JANE)] == ["acknowledgement", "answer", "resolved", "closed"]


def test_while_postgresql_is_away_mail_is_put_off_and_taken_when_it_is_back(tmp_path: Path, sink: Sink) -> None:
    desk = Desk(tmp_path, delivery=sink.url, database=postgresql.fresh_database())
    cluster = postgresql.running_cluster()
    people = [f"{when}@customer.test" for when in ("early", "late", "piped")]
    early, late, piped = (written(author=each, subject=each) for each in people)
    with desk.running():
        deliver(desk.port, people[0], "support@acme.test", early)
        sink.wait_for(people[0], "acknowledgement")
        # given
        cluster.stop()
        try:
            # when
            said = post(desk.port, people[1], "support@acme.test", late)
            ingested = desk.call("ingest", "--recipient", "support@acme.test", source=piped)
        finally:
            cluster.start()
        # then
        assert said[0] == 451
        assert said[1].startswith("4.3.0")
        assert ingested.returncode == 75
        assert len(ingested.stderr.splitlines()) == 1
        # and when the senders try again
        deliver(desk.port, people[1], "support@acme.test", late)
        sink.wait_for(people[1], "acknowledgement")
        assert desk.call("ingest", "--recipient", "support@acme.test", source=piped).returncode == 0
        sink.wait_for(people[2], "acknowledgement")
    assert sorted(each["subject"] for each in desk.tickets()) == people


def test_while_another_process_holds_sqlite_mail_is_put_off_with_a_constant_text(tmp_path: Path, sink: Sink) -> None:
    desk = Desk(tmp_path, delivery=sink.url)
    mail = written(author=JANE)
    with desk.running():
        with closing(sqlite3.connect(tmp_path / "maild.db", isolation_level=None)) as other, Threads(1) as pool:
            # given
            other.execute("BEGIN EXCLUSIVE")
            # when
            piped = pool.submit(desk.call, "ingest", "--recipient", "support@acme.test", source=mail)
            said = post(desk.port, JANE, "support@acme.test", mail)
            ingested = piped.result()
            other.execute("ROLLBACK")
        # then
        assert said[0] == 451
        assert said[1].startswith("4.3.0")
        assert "locked" not in said[1]
        assert ingested.returncode == 75
        deliver(desk.port, JANE, "support@acme.test", mail)
        sink.wait_for(JANE, "acknowledgement")
    assert len(desk.tickets()) == 1
