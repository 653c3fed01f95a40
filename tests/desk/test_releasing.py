"""A mail that was set aside and is let through: by whom, and for what he vouches with that."""

from concurrent.futures import Future

from maild.desk import by_hand
from maild.desk.work import Worker
from maild.mail.model import InboundMail
from tests.desk_driver import DeskDriver, ReadHere, written

JANE = "Jane Doe <jane@customer.test>"
FORGED = {"author": "alice@acme.test", "subject": "[TICK-1001] x", "body": "#priority high\n"}
SPAM = "X-Spam-Flag: YES\n"


def _opened(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.relay.take()


def _release(desk: DeskDriver, number: int) -> list[str]:
    assert by_hand.release(desk.room, number)
    states = [done.state for done in desk.worker.drain()]
    desk.deliverer.drain()
    return states


def test_an_admin_who_lets_spam_through_has_not_said_that_its_sender_is_the_agent(desk: DeskDriver) -> None:
    _opened(desk)
    held = desk.receive(written(**FORGED, headers=SPAM))

    assert _release(desk, held.inbound) == ["held"]

    assert desk.ticket().priority == "normal"
    assert [each.event for each in desk.relay.take()] == ["was_this_you"]


def test_the_agent_himself_lets_his_own_mail_through_also_when_it_was_taken_for_spam(desk: DeskDriver) -> None:
    _opened(desk)
    held = desk.receive(written(**FORGED, headers=SPAM))
    _release(desk, held.inbound)

    desk.answer(desk.relay.to("alice@acme.test")[-1], "Yes, that was me.", author="Alice <alice@acme.test>")

    assert desk.ticket().priority == "high"


def test_a_customers_mail_that_was_taken_for_spam_opens_its_ticket(desk: DeskDriver) -> None:
    held = desk.receive(written(author=JANE, headers=SPAM))

    assert _release(desk, held.inbound) == ["filed"]

    assert desk.ticket().requester.address == "jane@customer.test"


def test_an_admin_who_was_told_that_an_agents_mail_is_unproven_may_let_it_through(desk: DeskDriver) -> None:
    _opened(desk)
    held = desk.receive(written(**FORGED))
    assert held.state == "held"

    assert _release(desk, held.inbound) == ["filed"]

    assert desk.ticket().priority == "high"


class Chokes(ReadHere):
    """A reader with a fault that the next version mends."""

    def submit(self, source: bytes) -> "Future[InboundMail]":
        failed: Future[InboundMail] = Future()
        failed.set_exception(ZeroDivisionError("division by zero"))
        return failed


def test_a_mail_that_failed_and_is_tried_again_is_not_proven_by_that(desk: DeskDriver) -> None:
    _opened(desk)
    whole, desk.worker = desk.worker, Worker(desk.room, Chokes(desk.room.book), "test/0/worker/2")
    failed = desk.receive(written(**FORGED))
    desk.worker.drain()
    desk.worker = whole
    desk.relay.take()

    assert _release(desk, failed.inbound) == ["held"]

    assert desk.ticket().priority == "normal"
    assert [each.event for each in desk.relay.to("alice@acme.test")] == ["was_this_you"]


def test_a_mail_lies_in_quarantine_once_and_is_let_through_once(desk: DeskDriver) -> None:
    held = desk.receive(written(author=JANE, headers=SPAM))
    _release(desk, held.inbound)

    assert not by_hand.release(desk.room, held.inbound)
    assert not by_hand.forget(desk.room, held.inbound)
    assert len(desk.tickets()) == 1
