"""A ticket's life from the first mail to the closing, as the people in it see it."""

from tests.desk_driver import DeskDriver, written

JANE = "Jane Doe <jane@customer.test>"
ALICE = "Alice <alice@acme.test>"


def test_a_customers_mail_becomes_a_ticket_that_is_answered_resolved_and_closed(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE, subject="Printer on fire"))
    ack, notice = desk.relay.to("jane@customer.test")[0], desk.relay.to("alice@acme.test")[0]
    assert ack.event == "acknowledgement"
    assert "[TICK-1001]" in ack["Subject"]
    assert notice.event == "new_ticket"
    assert desk.ticket().status == "new"

    desk.relay.take()
    desk.answer(notice, "#waiting\n\nWhich printer is it?", author=ALICE)
    answer = desk.relay.to("jane@customer.test")[0]
    assert answer.event == "answer"
    assert "Which printer is it?" in answer.text
    assert "#waiting" not in answer.everything
    assert desk.ticket().status == "waiting"
    assert desk.ticket().assignee == "alice"

    desk.relay.take()
    desk.answer(answer, "The one in the hall.", author=JANE)
    assert desk.ticket().status == "open"
    told = desk.relay.to("alice@acme.test")[0]
    assert told.event == "customer_reply"
    assert "The one in the hall." in told.text
    assert not desk.relay.to("bob@acme.test")

    desk.relay.take()
    desk.answer(told, "#resolve", author=ALICE)
    assert [each.event for each in desk.relay.take()] == ["resolved"]
    assert desk.ticket().status == "resolved"

    desk.clock.advance(days=8)
    desk.tick()
    desk.tick()
    assert desk.ticket().status == "closed"
    assert [each.event for each in desk.relay.to("jane@customer.test")] == ["closed"]
    assert [each.actor for each in desk.history()][-1] == "system:clock"


def test_a_reply_after_resolving_reopens_the_ticket_and_stops_the_closing(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.do(1001, "#resolve", "alice")
    resolved = desk.relay.to("jane@customer.test")[-1]

    desk.answer(resolved, "It burns again.", author=JANE)
    desk.clock.advance(days=30)
    desk.tick()

    assert desk.ticket().status == "open"


def test_a_late_reply_to_a_closed_ticket_opens_a_linked_follow_up(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.do(1001, "#close", "alice")
    closed = desk.relay.to("jane@customer.test")[-1]

    desk.clock.advance(days=31)
    desk.answer(closed, "Once more.", author=JANE)

    assert desk.ticket(1001).status == "closed"
    assert desk.ticket(1002).links[0].kind == "follow-up of"
    assert desk.ticket(1001).links[0].number == 1002


def test_a_note_reaches_colleagues_and_an_answer_to_it_is_a_note_again(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.do(1001, "#assign bob", "alice")
    notice = desk.relay.to("alice@acme.test")[0]
    desk.relay.take()

    desk.answer(notice, "#note\n\nCANARY-NOTE she called twice today.", author=ALICE)
    note = desk.relay.to("bob@acme.test")[0]
    desk.answer(
        note, "CANARY-REPLY I know her, that is her third call today, be patient please.", author="bob@acme.test"
    )

    assert note.event == "note"
    assert not desk.relay.to("jane@customer.test")
    assert [row.visibility for row in desk.messages()] == ["public", "internal", "internal"]
    assert not any("CANARY" in each.everything for each in desk.relay.to("jane@customer.test"))


def test_the_same_mail_by_two_ways_is_one_message(desk: DeskDriver) -> None:
    mail = written(author=JANE, message_id="<once@customer.test>")

    desk.receive(mail)
    second = desk.receive(b"Received: from a by b; Mon, 2 Mar 2026 09:00:00 +0000\r\n" + mail)

    assert second.state == "ignored"
    assert len(desk.messages()) == 1
    assert desk.history()[-1].change.kind == "also_arrived"
    assert len(desk.relay.to("jane@customer.test")) == 1


def test_everything_a_ticket_is_can_be_told_from_its_history(desk: DeskDriver) -> None:
    from maild.tickets.fold import fold

    desk.receive(written(author=JANE, headers="Cc: carl@customer.test\n"))
    desk.do(1001, "#take\n#tag vpn printer\n#priority high -- the boss calls\n#waiting", "bob")
    desk.do(1001, "#open\n#untag vpn\n#add ida@customer.test\n#note\n\nWell.", "alice")

    assert fold(1001, None, desk.history()) == desk.ticket()
