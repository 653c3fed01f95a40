"""Agents hand customers' mails over, or let the desk read along (SPEC UN-5)."""

import pytest

from tests.desk_driver import PROVEN, DeskDriver, written

ALICE = "Alice <alice@acme.test>"
GMAIL = """Can somebody take this?

---------- Forwarded message ---------
From: Jane Doe <jane@customer.test>
Date: Mon, 2 Mar 2026 at 09:00
Subject: Printer on fire
To: Alice <alice@acme.test>

The printer burns.
"""
GERMAN_OUTLOOK = """Bitte übernehmen.

Von: Jane Doe <jane@customer.test>
Gesendet: Montag, 2. März 2026 09:00
An: Alice <alice@acme.test>
Betreff: Printer on fire

The printer burns.
"""


@pytest.mark.parametrize(
    ("subject", "body"), [("Fwd: Printer on fire", GMAIL), ("WG: Printer on fire", GERMAN_OUTLOOK)]
)
def test_a_forwarded_mail_is_the_ticket_of_its_first_sender(desk: DeskDriver, subject: str, body: str) -> None:
    desk.receive(written(author=ALICE, subject=subject, body=body, headers=PROVEN), trusted=True)

    ticket = desk.ticket()
    assert (ticket.requester.address, ticket.requester.name) == ("jane@customer.test", "Jane Doe")
    assert ticket.subject == "Printer on fire"
    assert [(row.visibility, row.new_text.strip()) for row in desk.messages()] == [
        ("public", "The printer burns."),
        ("internal", body.splitlines()[0]),
    ]
    assert not any(body.splitlines()[0] in each.everything for each in desk.relay.to("jane@customer.test"))
    assert not desk.relay.to("alice@acme.test")


def test_the_answer_to_a_forwarded_mail_goes_to_the_customer_and_his_reply_comes_back(desk: DeskDriver) -> None:
    desk.receive(written(author=ALICE, subject="Fwd: Printer on fire", body=GMAIL, headers=PROVEN), trusted=True)

    desk.do(1001, "#reply Pull the plug.", "bob")
    answer = desk.relay.to("jane@customer.test")[-1]
    desk.answer(answer, "Done.", author="jane@customer.test")

    assert len(desk.tickets()) == 1
    assert desk.messages()[-1].new_text == "Done."


def test_a_stranger_cannot_hand_over_in_an_agents_name(desk: DeskDriver) -> None:
    done = desk.receive(written(author=ALICE, subject="Fwd: Printer on fire", body=GMAIL))

    assert done.state == "held"
    assert not desk.tickets()


def test_a_customers_forward_is_his_own_ticket(desk: DeskDriver) -> None:
    desk.receive(written(author="carl@customer.test", subject="Fwd: Printer on fire", body=GMAIL))

    assert desk.ticket().requester.address == "carl@customer.test"
    assert "The printer burns." in desk.messages()[0].new_text


def test_an_agent_who_writes_with_the_desk_on_cc_opens_the_customers_ticket(desk: DeskDriver) -> None:
    headers = f"{PROVEN}To: Jane <jane@customer.test>\nCc: support@acme.test\n"
    desk.receive(
        written(author=ALICE, subject="Your contract", body="It ends in May.\n", headers=headers), trusted=True
    )

    ticket = desk.ticket()
    assert (ticket.requester.address, ticket.assignee, ticket.status) == ("jane@customer.test", "alice", "waiting")
    assert not desk.relay.to("jane@customer.test")

    reply = "In-Reply-To: " + desk.messages()[0].message_id + "\n"
    desk.receive(written(author="jane@customer.test", subject="Re: Your contract", body="Thanks.\n", headers=reply))
    assert desk.ticket().messages == 2
    assert desk.ticket().status == "open"
