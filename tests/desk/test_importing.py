"""Old mails are taken in quietly: threads stay threads, and nobody learns of it."""

from tests.desk_driver import DeskDriver, written

JANE = "Jane Doe <jane@customer.test>"
OLD = {"quiet": True}
FIRST = "<first@customer.test>"


def _old(author: str, message_id: str, year: int = 2019, headers: str = "") -> bytes:
    mail = written(author=author, message_id=message_id, headers=headers)
    return mail.replace(b"02 Mar 2026", f"02 Mar {year}".encode())


def test_an_old_thread_becomes_one_closed_ticket(desk: DeskDriver) -> None:
    desk.receive(_old(JANE, FIRST), **OLD)
    desk.receive(_old(JANE, "<second@customer.test>", 2020, f"In-Reply-To: {FIRST}\n"), **OLD)
    desk.receive(_old(JANE, "<third@customer.test>", 2026, f"In-Reply-To: {FIRST}\n"), **OLD)

    assert len(desk.tickets()) == 1
    assert len(desk.messages()) == 3
    assert desk.ticket().status == "closed"
    assert not desk.relay.sent


def test_an_old_mail_of_a_ticket_that_waits_changes_nothing_of_it(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE, message_id=FIRST))
    desk.do(1001, "#waiting", "alice")
    desk.relay.take()

    desk.receive(_old(JANE, "<second@customer.test>", headers=f"In-Reply-To: {FIRST}\n"), **OLD)

    assert desk.ticket().status == "waiting"
    assert len(desk.messages()) == 2
    assert not desk.relay.sent


def test_what_agents_wrote_in_an_old_thread_makes_them_no_customers(desk: DeskDriver) -> None:
    desk.receive(_old(JANE, FIRST), **OLD)

    desk.receive(_old("alice@acme.test", "<second@acme.test>", headers=f"In-Reply-To: {FIRST}\n"), **OLD)

    assert len(desk.messages()) == 2
    assert desk.ticket().participants == ()


def test_an_old_mail_says_when_it_was_written_and_a_new_ticket_comes_after_it(desk: DeskDriver) -> None:
    desk.receive(_old(JANE, FIRST), **OLD)
    desk.receive(written(author=JANE))

    assert desk.ticket(1001).created_at.year == 2019
    assert desk.ticket(1002).status == "new"
