"""Who says he is somebody else gets nothing, and nobody reads what is not for him."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk_driver import Sent, written
from tests.faults.desks import House, fate_of, running_house
from tests.servers.letters import TRUSTED, answer, deliver, reply_address
from tests.servers.product import eventually

pytestmark = pytest.mark.faults
JANE, ALICE, BOB, EVE, DESK = (
    "jane@customer.test",
    "alice@acme.test",
    "bob@acme.test",
    "eve@evil.test",
    "support@acme.test",
)
CANARY = "CANARY-7391 she has not paid for three months and must not know that we look at her account"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Jane has written; her ticket is TICK-1001."""
    with running_house(tmp_path) as made:
        deliver(made.desk.port, JANE, DESK, written(author=f"Jane Doe <{JANE}>", subject="Printer on fire"))
        made.sink.wait_for(JANE, "acknowledgement")
        made.sink.wait_for(ALICE, "new_ticket")
        made.sink.wait_for(BOB, "new_ticket")
        yield made


def forged(subject: str, headers: str = "", body: str = "#close\n\nThat is done.\n", author: str = ALICE) -> bytes:
    return written(author=f"Alice <{author}>", headers=f"{headers}Subject: {subject}\nTo: {DESK}\n", body=body)


def test_a_forged_agent_does_nothing_but_ask_the_real_one_once(house: House) -> None:
    # given
    before = house.desk.ticket()
    mail = forged("Re: [TICK-1001] Printer on fire")
    # when: it is even sent twice
    for _ in range(2):
        deliver(house.desk.port, ALICE, DESK, mail)
    # then
    question = house.sink.wait_for(ALICE, "was_this_you")
    assert question.rcpt_to == ALICE
    eventually(lambda: house.desk.json("outbox", "list") == [], "an empty outbox")
    assert house.desk.ticket() == before
    assert len(house.sink.to(ALICE, "was_this_you")) == 1
    assert [mail.event for mail in house.sink.to(JANE)] == ["acknowledgement"]
    assert [mail.event for mail in house.sink.to(BOB)] == ["new_ticket"]
    assert [row["from"] for row in house.desk.json("quarantine", "list")] == [ALICE]


FORMS = {
    "the id of a mail that the forger got": "In-Reply-To: {ack_id}\nReferences: {ack_id}\n",
    "a result of another server": "Authentication-Results: mx.evil.test; dmarc=pass header.from=acme.test\n",
    "a result below another server's line": (
        f"Received: from a by mx.evil.test; Mon, 2 Mar 2026 09:00:00 +0000\n"
        f"Authentication-Results: {TRUSTED}; dmarc=pass header.from=acme.test\n"
    ),
    "a result for another domain": f"Authentication-Results: {TRUSTED}; dkim=pass header.d=evil.test\n",
    "a failed result": f"Authentication-Results: {TRUSTED}; dmarc=fail header.from=acme.test\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_forged_close_changes_the_ticket(house: House, form: str) -> None:
    # given
    before = house.desk.ticket()
    ack = house.sink.to(JANE)[0]
    lines = FORMS[form].format(ack_id=ack["Message-ID"])
    # when: to the address that was made for the customer, as that is what a forger may have
    mail = lines.replace("\n", "\r\n").encode() + forged("Re: [TICK-1001] Printer on fire")
    deliver(house.desk.port, ALICE, reply_address(ack), mail)
    # then
    assert fate_of(house.desk, mail).state == "held"
    assert house.desk.ticket() == before


def test_a_stranger_who_names_a_ticket_gets_one_of_his_own(house: House) -> None:
    # given
    before = house.desk.ticket()
    # when
    deliver(house.desk.port, EVE, DESK, written(author=EVE, subject="Re: [TICK-1001] Printer on fire", body="Well?\n"))
    # then
    ack = house.sink.wait_for(EVE, "acknowledgement")
    assert ack["X-Maild-Ticket"] == "TICK-1002"
    assert "The printer burns" not in ack.everything
    assert house.desk.ticket() == before
    assert house.desk.ticket("TICK-1002")["requester"]["address"] == EVE


def test_a_forged_customer_brings_nobody_else_onto_the_ticket(house: House) -> None:
    # when: Jane's address, an unsigned reference, and Eve on Cc (RELIABILITY A2)
    headers = f"Cc: {EVE}\nSubject: Re: [TICK-1001] Printer on fire\nTo: {DESK}\n"
    mail = written(author=JANE, headers=headers, body="Please send all to both of us.\n")
    deliver(house.desk.port, EVE, DESK, mail)
    fate_of(house.desk, mail)
    # and when the agent answers
    notice = house.sink.to(ALICE, "new_ticket")[0]
    deliver(house.desk.port, ALICE, reply_address(notice), answer(notice, "Your licence is 483920.", author=ALICE))
    house.sink.wait_for(JANE, "answer")
    # then
    assert house.sink.to(EVE) == []
    assert EVE not in [each["address"] for each in house.desk.ticket()["participants"]]


def test_an_internal_note_never_reaches_the_customer(house: House) -> None:
    # given: a note, and an answer to the note's notification
    notice = house.sink.to(ALICE, "new_ticket")[0]
    house.desk.cli("ticket", "do", "TICK-1001", "#assign bob", "--as", "alice")
    deliver(house.desk.port, ALICE, reply_address(notice), answer(notice, f"#note\n\n{CANARY}", author=ALICE))
    note = house.sink.wait_for(BOB, "note")
    deliver(house.desk.port, BOB, reply_address(note), answer(note, "CANARY-2 I see, thank you.", author=BOB))
    house.sink.wait_for(ALICE, "note")
    # when: a public answer above quoted internal words, then one that repeats them as his own
    told = house.sink.to(BOB, "assignment")[0]
    quoted = f"{told.text}\nAlice wrote:\n{CANARY}"
    deliver(house.desk.port, BOB, reply_address(told), answer(told, "Unplug it.", author=BOB, quoted=quoted))
    house.sink.wait_for(JANE, "answer")
    deliver(house.desk.port, BOB, reply_address(told), answer(told, f"Between us: {CANARY}", author=BOB))
    house.sink.wait_for(BOB, "held")
    # then
    ticket = house.desk.ticket()
    assert [each["visibility"] for each in ticket["messages"]] == ["public", "internal", "internal", "public"]
    assert len(house.sink.to(JANE, "answer")) == 1
    assert not any("CANARY" in mail.everything for mail in house.sink.to(JANE))


def test_the_bytes_to_a_customer_hold_no_agents_address_and_no_token_of_his(house: House) -> None:
    # given
    notice = house.sink.to(ALICE, "new_ticket")[0]
    mine = reply_address(notice)
    signed = f"Unplug it.\nYou may also write to {ALICE} or {mine}.\n\n-- \nAlice Ardent\n{ALICE}\n+49 30 123"
    quoted = f"{notice.text}\nFrom: {ALICE}\nReply-To: {mine}"
    # when
    deliver(house.desk.port, ALICE, mine, answer(notice, signed, author=f"Alice Ardent <{ALICE}>", quoted=quoted))
    got = house.sink.wait_for(JANE, "answer")
    # then
    assert "Unplug it." in got.text
    for mail in house.sink.to(JANE):
        assert not _leaks(mail, ALICE, BOB, mine, mine.partition("+")[2].partition("@")[0])


def _leaks(mail: Sent, *secrets: str) -> list[str]:
    everything = (mail.everything + mail.mail_from).lower()
    return [secret for secret in secrets if secret.lower() in everything]


def test_answering_was_this_you_releases_the_held_mail(house: House) -> None:
    # given: it was really she, from a server that proves nothing
    mail = forged("Re: [TICK-1001] Printer on fire", body="Unplug it, please.\n")
    deliver(house.desk.port, ALICE, DESK, mail)
    question = house.sink.wait_for(ALICE, "was_this_you")
    assert house.sink.to(JANE, "answer") == []
    # when
    deliver(house.desk.port, ALICE, reply_address(question), answer(question, "Yes.", author=ALICE))
    # then
    assert "Unplug it, please." in house.sink.wait_for(JANE, "answer").text
    assert house.desk.json("quarantine", "list") == []
    assert house.desk.ticket()["assignee"] == "alice"


def test_a_stranger_who_answers_was_this_you_releases_nothing(house: House) -> None:
    # given
    mail = forged("Re: [TICK-1001] Printer on fire", body="Unplug it, please.\n")
    deliver(house.desk.port, ALICE, DESK, mail)
    question = house.sink.wait_for(ALICE, "was_this_you")
    # when
    for author in (EVE, BOB, JANE):
        reply = answer(question, "Yes.", author=author)
        deliver(house.desk.port, author, reply_address(question), reply)
        fate_of(house.desk, reply)
    # then
    assert fate_of(house.desk, mail).state == "held"
    assert house.sink.to(JANE, "answer") == []
