"""Nothing reaches the wrong person: strangers, forged senders, colleagues of a customer."""

from tests.desk_driver import DeskDriver, written

JANE = "Jane Doe <jane@customer.test>"


def test_a_stranger_who_names_a_ticket_gets_a_new_one(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))

    desk.receive(written(author="mallory@evil.test", subject="Re: [TICK-1001] Printer on fire", body="Hi"))

    assert desk.ticket(1002).requester.address == "mallory@evil.test"
    assert len(desk.messages(1001)) == 1
    assert "is no participant of it" in desk.history(1002)[0].reason
    assert "Printer" not in desk.relay.to("mallory@evil.test")[0].text


def test_a_colleague_with_the_signed_address_is_kept_unverified_and_gets_no_answers(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    ack = desk.relay.to("jane@customer.test")[0]

    desk.answer(ack, "I sit next to Jane.", author="Carl <carl@customer.test>")
    desk.do(1001, "#reply Thank you both.", "alice")

    assert desk.ticket().participants[0].standing == "unverified"
    assert not desk.relay.to("carl@customer.test")
    desk.do(1001, "#add carl@customer.test", "alice")
    desk.do(1001, "#reply And you, Carl.", "alice")
    assert "And you, Carl." in desk.relay.to("carl@customer.test")[0].text


def test_an_unverified_colleague_does_not_reopen_a_ticket(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    ack = desk.relay.to("jane@customer.test")[0]
    desk.do(1001, "#resolve", "alice")

    desk.answer(ack, "Not solved!", author="carl@customer.test")

    assert desk.ticket().status == "resolved"


def test_a_forged_requester_cannot_copy_himself_into_the_ticket(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))

    desk.receive(written(author=JANE, subject="Re: [TICK-1001] x", headers="Cc: evil@evil.test\n"))
    desk.do(1001, "#reply The code is 4711.", "alice")

    assert desk.ticket().participants == ()
    assert not desk.relay.to("evil@evil.test")


def test_a_forged_agent_does_nothing_but_ask_the_real_one(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.relay.take()

    for number in range(5):
        desk.receive(written(author="alice@acme.test", subject="[TICK-1001] x", body="#close\n", salt=str(number)))

    asked = desk.relay.take()
    assert {(each.rcpt_to, each.event) for each in asked} == {("alice@acme.test", "was_this_you")}
    assert len(asked) == 3
    assert desk.ticket().status == "new"


def test_answering_the_question_releases_the_held_mail(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.receive(written(author="alice@acme.test", subject="[TICK-1001] x", body="#priority high\n"))
    question = desk.relay.to("alice@acme.test")[-1]

    desk.answer(question, "Yes, that was me.", author="Alice <alice@acme.test>")

    assert desk.ticket().priority == "high"


def test_nobody_else_can_answer_the_question(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.receive(written(author="alice@acme.test", subject="[TICK-1001] x", body="#priority high\n"))
    question = desk.relay.to("alice@acme.test")[-1]

    desk.answer(question, "Yes.", author="bob@acme.test")
    desk.answer(question, "Yes.", author="mallory@evil.test")

    assert desk.ticket().priority == "normal"


def test_forged_authentication_results_are_not_believed(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    proof = "Authentication-Results: mx.acme.test; dmarc=pass header.from=acme.test\n"
    other = "Authentication-Results: mx.evil.test; dmarc=pass header.from=acme.test\n"
    below = "Received: from x by evil.test; Mon, 2 Mar 2026 09:00:00 +0000\n" + proof

    from_afar = desk.receive(written(author="alice@acme.test", subject="[TICK-1001]", body="#close\n", headers=proof))
    by_others = desk.receive(
        written(author="alice@acme.test", subject="[TICK-1001]", body="#close\n", headers=other), trusted=True
    )
    under = desk.receive(
        below.replace("\n", "\r\n").encode()
        + written(author="alice@acme.test", subject="[TICK-1001]", body="#close\n"),
        trusted=True,
    )

    assert {from_afar.state, by_others.state, under.state} == {"held"}
    assert desk.ticket().status == "new"


def test_two_from_fields_make_nobody(desk: DeskDriver) -> None:
    mail = written(author="alice@acme.test", body="#close\n", headers="From: mallory@evil.test\n")

    desk.receive(mail, trusted=True)

    assert desk.ticket().status == "new"
    assert not desk.relay.to("mallory@evil.test")


def test_a_dotless_i_is_no_agent(desk: DeskDriver) -> None:
    desk.receive(written(author="alıce@acme.test", body="#close\n"))
    desk.receive(written(author="alice@ac\u212ame.test", body="#close\n"))

    assert [ticket.status for ticket in desk.tickets()] == ["new", "new"]


def test_a_random_signature_is_a_strangers_new_ticket_and_never_a_lost_mail(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    ack = desk.relay.to("jane@customer.test")[0]
    address = ack["Reply-To"].partition("<")[2].strip(">") or ack["Reply-To"]
    broken = address[:20] + ("a" if address[20] != "a" else "b") + address[21:]

    desk.receive(written(author="mallory@evil.test", to=broken), rcpt_to=(broken,))

    assert desk.ticket(1002).requester.address == "mallory@evil.test"


def test_every_customers_mail_reaches_only_its_own_side(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE, headers="Cc: Carl <carl@customer.test>, support@acme.test, bob@acme.test\n"))
    desk.relay.take()

    desk.do(1001, "#reply Hello both.", "alice")

    answer = desk.relay.to("jane@customer.test")[0]
    assert answer["To"] == "Jane Doe <jane@customer.test>"
    assert answer["Cc"] == "Carl <carl@customer.test>"
    assert answer.content == desk.relay.to("carl@customer.test")[0].content
    assert "bob@acme.test" not in answer.everything
