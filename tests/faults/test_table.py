"""The fault table in its short form, and the checker itself: it must see what is wrong."""

import socket
from collections import Counter
from dataclasses import replace

import pytest

from tests.desk_driver import Sent
from tests.faults.checker import Seen, check
from tests.faults.fault import Fault, try_out
from tests.faults.registry import FAULTS
from tests.faults.relay import Relay
from tests.faults.source import Letter
from tests.servers.needed import require

SEED = 20261121
# One of each kind; `python -m tests.faults --short` runs them all.
IN_SHORT = ("F01", "F05", "F10", "F15", "F19", "F28", "F32")


def test_every_row_of_the_table_has_a_script_tests_or_a_reason() -> None:
    assert [fault.name for fault in FAULTS] == [f"F{number:02}" for number in range(1, 45)]
    assert all(fault.script or fault.tests or fault.reason for fault in FAULTS)


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", [each for each in FAULTS if each.name in IN_SHORT], ids=lambda each: each.name)
def test_after_a_fault_everything_acknowledged_is_there_once(fault: Fault) -> None:
    # given
    require(fault.needs())
    # when
    outcome = try_out(fault, SEED, short=True)
    # then
    assert not outcome.wrong, "\n".join([*outcome.wrong, *outcome.figures])


def letter(token: str) -> Letter:
    return Letter(token, "a@customer.test", b"x", None, answers=[250])


def row(number: int, state: str = "sent") -> dict[str, object]:
    return {
        "id": number,
        "state": state,
        "message_id": f"<{number}@desk>",
        "to": "a@b.test",
        "ticket": "T",
        "event": "e",
    }


def copy_of(number: int) -> Sent:
    return Sent("", "a@b.test", f"Message-ID: <{number}@desk>\r\n\r\n".encode())


def test_the_checker_sees_a_lost_mail() -> None:
    assert check([letter("t1a")], Seen(), []).lost


def ticket_with(*tokens: str) -> dict[str, object]:
    """As `maild ticket show --json` tells it, of mails like those of `letter`."""
    messages = [
        {
            "id": number,
            "message_id": f"<{token}@customer.test>",
            "text": token,
            "attachments": [],
            "raw_sha256": letter(token).sha256,
        }
        for number, token in enumerate(tokens)
    ]
    events = [
        {"kind": "message", "new": {"message": each["id"]}, "actor": "customer:a", "cause": "inbound:1"}
        for each in messages
    ]
    return {"number": "T", "messages": messages, "events": events}


def test_the_checker_sees_a_mail_that_is_there_twice() -> None:
    aside = {1: {"sha256": letter("t1a").sha256}}

    assert not check([letter("t1a")], Seen(tickets={"T": ticket_with("t1a")}), []).doubled
    assert check([letter("t1a")], Seen(tickets={"T": ticket_with("t1a", "t1a")}), []).doubled
    assert check([letter("t1a")], Seen(tickets={"T": ticket_with("t1a")}, quarantine=aside), []).doubled


def test_a_copy_in_quarantine_of_a_mail_that_was_sent_again_is_not_one_too_many() -> None:
    again = replace(letter("t1a"), answers=[None, 250])
    aside = {1: {"sha256": again.sha256}}

    assert not check([again], Seen(tickets={"T": ticket_with("t1a")}, quarantine=aside), []).doubled
    assert check([again], Seen(tickets={"T": ticket_with("t1a", "t1a")}, quarantine=aside), []).doubled


def test_the_checker_sees_copies_that_are_not_the_same_bytes() -> None:
    altered = Sent("", "a@b.test", b"Message-ID: <1@desk>\r\n\r\nother words")
    doubts = Counter({("<1@desk>", "a@b.test"): 1})

    assert check([], Seen(outbox={1: row(1)}), [copy_of(1), altered], doubts).doubled


def test_the_checker_sees_a_mail_that_says_sent_and_one_that_no_row_knows() -> None:
    verdict = check([], Seen(outbox={1: row(1)}), [copy_of(2)])

    assert verdict.unsent
    assert verdict.ghosts


def test_a_mail_that_came_after_the_rows_were_asked_for_needs_none_yet() -> None:
    sent = [copy_of(1), copy_of(2)]

    assert not check([], Seen(outbox={1: row(1)}), sent, late=1).wrong
    assert check([], Seen(outbox={1: row(1)}), [*sent, copy_of(3)], late=1).ghosts


@pytest.mark.parametrize(("in_doubt", "unexplained"), [(0, 1), (1, 0)])
def test_a_copy_is_explained_by_a_withheld_answer_alone(in_doubt: int, unexplained: int) -> None:
    doubts = Counter({("<1@desk>", "a@b.test"): in_doubt})

    verdict = check([], Seen(outbox={1: row(1)}), [copy_of(1), copy_of(1)], doubts)

    assert len(verdict.unexplained) == unexplained


def test_an_answer_that_a_killed_sender_did_not_read_is_a_doubt() -> None:
    with Relay() as relay, socket.create_connection(("127.0.0.1", relay.port)) as sender:
        sender.sendall(b"MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\nMessage-ID: <1@desk>\r\n\r\nhi\r\n.\r\n")
        while not sender.recv(4096, socket.MSG_PEEK).endswith(b"250 2.0.0 taken\r\n"):
            pass
        sender.close()

    assert relay.in_doubt == {("<1@desk>", "a@b.test"): 1}
