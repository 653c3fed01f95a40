"""Robots change nothing and are never answered."""

import pytest

from maild.mail.envelope import Via
from tests.desk_driver import DeskDriver, written

JANE = "Jane Doe <jane@customer.test>"


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: Auto-Generated (by cron)\n",
        "Precedence: bulk\n",
        "List-Id: <all.customer.test>\n",
    ],
)
def test_no_machine_gets_an_acknowledgement(desk: DeskDriver, headers: str) -> None:
    desk.receive(written(author=JANE, headers=headers))

    assert not desk.relay.to("jane@customer.test")


@pytest.mark.parametrize("author", ["no-reply@shop.test", "MAILER-DAEMON@mx.test", "postmaster@mx.test"])
def test_addresses_that_nobody_reads_get_nothing(desk: DeskDriver, author: str) -> None:
    desk.receive(written(author=author))
    if desk.tickets():
        desk.do(1001, "#resolve", "alice")

    assert not desk.relay.to(author)


def test_the_null_sender_is_never_answered(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE), mail_from="")

    assert not desk.relay.to("jane@customer.test")


def test_a_vacation_note_does_not_wake_a_waiting_ticket(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.do(1001, "#waiting\n#reply Which one?", "alice")
    answer = desk.relay.to("jane@customer.test")[-1]
    desk.relay.take()

    desk.answer(answer, "I am on holiday.", author=JANE, extra="Auto-Submitted: auto-replied\n")

    assert desk.ticket().status == "waiting"
    assert not desk.relay.sent
    assert [row.kind for row in desk.messages()][-1] in ("auto_reply", "vacation")


def test_our_own_mail_that_comes_back_is_known_and_ignored(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))

    for each in desk.relay.take():
        done = desk.receive(each.content)
        assert done.state == "ignored"

    assert len(desk.tickets()) == 1
    assert not desk.relay.sent


def test_our_own_mail_is_known_even_when_a_relay_wrote_another_message_id(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))

    for each in desk.relay.take():
        rewritten = each.content.replace(each["Message-ID"].encode(), b"<0100018f@email.relay.test>")
        assert desk.receive(rewritten).state == "ignored"

    assert len(desk.tickets()) == 1


def test_a_reply_to_a_relays_own_message_id_finds_its_ticket(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.relay.reply = "250 Ok 0100018f2b3c4d5e-6f708192-a3b4"
    desk.do(1001, "#reply Which one?", "alice")

    name = "<0100018f2b3c4d5e-6f708192-a3b4@email.relay.test>"
    desk.receive(written(author=JANE, subject="Re: something", headers=f"In-Reply-To: {name}\n"))

    assert len(desk.tickets()) == 1


def test_a_hard_bounce_of_an_answer_is_told_to_whoever_owns_the_ticket(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.do(1001, "#take\n#reply Here it is.", "alice")
    answer = desk.relay.to("jane@customer.test")[-1]
    desk.relay.take()

    bounce = (
        "From: MAILER-DAEMON@mx.test\nTo: x\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nSorry.\n\n--b\n'
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        "Final-Recipient: rfc822; jane@customer.test\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    desk.receive(bounce.replace("\n", "\r\n").encode(), mail_from="", rcpt_to=(answer.mail_from,))

    told = desk.relay.to("alice@acme.test")
    assert [each.event for each in told] == ["undelivered"]
    assert "jane@customer.test" in told[0].text
    assert [row.state for row in desk.outbox() if row.event == "answer"] == ["bounced"]
    desk.relay.take()
    desk.do(1001, "#resolve", "alice")
    assert not desk.relay.to("jane@customer.test")


def test_one_address_gets_at_most_three_automatic_mails_an_hour(desk: DeskDriver) -> None:
    for number in range(12):
        desk.receive(written(author=JANE, subject=f"Alarm {number}", body=f"number {number}"))

    assert len(desk.relay.to("jane@customer.test")) == 3


def test_a_sender_who_opens_tickets_like_a_machine_is_held(desk: DeskDriver) -> None:
    states = [desk.keep(written(author=JANE, body=str(number))).state for number in range(103)]

    assert states.count("filed") == 100
    assert states.count("held") == 3


def test_old_mails_are_imported_closed_and_unanswered(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE), quiet=True, via=Via.IMAP)

    ticket = desk.ticket()
    assert ticket.status == "closed"
    assert ticket.created_at.isoformat() == "2026-03-02T09:00:00+00:00"
    assert not desk.relay.sent
