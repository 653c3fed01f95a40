"""What becomes of a mail that the relay does not simply take."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from maild.errors import AmbiguousError, PermanentError, RelayError, StorageBroken, TransientError
from maild.mail.tokens import TokenKind
from maild.store import Store, Tx
from maild.store.blobs import Blobs
from tests.desk_driver import DeskDriver, Sent, written

JANE = "Jane Doe <jane@customer.test>"
WEEK = 7 * 24 * 60


def _answered(desk: DeskDriver, *refusals: Exception) -> None:
    """A ticket of Jane's, acknowledged; then Alice's answer meets what the relay says."""
    desk.receive(written(author=JANE))
    desk.relay.take()
    desk.relay.refuse("jane@customer.test", *refusals)  # type: ignore[arg-type]
    desk.do(1001, "Have you tried water?", "alice")


def _answer(desk: DeskDriver) -> object:
    return next(row for row in desk.outbox() if row.event == "answer")


def _minutes_until_tried(desk: DeskDriver) -> float:
    return float((_answer(desk).next_at - desk.clock()) / timedelta(minutes=1))  # type: ignore[attr-defined]


def _answers(desk: DeskDriver) -> list[Sent]:
    return [each for each in desk.relay.to("jane@customer.test") if each.event == "answer"]


def test_a_mail_that_is_refused_for_now_is_tried_again_after_growing_waits(desk: DeskDriver) -> None:
    _answered(desk, *(TransientError("451 later") for _ in range(4)))

    waits = []
    for _ in range(4):
        waits.append(_minutes_until_tried(desk))
        desk.clock.advance(minutes=waits[-1])
        desk.deliverer.drain()

    assert waits == [pytest.approx(wait, rel=0.11) for wait in (1, 5, 15, 30)]
    assert len(_answers(desk)) == 1
    assert _answer(desk).state == "sent"  # type: ignore[attr-defined]


def test_a_mail_is_given_up_at_last_and_whoever_owns_the_ticket_is_told_once(desk: DeskDriver) -> None:
    _answered(desk, *(TransientError("451 4.7.1 greylisted for ever") for _ in range(500)))

    for _ in range(WEEK // 120):
        desk.clock.advance(hours=2)
        desk.deliverer.drain()

    assert _answer(desk).state == "failed"  # type: ignore[attr-defined]
    assert "greylisted" in _answer(desk).last_reply  # type: ignore[attr-defined]
    told = [each for each in desk.relay.to("alice@acme.test") if "jane@customer.test" in each.text]
    assert [each.event for each in told] == ["undelivered"]
    assert [event.change.kind for event in desk.history()].count("delivery_failed") == 1


def test_a_mail_that_is_refused_for_good_fails_at_once(desk: DeskDriver) -> None:
    _answered(desk, PermanentError("550 5.1.1 no such user"))

    assert _answer(desk).state == "failed"  # type: ignore[attr-defined]
    assert _answer(desk).attempts == 1  # type: ignore[attr-defined]
    assert [each.event for each in desk.relay.to("alice@acme.test")] == ["undelivered"]
    assert desk.history()[-1].reason == "550 5.1.1 no such user"


def test_an_acknowledgement_that_fails_is_nobodys_trouble(desk: DeskDriver) -> None:
    desk.relay.refuse("jane@customer.test", PermanentError("550 5.1.1 no such user"))

    desk.receive(written(author=JANE))

    assert [each.event for each in desk.relay.to("alice@acme.test")] == ["new_ticket"]


def test_a_relay_that_is_away_rests_all_and_costs_no_mail_an_attempt(desk: DeskDriver) -> None:
    desk.relay.refuse("*", *(RelayError("connection refused") for _ in range(3)))
    desk.receive(written(author=JANE))
    waiting = desk.outbox()

    tries = []
    for seconds in (5, 30, 120):
        desk.clock.advance(seconds=seconds - 1)
        early = desk.deliverer.drain()
        desk.clock.advance(seconds=1)
        tries.append((early, desk.deliverer.deliver_once()))

    assert {(row.state, row.attempts) for row in waiting} == {("pending", 0)}
    assert tries == [(0, len(waiting))] * 3
    assert {(row.state, row.attempts) for row in desk.outbox()} == {("sent", 1)}


class LosesAnswers:
    """A relay that takes mails about water, and whose answer is lost so many times."""

    def __init__(self, desk: DeskDriver, times: int) -> None:
        self.taken: list[bytes] = []
        self._relay = desk.relay
        self._times = times
        desk.deliverer._transport = self

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        if b"water" not in content or len(self.taken) == self._times or self._relay.refusals.get(rcpt_to):
            return self._relay.send(mail_from, rcpt_to, content, before_dot)
        before_dot()
        self.taken.append(content)
        raise AmbiguousError("connection lost after the dot")

    def close(self) -> None:
        return None


def test_a_mail_of_unknown_fate_is_sent_once_more_the_very_same(desk: DeskDriver) -> None:
    relay = LosesAnswers(desk, 1)
    _answered(desk)
    assert _minutes_until_tried(desk) == 15

    desk.clock.advance(minutes=14)
    desk.deliverer.drain()
    assert _answers(desk) == []
    desk.clock.advance(minutes=1)
    desk.deliverer.drain()

    assert [each.content for each in _answers(desk)] == relay.taken
    desk.clock.advance(days=2)
    assert desk.deliverer.drain() == 0


def test_a_mail_of_unknown_fate_is_not_sent_more_than_once_more(desk: DeskDriver) -> None:
    relay = LosesAnswers(desk, 9)
    _answered(desk)

    for _ in range(9):
        desk.clock.advance(hours=3)
        desk.deliverer.drain()

    assert _answer(desk).state == "unknown"  # type: ignore[attr-defined]
    assert len(relay.taken) == 2


def test_a_relay_that_rests_or_puts_off_in_between_does_not_make_a_third_copy(desk: DeskDriver) -> None:
    relay = LosesAnswers(desk, 9)
    _answered(desk)
    for refusal in (RelayError("connection refused"), TransientError("451 later")):
        desk.relay.refuse("jane@customer.test", refusal)
        desk.clock.advance(minutes=16)
        desk.deliverer.drain()

    for _ in range(9):
        desk.clock.advance(hours=3)
        desk.deliverer.drain()

    assert len(relay.taken) == 2
    assert _answer(desk).state == "unknown"  # type: ignore[attr-defined]


def test_a_mail_that_was_put_off_before_its_fate_became_unknown_is_sent_once_more_too(desk: DeskDriver) -> None:
    relay = LosesAnswers(desk, 1)
    _answered(desk, TransientError("451 greylisted"))
    desk.clock.advance(minutes=2)
    desk.deliverer.drain()
    assert len(relay.taken) == 1

    desk.clock.advance(minutes=15)
    desk.deliverer.drain()

    assert len(_answers(desk)) == 1


def test_where_doubles_are_worse_a_mail_of_unknown_fate_waits_for_an_admin(tmp_path: Path, sqlite_url: str) -> None:
    desk = DeskDriver(tmp_path, sqlite_url, extra='[delivery]\nurl = "null:"\nunknown = "hold"\n')
    LosesAnswers(desk, 1)
    _answered(desk)

    desk.clock.advance(days=2)
    desk.deliverer.drain()

    assert _answer(desk).state == "unknown"  # type: ignore[attr-defined]
    assert _answers(desk) == []
    desk.close()


def test_bounces_of_acknowledgements_go_nowhere_and_all_others_name_their_mail(desk: DeskDriver) -> None:
    _answered(desk)
    desk.receive(written(author="carl@customer.test"))
    paths = {each.event: each.mail_from for each in desk.relay.sent}

    assert paths["acknowledgement"] == ""
    for event in ("answer", "new_ticket"):
        local, _, domain = paths[event].partition("@")
        token = local.partition("+")[2]
        assert domain == "acme.test"
        read = desk.room.book.signer.verify(token)
        assert read is not None
        assert read.kind is TokenKind.BOUNCE


def test_a_disk_that_fails_under_the_bytes_of_a_mail_stops_sending_and_fails_no_mail(desk: DeskDriver) -> None:
    class FailingDisk(Blobs):
        def put(self, tx: Tx, content: bytes) -> str:
            raise StorageBroken("the blob folder cannot be written: Input/output error")

    desk.room.blobs = FailingDisk(desk.room.blobs.folder)
    desk.keep(written(author=JANE))

    with pytest.raises(StorageBroken):
        desk.deliverer.drain()

    assert {row.state for row in desk.outbox()} <= {"pending", "sending"}


def test_an_answer_follows_the_customers_mail_and_names_none_that_he_has_not_seen(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE, message_id="<from-jane@customer.test>"))
    notice = desk.relay.to("alice@acme.test")[0]
    desk.relay.take()

    desk.answer(notice, "Pull the plug.", author="alice@acme.test")

    answer = _answers(desk)[0]
    assert answer["In-Reply-To"] == "<from-jane@customer.test>"
    assert "@client.test" not in answer.everything, "the id that Alice's own mail client made"
    assert answer["Message-ID"] == desk.messages()[-1].message_id


def test_a_mail_that_was_put_off_at_the_dot_before_its_fate_became_unknown_is_sent_once_more_too(
    desk: DeskDriver,
) -> None:
    class PutsOffAtTheDot(LosesAnswers):
        def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
            if b"water" in content and not self.taken:
                before_dot()
                self.taken.append(b"")
                raise TransientError("451 4.7.1 greylisted, try again")
            return super().send(mail_from, rcpt_to, content, before_dot)

    relay = PutsOffAtTheDot(desk, 2)
    _answered(desk)
    desk.clock.advance(minutes=2)
    desk.deliverer.drain()
    assert len(relay.taken) == 2

    desk.clock.advance(minutes=15)
    desk.deliverer.drain()

    assert len(_answers(desk)) == 1


class GoesAway(Store):
    """A store that cannot be written to for as long as `away` is set."""

    def __init__(self, store: Store) -> None:
        super().__init__(store._engine, store._quick, store.url)
        self.away = False

    def begin(self) -> AbstractContextManager[Tx]:
        if self.away:
            raise TransientError("the database is not usable now: the connection was cut")
        return super().begin()

    def begin_quick(self) -> AbstractContextManager[Tx]:
        if self.away:
            raise TransientError("the database is not usable now: the connection was cut")
        return super().begin_quick()


def test_a_mail_that_was_taken_while_the_store_went_away_is_not_sent_again(desk: DeskDriver) -> None:
    store = desk.room.store = GoesAway(desk.room.store)

    class CutsTheStore(LosesAnswers):
        def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
            said = self._relay.send(mail_from, rcpt_to, content, before_dot)
            store.away = b"water" in content
            return said

    CutsTheStore(desk, 0)
    with pytest.raises(TransientError):
        _answered(desk)

    store.away = False
    desk.clock.advance(hours=1)
    desk.deliverer.drain()

    assert len(_answers(desk)) == 1
    assert _answer(desk).state == "sent"  # type: ignore[attr-defined]
