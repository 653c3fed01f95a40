"""maild behind and in front of a real Postfix: LMTP and pipe in, SMTP out, and what happens while one is away."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desk_driver import written
from tests.servers import postfix as postfix_here
from tests.servers.folders import folder_for
from tests.servers.interpreters import python_for_everybody, python_path
from tests.servers.letters import answer, deliver, proof, reply_address
from tests.servers.needed import require
from tests.servers.postfix import Postfix, running_postfix
from tests.servers.product import Desk, eventually, free_port
from tests.servers.sink import Sink

pytestmark = pytest.mark.servers
JANE, ALICE, DESK, GHOST = "jane@customer.test", "alice@acme.test", "support@acme.test", "ghost@acme.test"
NOBODY = 65534


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where users of all kinds can reach it, as a private folder of the test runner's is not."""
    path = folder_for("desk")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def house(folder: Path, sink: Sink, *, smtp: str, hop: str) -> Iterator[tuple[Desk, Postfix]]:
    """A desk and its Postfix, each the other's neighbour; Postfix knows the desk's addresses and nothing of its own."""
    require(postfix_here.missing())
    port = free_port()
    desk = Desk(folder, delivery=f"smtp://127.0.0.1:{port}", smtp=smtp)
    with running_postfix(relayhost=sink.port, transports={DESK: hop, GHOST: hop}, port=port) as postfix:
        yield desk, postfix


@contextmanager
def lmtp_house(folder: Path, sink: Sink) -> Iterator[tuple[Desk, Postfix]]:
    port = free_port()
    with house(folder, sink, smtp=f'lmtp = "127.0.0.1:{port}"', hop=f"lmtp:inet:127.0.0.1:{port}") as made:
        yield made


@contextmanager
def unix_house(folder: Path, sink: Sink) -> Iterator[tuple[Desk, Postfix]]:
    """The socket's folder hands its group down, so that Postfix may open what maild makes."""
    place = folder / "lmtp"
    place.mkdir()
    require(postfix_here.missing())
    shutil.chown(place, group="postfix")
    place.chmod(0o2755)
    smtp = f'lmtp = "unix:{place}/sock"\ntrust_unix_socket = true'
    with house(folder, sink, smtp=smtp, hop=f"lmtp:unix:{place}/sock") as made:
        yield made


def test_a_conversation_through_postfix_both_ways(folder: Path, sink: Sink) -> None:
    with lmtp_house(folder, sink) as (desk, postfix), desk.running():
        # given: a customer writes to the world's mail server
        deliver(postfix.port, JANE, DESK, written(subject="Printer on fire"))
        ack, notice = sink.wait_for(JANE, "acknowledgement"), sink.wait_for(ALICE, "new_ticket")
        assert ack.mail_from == ""
        assert "by mx.acme.test (Postfix)" in ack["Received"]

        # when: the agent answers to the desk's plain address, proven by the server in front of the desk alone
        words = proof().encode() + answer(notice, "Unplug it.", author=ALICE).replace(
            reply_address(notice).encode(), DESK.encode()
        )
        deliver(postfix.port, ALICE, DESK, words)
        answered = sink.wait_for(JANE, "answer")
        # then
        assert "Unplug it." in answered.text
        assert answered.mail_from.startswith("support+")
        assert ALICE not in answered.everything

        # when: the customer answers the signed address, which Postfix routes by the part before the plus
        deliver(postfix.port, JANE, reply_address(answered), answer(answered, "Thank you!", author=JANE))
        sink.wait_for(ALICE, "customer_reply")
        # then
        ticket = desk.ticket()
        assert [each["direction"] for each in ticket["messages"]] == ["in", "out", "in"]
        assert {each["via"] for each in ticket["messages"]} == {"lmtp"}
        eventually(lambda: not postfix.queue(), "an empty queue")


def test_an_agent_is_believed_through_the_unix_socket_as_the_example_says(folder: Path, sink: Sink) -> None:
    with unix_house(folder, sink) as (desk, postfix), desk.running():
        deliver(postfix.port, JANE, DESK, written())
        notice = sink.wait_for(ALICE, "new_ticket")
        words = answer(notice, "Unplug it.", author=ALICE).replace(reply_address(notice).encode(), DESK.encode())
        # when
        deliver(postfix.port, ALICE, DESK, proof().encode() + words)
        # then
        assert "Unplug it." in sink.wait_for(JANE, "answer").text


def test_a_forged_result_that_came_from_outside_proves_nothing(folder: Path, sink: Sink) -> None:
    with lmtp_house(folder, sink) as (desk, postfix), desk.running():
        deliver(postfix.port, JANE, DESK, written())
        notice = sink.wait_for(ALICE, "new_ticket")
        words = answer(notice, "#close", author=ALICE).replace(reply_address(notice).encode(), DESK.encode())
        # when: the field stands below the Received line of a server that is not the one it names
        hop = b"Received: from evil.test by evil.test; Mon, 2 Mar 2026 09:00:00 +0000\r\n"
        deliver(postfix.port, ALICE, DESK, hop + proof().encode() + words)
        # then
        sink.wait_for(ALICE, "was_this_you")
        assert desk.ticket()["status"] == "new"


def test_of_two_recipients_the_unknown_one_alone_bounces_to_the_sender(folder: Path, sink: Sink) -> None:
    with unix_house(folder, sink) as (desk, postfix), desk.running():
        # when
        deliver(postfix.port, JANE, [DESK, GHOST], written(subject="Printer on fire"))
        # then
        bounce = sink.wait(lambda: [mail for mail in sink.to(JANE) if not mail.event], 20)[0]
        assert bounce.mail_from == ""
        assert "550" in bounce.everything
        assert "5.1.1" in bounce.everything
        assert GHOST in bounce.everything
        assert f"<{DESK}>" not in bounce.text
        sink.wait_for(JANE, "acknowledgement")
        assert len(desk.tickets()) == 1


def test_an_answer_that_cannot_be_delivered_comes_back_as_a_bounce_and_its_agent_is_told(
    folder: Path, sink: Sink
) -> None:
    with lmtp_house(folder, sink) as (desk, postfix), desk.running():
        deliver(postfix.port, JANE, DESK, written())
        notice = sink.wait_for(ALICE, "new_ticket")
        sink.wait_for(JANE, "acknowledgement")
        # given
        sink.refusals[JANE] = "550 5.1.1 no such user"
        # when
        deliver(postfix.port, ALICE, reply_address(notice), answer(notice, "Unplug it.", author=ALICE))
        # then
        told = sink.wait_for(ALICE, "undelivered")
        assert JANE in told.text
        failed = [each for each in desk.ticket()["events"] if each["kind"] == "delivery_failed"]
        assert [each["new"]["address"] for each in failed] == [JANE]
        rows = {row["event"]: row["state"] for row in desk.json("outbox", "list", "--all") if row["to"] == JANE}
        assert rows["answer"] == "bounced"
        assert desk.ticket()["messages"][-1]["kind"] == "bounce"


def test_while_the_relay_is_away_mail_waits_and_leaves_when_it_is_back(folder: Path, sink: Sink) -> None:
    with lmtp_house(folder, sink) as (desk, postfix), desk.running():
        # given
        postfix.stop()
        # when
        deliver(desk.port, JANE, DESK, written())

        def waiting() -> bool:
            rows = desk.json("outbox", "list")
            return bool(rows) and all(row["state"] == "pending" and row["last_reply"] for row in rows)

        eventually(waiting, "mails that wait for the relay")
        # then: no attempt of a mail is spent on a relay that is not there
        assert {row["attempts"] for row in desk.json("outbox", "list")} == {0}
        assert sink.mails == []
        # when
        postfix.start()
        # then
        sink.wait_for(JANE, "acknowledgement", seconds=60)
        sink.wait_for(ALICE, "new_ticket")
        eventually(lambda: desk.cli("outbox", "list", "--count").strip() == "0", "an empty outbox")
        assert len(sink.to(JANE)) == 1


def test_while_maild_is_away_postfix_keeps_the_mail(folder: Path, sink: Sink) -> None:
    with lmtp_house(folder, sink) as (desk, postfix):
        # given, when
        deliver(postfix.port, JANE, DESK, written())
        eventually(lambda: [each for each in postfix.queue() if each["queue_name"] == "deferred"], "a deferred mail")
        # then
        with desk.running():
            sink.wait_for(JANE, "acknowledgement")
            eventually(lambda: not postfix.queue(), "an empty queue")
            assert len(desk.tickets()) == 1


def test_by_the_pipe_a_mail_stays_with_postfix_while_the_store_is_gone(folder: Path, sink: Sink) -> None:
    require(postfix_here.missing())
    python = python_for_everybody()
    require(None if python else "needs a Python of this version that the user nobody may run, for Postfix's pipe")
    assert python is not None
    place = folder / "desk"
    place.mkdir()
    desk = Desk(place, delivery=sink.url, owner=NOBODY, python=python)
    path = f"/usr/bin/env PYTHONPATH={python_path(python[0])}"
    words = f"ingest -c {desk.config} --recipient=${{recipient}} --sender=${{sender}}"
    pipe = f"{path} {' '.join(desk.command)} {words}"
    with running_postfix(relayhost=sink.port, transports={DESK: "maild:"}, pipe=pipe) as postfix, desk.running():
        # given: all is well
        deliver(postfix.port, JANE, DESK, written(subject="first"))
        sink.wait_for(JANE, "acknowledgement")
        eventually(lambda: not postfix.queue(), "an empty queue")
        # given: the store can't be opened any more
        (place / "maild.db").chmod(0)
        # when
        deliver(postfix.port, JANE, DESK, written(subject="second"))
        kept = eventually(lambda: [each for each in postfix.queue() if each["queue_name"] == "deferred"], "a kept mail")
        # then
        assert "temporary failure" in str(kept[0]["recipients"])
        assert not [mail for mail in sink.to(JANE) if not mail.event]
        # when
        (place / "maild.db").chmod(0o600)
        # then
        sink.wait_for(JANE, "acknowledgement", count=2)
        eventually(lambda: not postfix.queue(), "an empty queue")
    assert sorted(each["subject"] for each in desk.tickets()) == ["first", "second"]
