"""Explaining without writing, reading kept mails again, ending the claims of the dead, and the last net for secrets."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from maild.desk.explain import as_json, explain
from maild.desk.leaks import cleaned_for_customer, leaked_note
from maild.desk.recover import recover, worker_name
from maild.desk.replay import count, differences, take_over
from maild.mail.envelope import Envelope, Via
from maild.mail.model import Limits
from maild.mail.parse import understand
from maild.mail.tokens import TokenKind
from maild.store import inbound, messages, schema
from tests.desk_driver import DeskDriver, ReadHere, written

JANE = "Jane Doe <jane@customer.test>"
KEYS = {
    *("file", "kind", "kind_because", "from", "from_name", "to", "cc", "subject", "date", "message_id", "sender"),
    *("ticket", "text", "new_text", "attachments", "bounced", "language", "commands", "errors", "actions"),
}


def _rows(desk: DeskDriver) -> dict[str, list[str]]:
    """Everything that is stored."""
    with desk.room.store.read() as tx:
        return {table.name: sorted(map(repr, tx.execute(sa.select(table)))) for table in schema.metadata.sorted_tables}


def _explained(desk: DeskDriver, source: bytes) -> dict[str, object]:
    book, now = desk.room.book, desk.clock()
    envelope = Envelope(Via.FILE, now)
    told = explain(understand(source, book.hints, Limits()), envelope, book, desk.room.store, now)
    return as_json("x.eml", told, envelope, book, now)


def test_explaining_says_everything_and_writes_nothing(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    notice = desk.relay.to("alice@acme.test")[0]
    reply = f"To: {notice['Reply-To']}\nIn-Reply-To: {notice['Message-ID']}\nSubject: Re: {notice['Subject']}\n"
    before = _rows(desk)

    told = [
        _explained(desk, written(author=JANE)),
        _explained(desk, written(author="alice@acme.test", headers=reply, body="#take\n\nHave you tried water?\n")),
        _explained(desk, written(author="alice@acme.test", headers=reply, body="#asign bob\n")),
        _explained(desk, b"no mail at all"),
    ]

    assert _rows(desk) == before
    assert all(set(each) >= KEYS for each in told)
    assert told[0]["ticket"]["number"] is None  # type: ignore[index]
    assert told[1]["ticket"]["number"] == "TICK-1001"  # type: ignore[index]
    assert told[1]["sender"]["role"] == "agent"  # type: ignore[index]
    assert told[1]["commands"] == ["#take"]
    assert any("jane@customer.test" in line for line in told[1]["actions"])  # type: ignore[attr-defined]
    assert told[2]["errors"]


def test_what_is_explained_is_what_then_happens(desk: DeskDriver) -> None:
    source = written(author=JANE, subject="Lift stuck")

    said = _explained(desk, source)["actions"]
    desk.receive(source)

    sends = [line for line in said if line.startswith("send ")]  # type: ignore[attr-defined]
    assert sorted({each.event for each in desk.relay.sent}) == sorted({line.split("'")[1] for line in sends})


def test_kept_mails_read_as_they_were_read_differ_in_nothing(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.do(1001, "An answer", "alice")

    found = list(differences(desk.room, ReadHere(desk.room.book), None))

    assert [each for _, each in found] == [[]]
    assert count(desk.room, None) == 1
    assert count(desk.room, desk.clock() + timedelta(days=1)) == 0


def test_better_readings_are_taken_over_as_texts_and_nothing_else(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE, body="The printer burns.\n"))
    number = desk.messages()[0].id
    worse = {"text": "gibberish", "new_text": "gib", "kind": "vacation"}
    with desk.room.store.begin() as tx:
        tx.execute(sa.update(schema.messages).values(worse))
    history, ticket = desk.history(), desk.ticket()

    [(message, found)] = differences(desk.room, ReadHere(desk.room.book), None)
    changed = take_over(desk.room, found)

    assert message == number
    assert [(each.field, each.old) for each in found] == [
        ("kind", "vacation"),
        ("text", "gibberish"),
        ("new_text", "gib"),
    ]
    assert changed == 2
    row = desk.messages()[0]
    assert (row.text.strip(), row.kind) == ("The printer burns.", "vacation")
    assert (desk.history(), desk.ticket()) == (history, ticket)
    assert take_over(desk.room, []) == 0


def test_a_kept_mail_whose_bytes_are_gone_is_named_and_stops_no_other(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE, body="y\n" * 50_000))
    desk.receive(written(author=JANE))
    with desk.room.store.read() as tx:
        first = messages.received_after(tx, 0, None, 1)[0]
    desk.room.blobs.path(first.source).unlink()

    found = list(differences(desk.room, ReadHere(desk.room.book), None))

    assert [[each.field for each in one] for _, one in found] == [["unreadable"], []]


def _dead_pid() -> int:
    child = subprocess.Popen(["true"])
    child.wait(10)
    return child.pid


def test_only_the_claims_of_dead_processes_of_this_host_are_ended(desk: DeskDriver) -> None:
    host = socket.gethostname()
    holders = [
        f"{host}/{_dead_pid()}/worker/1/a",
        f"{host}/{os.getppid()}/worker/1/a",
        f"another{host}/{_dead_pid()}/worker/1/a",
    ]
    for _ in holders:
        desk.acceptor.submit(written(), Envelope(Via.SMTP, desk.clock())).result(10)
    for holder in holders:
        with desk.room.store.begin() as tx:
            assert len(inbound.claim(tx, holder, desk.clock(), timedelta(seconds=90), 1)) == 1

    assert recover(desk.room) == 1

    with desk.room.store.begin() as tx:
        assert [each.id for each in inbound.claim(tx, "w", desk.clock(), timedelta(seconds=90), 9)] == [1]


def test_no_two_workers_have_one_name() -> None:
    assert worker_name("worker/1") != worker_name("worker/1")
    assert worker_name("worker/1").startswith(f"{socket.gethostname()}/{os.getpid()}/worker/1/")


def test_old_unfinished_files_go_at_the_start(desk: DeskDriver) -> None:
    old = desk.room.blobs.spool / "old"
    old.write_bytes(b"x")
    os.utime(old, (0, 0))

    recover(desk.room)

    assert not old.exists()


@pytest.fixture
def sqlite_desk(tmp_path: Path, sqlite_url: str) -> Iterator[DeskDriver]:
    driver = DeskDriver(tmp_path, sqlite_url)
    yield driver
    driver.close()


def test_no_address_of_staff_and_no_reference_of_ours_is_left_in_an_answer(sqlite_desk: DeskDriver) -> None:
    book = sqlite_desk.room.book
    token = book.signer.sign(TokenKind.NOTICE, 1001, "alice@acme.test", sqlite_desk.clock())
    text = (
        f"Ask ALICE@acme.test, <bob@acme.test>. Not malice@acme.test; see support+{token}@acme.test or {token.upper()}"
    )

    cleaned = cleaned_for_customer(text, book)

    assert " ALICE@acme.test" not in cleaned
    assert "bob@acme.test" not in cleaned
    assert token not in cleaned.lower()
    assert "malice@acme.test" in cleaned
    assert cleaned_for_customer("Hello Jane.\n", book) == "Hello Jane.\n"


def test_an_answer_that_shares_a_note_is_found_whatever_its_white_space_and_case() -> None:
    note = "The customer is known for not paying and for shouting at people."

    assert leaked_note("Hi!\n> THE  customer is\nknown for not paying and\tfor shouting at people.", (note,))
    assert leaked_note("The customer is known for paying.", (note,)) is None
    assert leaked_note("Thanks!", ("Thanks!",)) is None
    assert leaked_note(note, ()) is None


@pytest.mark.parametrize("piece", ["a", "alice@acme.tes", "kn" + "a" * 24, "a@", "+", " \n"])
def test_the_last_net_costs_no_more_than_the_text_is_long(sqlite_desk: DeskDriver, piece: str) -> None:
    text = piece * (200_000 // len(piece))
    before = time.process_time()

    cleaned_for_customer(text, sqlite_desk.room.book)
    leaked_note(text, (text, "The customer is known for not paying and for shouting."))

    assert time.process_time() - before < 3
