"""What becomes of a mail that the relay does not simply take."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from maild.desk import by_hand
from maild.desk.deliver import Deliverer
from maild.desk.outcomes import Policy
from maild.errors import AmbiguousError, PermanentError, RelayError, StorageBroken, TransientError
from maild.mail.tokens import TokenKind
from maild.outbox.backoff import RateReached
from maild.outbox.pace import Pace
from maild.store import Store, Tx, outbox, schema
from maild.store.blobs import Blobs
from tests.desk_driver import DeskDriver, Relay, Sent, written
from tests.statements import the_long_way

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
    assert [each.event for each in told] == ["delayed", "undelivered"]
    assert [event.change.kind for event in desk.history()].count("delivery_failed") == 1


@pytest.mark.parametrize("retry", [("1m", "5m", "15m", "30m", "1h", "2h", "4h"), ("10m",), ("3h", "7h"), ("1d",)])
def test_an_answer_that_does_not_leave_within_four_hours_is_told_once(
    tmp_path: Path, sqlite_url: str, retry: tuple[str, ...]
) -> None:
    desk = DeskDriver(tmp_path, sqlite_url, extra=f'[delivery]\nurl = "null:"\nretry = {list(retry)}\n')
    began = desk.clock()
    _answered(desk, *(TransientError("452 4.2.2 mailbox full") for _ in range(500)))
    told: list[tuple[float, Sent]] = []
    while desk.clock() - began < timedelta(days=3):
        desk.clock.advance(minutes=5)
        desk.deliverer.drain()
        now = (desk.clock() - began) / timedelta(hours=1)
        told += [(now, each) for each in desk.relay.take() if each.event == "delayed"]

    assert [each.rcpt_to for _, each in told] == ["alice@acme.test"]
    assert told[0][0] <= 4.1, "before the next attempt would come"
    assert "jane@customer.test: 452 4.2.2 mailbox full" in told[0][1].text
    assert [event.change.kind for event in desk.history()].count("delivery_delayed") == 1
    assert _answer(desk).state == "pending"  # type: ignore[attr-defined]
    desk.close()


def test_an_answer_that_leaves_late_but_within_four_hours_is_nobodys_trouble(desk: DeskDriver) -> None:
    _answered(desk, *(TransientError("451 4.7.1 greylisted") for _ in range(5)))
    for _ in range(24 * 12):
        desk.clock.advance(minutes=5)
        desk.deliverer.drain()

    assert len(_answers(desk)) == 1
    assert [each.event for each in desk.relay.to("alice@acme.test") if each.event == "delayed"] == []


def test_a_mail_that_is_refused_for_good_fails_at_once(desk: DeskDriver) -> None:
    _answered(desk, PermanentError("550 5.1.1 no such user"))

    assert _answer(desk).state == "failed"  # type: ignore[attr-defined]
    assert _answer(desk).attempts == 1  # type: ignore[attr-defined]
    assert [each.event for each in desk.relay.to("alice@acme.test")] == ["undelivered"]
    assert desk.history()[-1].reason == "550 5.1.1 no such user"


def test_a_mail_that_fails_again_after_an_admin_had_it_tried_again_is_told_again(desk: DeskDriver) -> None:
    _answered(desk, PermanentError("550 5.1.1 no such user"), PermanentError("550 5.2.1 disabled"))
    desk.clock.advance(hours=1)

    assert by_hand.retry_mail(desk.room, _answer(desk).id)  # type: ignore[attr-defined]
    desk.deliverer.drain()

    assert _answer(desk).state == "failed"  # type: ignore[attr-defined]
    told = [each for each in desk.relay.to("alice@acme.test") if each.event == "undelivered"]
    assert ["550 5.1.1" in told[0].text, "550 5.2.1" in told[-1].text, len(told)] == [True, True, 2]


def test_a_mail_that_cannot_be_written_fails_at_once_and_says_that_this_is_our_fault(desk: DeskDriver) -> None:
    _answered(desk, TransientError("451 4.3.0 later"))
    with desk.room.store.begin() as tx:
        tx.execute(sa.update(schema.outbox).values(context=["damaged"]).where(schema.outbox.c.event == "answer"))
    desk.clock.advance(hours=1)

    desk.deliverer.drain()

    assert _answer(desk).state == "failed"  # type: ignore[attr-defined]
    (told,) = [each for each in desk.relay.to("alice@acme.test") if each.event == "undelivered"]
    assert "jane@customer.test cannot be reached: maild could not write this mail (" in told.text


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

    LosesAnswers(desk, 1)
    desk.room.blobs = FailingDisk(desk.room.blobs.folder)

    with pytest.raises(StorageBroken):
        _answered(desk)

    assert {row.state for row in desk.outbox()} <= {"pending", "sending", "sent"}


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


class CutsTheStore(LosesAnswers):
    """A relay that takes a mail about water, whereupon the store goes away."""

    def __init__(self, desk: DeskDriver) -> None:
        super().__init__(desk, 0)
        self.store = desk.room.store = GoesAway(desk.room.store)

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        said = self._relay.send(mail_from, rcpt_to, content, before_dot)
        self.store.away = b"water" in content
        return said


def _go_on(desk: DeskDriver) -> None:
    desk.deliverer.drain()


def _end(desk: DeskDriver) -> None:
    """Told to stop before another batch."""
    over = threading.Event()
    over.set()
    desk.deliverer.run(over)


def _step_back(desk: DeskDriver) -> None:
    """Not wanted any more, until it has closed its connection."""
    over = threading.Event()
    desk.deliverer._place = 1
    desk.deliverer._transport.close = over.set  # type: ignore[method-assign]
    desk.deliverer.run(over)


@pytest.mark.parametrize("what_comes_next", [_go_on, _end, _step_back])
def test_a_mail_that_was_taken_while_the_store_went_away_is_not_sent_again(
    desk: DeskDriver, what_comes_next: Callable[[DeskDriver], None]
) -> None:
    relay = CutsTheStore(desk)
    with pytest.raises(TransientError):
        _answered(desk)

    relay.store.away = False
    what_comes_next(desk)
    desk.clock.advance(hours=1)
    desk.deliverer._outcomes._taken = None  # another process goes on: it knows what is written alone
    desk.deliverer.drain()

    assert len(_answers(desk)) == 1
    assert _answer(desk).state == "sent"  # type: ignore[attr-defined]


def test_a_sender_ends_though_the_store_is_still_away(desk: DeskDriver, caplog: pytest.LogCaptureFixture) -> None:
    relay = CutsTheStore(desk)
    with pytest.raises(TransientError):
        _answered(desk)

    _end(desk)

    assert "the last outcome is not kept" in caplog.text
    assert relay.store.away


def _waiting(desk: DeskDriver, customers: int) -> None:
    """Tickets of so many customers, whose notices wait."""
    for number in range(customers):
        desk.keep(written(author=f"c{number}@customer.test", subject=f"Printer {number}"))


class Watches:
    """A relay that looks at the store whenever a dot is about to go out, and may do something to it."""

    def __init__(self, desk: DeskDriver, look: Callable[[], object]) -> None:
        self.seen: list[object] = []
        self._relay, self._look = desk.relay, look
        desk.deliverer._transport = self

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        def marked() -> None:
            before_dot()
            self.seen.append(self._look())

        return self._relay.send(mail_from, rcpt_to, content, marked)

    def close(self) -> None:
        return None


def test_at_each_dot_at_most_that_one_mail_is_of_unknown_fate(desk: DeskDriver) -> None:
    def in_doubt() -> int:
        return sum(row.state == "sending" and row.dot_at is not None for row in desk.outbox())

    relay = Watches(desk, in_doubt)
    _waiting(desk, 8)

    desk.deliverer.drain()

    assert set(relay.seen) == {1}
    assert {row.state for row in desk.outbox()} == {"sent"}


def test_what_was_taken_is_kept_before_the_next_mail_begins(desk: DeskDriver) -> None:
    begun: list[int] = []

    class Counts(Watches):
        def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
            begun.append(sum(row.state == "sent" for row in desk.outbox()))
            return super().send(mail_from, rcpt_to, content, before_dot)

    Counts(desk, lambda: None)
    _waiting(desk, 1)

    desk.deliverer.drain()

    assert begun == list(range(len(desk.outbox())))


def test_what_was_taken_is_kept_though_the_next_mail_meets_trouble(desk: DeskDriver) -> None:
    _waiting(desk, 3)
    desk.relay.refuse("c1@customer.test", PermanentError("550 no"))
    desk.relay.refuse("c2@customer.test", RelayError("421 down"))

    desk.deliverer.deliver_once()

    states = {row.recipient: row.state for row in desk.outbox() if row.audience == "customer"}
    assert states == {"c0@customer.test": "sent", "c1@customer.test": "failed", "c2@customer.test": "pending"}
    assert len(desk.relay.to("c0@customer.test")) == 1


def test_what_was_taken_is_kept_though_the_next_mails_claim_was_lost(desk: DeskDriver) -> None:
    _waiting(desk, 2)

    def others_take_the_rest() -> None:
        with desk.room.store.begin() as tx:
            for row in outbox.listed(tx, everything=True):
                if row.state == "sending" and row.dot_at is None:
                    outbox.settle(tx, row.id, row.leased_by, "cancelled", desk.clock(), reply="", next_at=None)

    Watches(desk, others_take_the_rest)
    desk.deliverer.drain()

    assert Counter(row.state for row in desk.outbox())["sent"] == len(desk.relay.sent) == 1
    assert {row.state for row in desk.outbox()} == {"sent", "cancelled"}


def test_a_mail_costs_two_statements_and_two_commits_in_a_batch(tmp_path: Path, sqlite_url: str) -> None:
    desk = DeskDriver(tmp_path, sqlite_url, extra="[automatic]\nsame_text_per_hour = 1000\n")
    _waiting(desk, 10)
    counts: Counter[str] = Counter()

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def _statement(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counts["statements"] += not statement.startswith(("BEGIN", "PRAGMA"))

    @sa.event.listens_for(sa.Engine, "begin")
    def _begin(_connection: object) -> None:
        counts["transactions"] += 1

    try:
        with the_long_way():
            sent = desk.deliverer.deliver_once()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", _statement)
        sa.event.remove(sa.Engine, "begin", _begin)
    desk.close()

    assert sent == 20
    assert counts["statements"] <= 20 * 2 + 8, counts
    assert counts["transactions"] <= 20 * 2 + 4, counts


def test_the_bytes_of_a_file_are_read_only_for_a_mail_that_carries_it(desk: DeskDriver) -> None:
    class CountsReads(Blobs):
        reads = 0

        def get(self, tx: Tx, sha256: str) -> bytes:
            CountsReads.reads += 1
            return super().get(tx, sha256)

    body = (
        "--b\nContent-Type: text/plain\n\nThe printer burns.\n--b\nContent-Type: application/pdf\n"
        'Content-Disposition: attachment; filename="smoke.pdf"\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--b--\n'
    )
    source = written(author=JANE, body=body).replace(b"text/plain; charset=utf-8", b"multipart/mixed; boundary=b", 1)
    desk.keep(source)
    desk.room.blobs = CountsReads(desk.room.blobs.folder)

    desk.deliverer.drain()

    notice = desk.relay.to("alice@acme.test")[0]
    assert "smoke.pdf" in notice.text and b"JVBERg" not in notice.content
    assert CountsReads.reads == 0


def test_a_mail_whose_relay_is_away_for_too_long_is_given_up_and_told(desk: DeskDriver) -> None:
    _answered(desk, *(RelayError("connection refused") for _ in range(9000)))

    for _ in range(5 * 24 - 1):
        desk.clock.advance(hours=1)
        desk.deliverer.deliver_once()
    assert (_answer(desk).state, _answer(desk).attempts) == ("pending", 0)  # type: ignore[attr-defined]
    desk.clock.advance(hours=1)
    desk.deliverer.drain()
    desk.clock.advance(hours=1)
    desk.deliverer.drain()

    assert _answer(desk).state == "failed"  # type: ignore[attr-defined]
    assert _answer(desk).last_reply == "given up after 5d: connection refused"  # type: ignore[attr-defined]
    told = [each for each in desk.relay.to("alice@acme.test") if each.event == "undelivered"]
    assert len(told) == 1 and "jane@customer.test" in told[0].text


def test_a_mail_that_is_tried_again_by_hand_after_it_was_given_up_has_the_whole_time_once_more(
    desk: DeskDriver,
) -> None:
    _answered(desk, *(TransientError("451 4.7.1 greylisted for ever") for _ in range(500)))
    for _ in range(WEEK // 120):
        desk.clock.advance(hours=2)
        desk.deliverer.drain()
    assert _answer(desk).state == "failed"  # type: ignore[attr-defined]
    with desk.room.store.begin() as tx:
        outbox.retry(tx, _answer(desk).id, desk.clock())  # type: ignore[attr-defined]

    waits = []
    for _ in range(3):
        desk.deliverer.drain()
        waits.append(_minutes_until_tried(desk))
        desk.clock.advance(minutes=waits[-1])
    desk.clock.advance(days=4)
    desk.deliverer.drain()

    assert waits == [pytest.approx(wait, rel=0.11) for wait in (1, 5, 15)]
    assert _answer(desk).state == "pending"  # type: ignore[attr-defined]


def test_mails_above_a_relays_limit_wait_in_their_order_and_spend_no_attempt(desk: DeskDriver) -> None:
    def limit() -> RateReached:
        return RateReached("the relay's limit is reached", timedelta(seconds=30))

    _waiting(desk, 2)
    desk.relay.refuse("*", limit())
    first = [row.id for row in reversed(desk.outbox())]
    assert desk.deliverer.deliver_once() == len(first)
    assert {(row.state, row.attempts, row.last_reply) for row in desk.outbox()} == {("pending", 0, None)}

    desk.clock.advance(seconds=29)
    assert desk.deliverer.deliver_once() == 0
    desk.keep(written(author="late@customer.test"))
    desk.clock.advance(seconds=1)
    desk.deliverer.drain()

    order = [each.rcpt_to for each in desk.relay.sent]
    assert order == [row.recipient for row in reversed(desk.outbox())]
    assert {row.attempts for row in desk.outbox()} == {1}


def test_a_batch_that_takes_long_begins_no_mail_that_another_sender_may_take_over(desk: DeskDriver) -> None:
    _waiting(desk, 2)
    Watches(desk, lambda: desk.clock.advance(minutes=6))

    desk.deliverer.deliver_once()

    assert Counter((row.state, row.attempts) for row in desk.outbox()) == {("sent", 1): 1, ("pending", 0): 7}
    desk.deliverer.drain()
    assert {(row.state, row.attempts) for row in desk.outbox()} == {("sent", 1)}
    assert len(desk.relay.sent) == 8


def test_several_senders_side_by_side_send_each_mail_once_and_each_tickets_mails_in_order(desk: DeskDriver) -> None:
    _waiting(desk, 6)
    for number in range(6):
        desk.clock.advance(seconds=1)
        desk.keep(written(author=f"c{number}@customer.test", subject=f"Re: [TICK-{1001 + number}] Printer {number}"))
    policy = Policy((timedelta(minutes=1),), timedelta(days=5))
    senders = [
        Deliverer(desk.room, desk.relay, desk.deliverer._words, policy, f"test/0/delivery/{name}", Random(1), batch=2)
        for name in "abc"
    ]

    threads = [threading.Thread(target=sender.drain) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    desk.deliverer.drain()

    ids = [(each["Message-ID"], each.rcpt_to) for each in desk.relay.sent]
    assert len(ids) == len(set(ids)) == len(desk.outbox())
    place = {each: number for number, each in enumerate(ids)}
    threads_of: dict[tuple[int, str], list[int]] = {}
    for row in reversed(desk.outbox()):
        threads_of.setdefault((row.ticket, row.recipient), []).append(place[row.message_id, row.recipient])
    assert all(places == sorted(places) for places in threads_of.values())
    assert max(map(len, threads_of.values())) > 1


def test_a_sender_that_is_not_wanted_closes_its_connection_and_sends_nothing(desk: DeskDriver) -> None:
    _waiting(desk, 1)
    closed, stop = threading.Event(), threading.Event()

    class Closing(Relay):
        def close(self) -> None:
            closed.set()

    relay = Closing()
    policy = Policy((timedelta(minutes=1),), timedelta(days=5))
    words = desk.deliverer._words
    spare = Deliverer(desk.room, relay, words, policy, "test/0/delivery/2", Random(1), pace=Pace(), place=1)

    thread = threading.Thread(target=spare.run, args=(stop,))
    thread.start()
    seen = closed.wait(10)
    stop.set()
    thread.join(10)

    assert seen and relay.sent == []


def test_a_mail_that_overtakes_an_earlier_one_is_recorded(desk: DeskDriver, caplog: pytest.LogCaptureFixture) -> None:
    desk.receive(written(author=JANE))
    notice = desk.relay.to("alice@acme.test")[0]
    desk.relay.refuse("jane@customer.test", *(TransientError("451 later") for _ in range(5)))
    desk.answer(notice, "Have you tried water?", author="alice@acme.test")
    for _ in range(4):
        desk.clock.advance(minutes=_minutes_until_tried(desk))
        desk.deliverer.drain()
    desk.clock.advance(minutes=20)

    with caplog.at_level(logging.WARNING, "maild.deliver"):
        desk.answer(notice, "And with sand?", author="alice@acme.test")

    assert [each.text.count("sand") for each in _answers(desk)] == [1]
    assert [record.getMessage() for record in caplog.records] == [
        f"overtakes an earlier mail of its ticket outbox={_answer(desk).id} ticket=1001"  # type: ignore[attr-defined]
    ]
