"""Agents answer and command from their own mail client."""

import pytest

from tests.desk_driver import PROVEN, DeskDriver, Sent, written

JANE = "Jane Doe <jane@customer.test>"
ALICE = "Alice <alice@acme.test>"


def _opened(desk: DeskDriver) -> Sent:
    """A ticket of Jane's; gives Alice's notification, with everything else taken away."""
    desk.receive(written(author=JANE))
    notice = desk.relay.to("alice@acme.test")[0]
    desk.relay.take()
    return notice


def test_a_wrong_line_stops_everything_and_the_text_comes_back(desk: DeskDriver) -> None:
    notice = _opened(desk)

    desk.answer(notice, "#priority high\n#asign bob\n\nYour parcel left CANARY.", author=ALICE)

    back = desk.relay.take()
    assert [(each.rcpt_to, each.event) for each in back] == [("alice@acme.test", "commands_refused")]
    assert "#asign bob" in back[0].text
    assert "#assign" in back[0].text
    assert "Your parcel left CANARY." in back[0].text
    assert desk.ticket().priority == "normal"
    assert len(desk.messages()) == 1


def test_commands_alone_send_nothing_to_the_customer(desk: DeskDriver) -> None:
    notice = _opened(desk)

    desk.answer(notice, "#take\n#priority high -- the boss calls\n#tag vpn", author=ALICE)

    assert not desk.relay.to("jane@customer.test")
    ticket = desk.ticket()
    assert (ticket.assignee, ticket.priority, ticket.tags) == ("alice", "high", ("vpn",))
    assert [event.reason for event in desk.history() if event.change.kind == "priority"] == ["the boss calls"]


@pytest.mark.parametrize(
    "line",
    ["#Status Waiting", "# waiting", "#WAIT", "\u00a0#waiting", "\u200b#status\u00a0pending", "＃waiting"],
)
def test_commands_are_read_as_phones_and_html_mails_write_them(desk: DeskDriver, line: str) -> None:
    notice = _opened(desk)

    desk.answer(notice, line, author=ALICE)

    assert desk.ticket().status == "waiting"


def test_a_forbidden_step_names_the_allowed_ones(desk: DeskDriver) -> None:
    notice = _opened(desk)
    desk.do(1001, "#close", "bob")
    desk.relay.take()

    desk.answer(notice, "#waiting", author=ALICE)

    back = desk.relay.to("alice@acme.test")[0]
    assert "from closed there is no step to waiting" in back.text
    assert "allowed now: open" in back.text
    assert desk.ticket().status == "closed"


def test_a_role_without_the_verb_is_refused_and_the_ticket_remembers(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    notice = desk.relay.to("dora@acme.test")[0]
    desk.relay.take()

    desk.answer(notice, "Dear customer, I am only a developer.", author="dora@acme.test")
    desk.answer(notice, "#close", author="dora@acme.test")

    assert {each.event for each in desk.relay.sent} == {"commands_refused"}
    assert desk.ticket().status == "new"
    assert desk.history()[-1].change.kind == "refused"


def test_the_customer_reads_no_agents_address_even_when_the_agent_signs_with_it(desk: DeskDriver) -> None:
    notice = _opened(desk)

    desk.answer(notice, f"Done.\n\nAlice\nalice@acme.test, or bob@acme.test\nref {notice['Reply-To']}", author=ALICE)

    bytes_to_customer = desk.relay.to("jane@customer.test")[0].everything
    assert "alice@acme.test" not in bytes_to_customer
    assert "bob@acme.test" not in bytes_to_customer
    assert notice["Reply-To"].partition("+")[2].partition("@")[0] not in bytes_to_customer


def test_an_answer_that_repeats_a_note_is_held_until_the_agent_says_so(desk: DeskDriver) -> None:
    notice = _opened(desk)
    secret = "The customer is known for not paying and for shouting at people on the phone."
    desk.do(1001, f"#note\n\n{secret}", "bob")
    desk.relay.take()

    desk.answer(notice, f"Hello Jane. {secret}", author=ALICE)
    question = desk.relay.to("alice@acme.test")[0]
    assert question.event == "held"
    assert not desk.relay.to("jane@customer.test")

    desk.answer(question, "Yes, send it.", author=ALICE)
    assert "Hello Jane." in desk.relay.to("jane@customer.test")[0].text


def test_a_forward_of_a_notification_is_never_an_answer_to_the_customer(desk: DeskDriver) -> None:
    notice = _opened(desk)

    mail = written(
        author=ALICE,
        subject=f"Fwd: {notice['Subject']}",
        body="FYI\n",
        headers=f"To: {notice['Reply-To']}\nIn-Reply-To: {notice['Message-ID']}\n",
    )
    done = desk.receive(mail)

    assert done.state == "held"
    assert not desk.relay.to("jane@customer.test")


def test_an_agent_proven_by_our_mail_server_may_answer_by_the_subject(desk: DeskDriver) -> None:
    _opened(desk)

    desk.receive(written(author=ALICE, subject="Re: [TICK-1001] Printer", body="#take\n", headers=PROVEN), trusted=True)

    assert desk.ticket().assignee == "alice"


def test_an_agents_signed_address_does_not_work_for_a_colleague(desk: DeskDriver) -> None:
    notice = _opened(desk)

    done = desk.answer(notice, "#close", author="bob@acme.test")

    assert done.state == "held"
    assert [each.event for each in desk.relay.to("bob@acme.test")] == ["was_this_you"]
    assert desk.ticket().status == "new"


def test_an_agents_signed_address_expires(desk: DeskDriver) -> None:
    notice = _opened(desk)
    desk.clock.advance(days=91)

    done = desk.answer(notice, "#close", author=ALICE)

    assert done.state == "held"
    assert desk.ticket().status == "new"


def test_an_agents_out_of_office_is_never_an_answer(desk: DeskDriver) -> None:
    notice = _opened(desk)

    desk.answer(notice, "I am away until Monday.", author=ALICE, extra="Auto-Submitted: auto-replied\n")

    assert not desk.relay.sent
    assert desk.ticket().status == "new"
    assert desk.messages()[-1].visibility == "internal"


def test_files_of_an_answer_reach_the_customer(desk: DeskDriver) -> None:
    notice = _opened(desk)
    body = (
        "--b\nContent-Type: text/plain\n\nSee the file.\n--b\n"
        'Content-Type: text/csv; name="r.csv"\nContent-Disposition: attachment; filename="r.csv"\n\na,b\n--b--\n'
    )
    mail = written(author=ALICE, subject="Re: x", body=body, headers=f"To: {notice['Reply-To']}\n")

    desk.receive(mail.replace(b"Content-Type: text/plain; charset=utf-8", b"Content-Type: multipart/mixed; boundary=b"))

    sent = desk.relay.to("jane@customer.test")[0].mail
    assert [part.get_filename() for part in sent.walk() if part.get_filename()] == ["r.csv"]


def test_assigning_tells_the_new_assignee_and_not_the_one_who_did_it(desk: DeskDriver) -> None:
    notice = _opened(desk)

    desk.answer(notice, "#assign bob -- knows printers", author=ALICE)

    told = desk.relay.take()
    assert [(each.rcpt_to, each.event) for each in told] == [("bob@acme.test", "assignment")]
    assert "knows printers" in told[0].text
