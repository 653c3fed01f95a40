"""The outbox: what leaves when, and what is known of what left."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from maild.store import Store, claims, outbox, sent
from tests.statements import the_long_way
from tests.store.rows import MINUTE, NOW, claimed, mail, put_out, spooled, taken

LEASE = timedelta(minutes=15)
JANE, CARL = "jane@customer.test", "carl@customer.test"


def _state(store: Store, row: int) -> str:
    with store.read() as tx:
        found = outbox.one(tx, row)
    assert found is not None
    return str(found.state)


def _settle(store: Store, row: int, worker: str, state: str) -> bool:
    with store.begin() as tx:
        return outbox.settle(tx, row, worker, state, NOW, reply="250 ok", next_at=None)


def test_a_mail_comes_out_as_it_went_in(store: Store) -> None:
    given = mail(1)
    put_out(store, given)

    [pending] = taken(store, "d1")

    assert pending.mail == given
    assert (pending.attempt, pending.content, pending.created_at) == (1, None, NOW)


def test_the_same_mail_to_the_same_person_is_there_once(store: Store) -> None:
    put_out(store, mail(1, JANE), mail(1, CARL))
    put_out(store, mail(1, JANE))

    assert [each.mail.recipient for each in taken(store, "d1")] == [JANE, CARL]


def test_a_later_mail_of_the_same_ticket_waits_for_the_earlier_one(store: Store) -> None:
    put_out(store, mail(1), mail(2), mail(3, CARL), mail(4, JANE, ticket=1002), mail(5, JANE, ticket=None))
    [first, third, fourth, fifth] = [each.id for each in taken(store, "d1")]

    assert [third, fourth, fifth] == [first + 2, first + 3, first + 4]
    assert taken(store, "d2") == []

    _settle(store, first, "d1", "sent")
    assert [each.id for each in taken(store, "d2")] == [first + 1]


@pytest.mark.parametrize("state", ["pending", "unknown"])
def test_a_mail_waits_at_most_an_hour_for_an_earlier_one_that_does_not_leave(store: Store, state: str) -> None:
    put_out(store, mail(1))
    put_out(store, mail(2), now=NOW + MINUTE)
    [first] = taken(store, "d1")
    with store.begin() as tx:
        outbox.settle(tx, first.id, "d1", state, NOW, reply="451", next_at=NOW + timedelta(hours=4))

    assert taken(store, "d1", NOW + timedelta(minutes=59)) == []
    assert [each.mail.message_id for each in taken(store, "d1", NOW + timedelta(hours=1))] == ["<2@acme.test>"]


@pytest.mark.parametrize("state", ["failed", "cancelled", "sent", "bounced"])
def test_nobody_waits_for_a_mail_that_is_done_with(store: Store, state: str) -> None:
    put_out(store, mail(1), mail(2))
    [first] = taken(store, "d1")

    _settle(store, first.id, "d1", state)

    assert [each.mail.message_id for each in taken(store, "d1")] == ["<2@acme.test>"]


def test_asking_what_is_due_does_not_look_at_what_was_sent_to_somebody(sqlite_store: Store) -> None:
    plans: list[str] = []

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def _seen(connection: object, cursor: object, statement: str, values: object, *_rest: object) -> None:
        if "FROM outbox" in statement and statement.startswith("SELECT"):
            rows = cursor.connection.execute("EXPLAIN QUERY PLAN " + statement, values)  # type: ignore[attr-defined]
            plans.extend(row[3] for row in rows)

    try:
        put_out(sqlite_store, *(mail(number) for number in range(300)))
        for statistics in ("", "ANALYZE"):
            with sqlite_store.begin() as tx:
                tx.exec_driver_sql(statistics or "SELECT 1")
            with the_long_way():
                taken(sqlite_store, "d1")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", _seen)

    assert any("ix_outbox_open" in each for each in plans), plans
    assert not any("ix_outbox_recipient_created_at" in each for each in plans), plans


def test_what_a_dead_sender_had_not_handed_over_is_sent_at_once(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "dead")

    with store.begin_quick() as tx:
        assert outbox.recover(tx, "d2", NOW + LEASE - MINUTE, resend_at=None) == 0
        assert outbox.recover(tx, "d2", NOW + LEASE, resend_at=None) == 1

    assert [each.id for each in taken(store, "d2", NOW + LEASE)] == [pending.id]


def test_what_a_dead_sender_may_have_handed_over_is_sent_once_more_later(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "dead")
    with store.begin() as tx:
        assert outbox.mark_dot(tx, pending.id, "dead", NOW)

    with store.begin_quick() as tx:
        outbox.recover(tx, "d2", NOW + LEASE, resend_at=NOW + 2 * LEASE)

    assert taken(store, "d2", NOW + 2 * LEASE - MINUTE) == []
    assert [each.id for each in taken(store, "d2", NOW + 2 * LEASE)] == [pending.id]


def test_what_two_senders_died_of_at_the_dot_is_not_sent_a_third_time(store: Store) -> None:
    put_out(store, mail(1))
    now = NOW
    for worker in ("first", "second"):
        [pending] = taken(store, worker, now)
        now += LEASE
        with store.begin() as tx:
            outbox.mark_dot(tx, pending.id, worker, now)
            outbox.recover(tx, "d3", now, resend_at=now)

    assert _state(store, pending.id) == "unknown"
    assert taken(store, "d3", now + timedelta(days=9)) == []


def test_what_a_dead_sender_may_have_handed_over_is_kept_for_an_admin_when_he_wants_that(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "dead")
    with store.begin() as tx:
        outbox.mark_dot(tx, pending.id, "dead", NOW)

    with store.begin_quick() as tx:
        outbox.recover(tx, "d2", NOW + LEASE, resend_at=None)

    assert _state(store, pending.id) == "unknown"
    assert taken(store, "d2", NOW + timedelta(days=9)) == []


def test_a_sender_takes_up_what_its_own_broken_batch_left(store: Store) -> None:
    put_out(store, mail(1))
    taken(store, "d1")

    with store.begin_quick() as tx:
        assert outbox.recover(tx, "d1", NOW, resend_at=None) == 1


def test_a_sender_that_lost_its_claim_stops_before_the_dot_and_decides_nothing(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "frozen")
    later = NOW + LEASE
    with store.begin_quick() as tx:
        outbox.recover(tx, "quick", later, resend_at=None)
    taken(store, "quick", later)

    with store.begin() as tx:
        assert not outbox.mark_dot(tx, pending.id, "frozen", later)
    assert not _settle(store, pending.id, "frozen", "failed")
    with store.begin() as tx:
        outbox.rest(tx, [pending.id], "frozen", later, "421")

    assert _state(store, pending.id) == "sending"


def test_the_mark_of_an_earlier_attempt_does_not_make_the_next_one_unsure(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "d1")
    with store.begin() as tx:
        outbox.mark_dot(tx, pending.id, "d1", NOW)
        outbox.settle(tx, pending.id, "d1", "pending", NOW, reply="451", next_at=NOW)
    taken(store, "d1")

    with store.begin_quick() as tx:
        outbox.recover(tx, "d1", NOW, resend_at=None)

    assert _state(store, pending.id) == "pending"


def test_when_the_relay_rests_no_mail_loses_an_attempt(store: Store) -> None:
    put_out(store, mail(1))
    for _ in range(5):
        [pending] = taken(store, "d1")
        with store.begin_quick() as tx:
            outbox.rest(tx, [pending.id], "d1", NOW, "421 too busy")

    assert taken(store, "d1")[0].attempt == 1


def test_by_hand_a_mail_that_did_not_leave_is_tried_again_or_dropped(store: Store) -> None:
    put_out(store, mail(1, "a@x.test"), mail(2, "b@x.test"), mail(3, "c@x.test"), mail(4, "d@x.test"))
    rows = [each.id for each in taken(store, "d1")]
    for row, state in zip(rows, ("sent", "failed", "unknown", "sending"), strict=True):
        if state != "sending":
            _settle(store, row, "d1", state)

    with store.begin() as tx:
        assert [outbox.retry(tx, row, NOW) for row in rows] == [False, True, True, False]
        assert [outbox.drop(tx, row) for row in rows] == [False, True, True, False]
        assert [outbox.retry(tx, row, NOW) for row in rows] == [False, False, False, False]
        assert outbox.count(tx) == 1

    assert [_state(store, row) for row in rows] == ["sent", "cancelled", "cancelled", "sending"]


def test_a_mail_tried_again_by_hand_is_due_at_once(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "d1")
    _settle(store, pending.id, "d1", "failed")

    with store.begin() as tx:
        outbox.retry(tx, pending.id, NOW)

    assert [each.id for each in taken(store, "d1")] == [pending.id]


def test_a_bounce_marks_only_what_was_sent(store: Store) -> None:
    put_out(store, mail(1, JANE), mail(2, CARL))
    first, other = (each.id for each in taken(store, "d1"))
    _settle(store, first, "d1", "sent")

    with store.begin() as tx:
        sent.mark_bounced(tx, first)
        sent.mark_bounced(tx, other)

    assert (_state(store, first), _state(store, other)) == ("bounced", "sending")


def test_an_address_that_came_back_is_unreachable_until_somebody_writes_from_it(store: Store) -> None:
    with store.begin() as tx:
        sent.mark_unreachable(tx, JANE, "5.1.1", NOW)
        sent.mark_unreachable(tx, JANE, "5.2.1", NOW)
        before = sent.reach(tx, JANE, NOW).unreachable
        sent.mark_reachable(tx, JANE)
        after = sent.reach(tx, JANE, NOW).unreachable

    assert (before, after) == (True, False)


def test_two_senders_with_open_transactions_never_share_a_mail(postgresql_store: Store) -> None:
    store = postgresql_store
    put_out(store, *(mail(number, f"{number}@x.test") for number in range(4)))

    with store.begin_quick() as first, store.begin_quick() as second:
        one = outbox.claim(first, "d1", NOW, LEASE, MINUTE, 2)
        two = outbox.claim(second, "d2", NOW, LEASE, MINUTE, 10)

    assert [each.id for each in one] == [1, 2]
    assert [each.id for each in two] == [3, 4]


def test_the_claims_of_the_dead_run_out_at_once_and_only_theirs(store: Store) -> None:
    spooled(store, "a@x.test", "b@x.test")
    claimed(store, "h/1/worker/a", limit=1)
    claimed(store, "h/2/worker/a", limit=1)
    put_out(store, mail(1))
    taken(store, "h/1/delivery/a")

    with store.begin() as tx:
        assert claims.holders(tx) == ["h/1/delivery/a", "h/1/worker/a", "h/2/worker/a"]
        assert claims.end(tx, ["h/1/delivery/a", "h/1/worker/a"], NOW) == 2
        assert claims.end(tx, [], NOW) == 0

    assert claimed(store, "w3") == [1]


def test_a_mail_that_rests_with_its_relay_holds_up_the_later_ones_of_its_ticket(store: Store) -> None:
    put_out(store, mail(1), mail(2), mail(3, CARL))
    [first, _] = taken(store, "d1")
    with store.begin_quick() as tx:
        outbox.rest(tx, [first.id], "d1", NOW + MINUTE, "connection refused")

    assert taken(store, "d2") == []
    assert [each.id for each in taken(store, "d2", NOW + MINUTE)] == [first.id]


def test_what_is_given_back_is_as_due_as_before_and_in_front_of_the_younger(store: Store) -> None:
    put_out(store, mail(1, "a@x.test"), mail(2, "b@x.test"))
    held = [each.id for each in taken(store, "d1", NOW + MINUTE)]
    put_out(store, mail(3, "c@x.test"), now=NOW + MINUTE)

    with store.begin_quick() as tx:
        outbox.give_back(tx, held, "another")
        assert outbox.claim(tx, "d2", NOW, LEASE, MINUTE, 10) == []
        outbox.give_back(tx, held, "d1")

    again = taken(store, "d2", NOW + 2 * MINUTE, limit=2)
    assert [(each.id, each.attempt) for each in again] == [(row, 1) for row in held]


def test_what_the_relay_took_is_sent_also_for_a_sender_whose_claim_ran_out(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "slow")
    later = NOW + LEASE
    with store.begin() as tx:
        outbox.mark_dot(tx, pending.id, "slow", NOW)
        outbox.recover(tx, "quick", later, resend_at=later + LEASE)
        assert outbox.settle_sent(tx, pending.id, "slow", pending.attempt, later, "250 ok")

    assert _state(store, pending.id) == "sent"
    assert taken(store, "quick", later + LEASE) == []


def test_a_sender_whose_claim_ran_out_says_nothing_of_a_mail_that_is_tried_again(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "slow")
    later = NOW + LEASE
    with store.begin() as tx:
        outbox.mark_dot(tx, pending.id, "slow", NOW)
        outbox.recover(tx, "quick", later, resend_at=later)
    taken(store, "quick", later)

    with store.begin() as tx:
        assert not outbox.settle_sent(tx, pending.id, "slow", pending.attempt, later, "250 ok")

    assert _state(store, pending.id) == "sending"


def test_a_mail_that_was_given_up_counts_anew_when_it_is_tried_by_hand(store: Store) -> None:
    put_out(store, mail(1), mail(2, CARL))
    failed, waits = taken(store, "d1")
    later = NOW + timedelta(days=6)
    _settle(store, failed.id, "d1", "failed")
    _settle(store, waits.id, "d1", "pending")

    with store.begin() as tx:
        outbox.retry(tx, failed.id, later)
        outbox.retry(tx, waits.id, later)

    again, as_before = taken(store, "d1", later)
    assert (again.attempt, again.created_at) == (1, later)
    assert (as_before.attempt, as_before.created_at) == (2, NOW)


def test_a_mail_that_goes_before_an_earlier_one_of_its_ticket_says_so(store: Store) -> None:
    put_out(store, mail(1))
    put_out(store, mail(2), now=NOW + MINUTE)
    [first] = taken(store, "d1")
    with store.begin() as tx:
        outbox.settle(tx, first.id, "d1", "pending", NOW, reply="451", next_at=NOW + timedelta(hours=4))

    later = NOW + timedelta(hours=1)
    assert [each.overtakes for each in taken(store, "d1", later)] == [True]
    assert [each.overtakes for each in taken(store, "d1", NOW + timedelta(hours=4))] == [False]


def test_the_exact_bytes_are_named_with_an_outcome_that_is_unknown(store: Store) -> None:
    put_out(store, mail(1))
    [pending] = taken(store, "d1")
    with store.begin() as tx:
        outbox.mark_dot(tx, pending.id, "d1", NOW)
        outbox.settle(tx, pending.id, "d1", "pending", NOW, reply="unknown", next_at=NOW, content="a" * 64)

    assert [each.content for each in taken(store, "d1")] == ["a" * 64]


def test_the_messages_of_a_batch_are_read_at_once_and_only_where_a_mail_must_be_composed(store: Store) -> None:
    put_out(store, *(mail(number, f"{number}@x.test") for number in range(3)))
    mails = taken(store, "d1")

    with store.read() as tx:
        assert outbox.shown_messages(tx, mails) == {}
        assert outbox.shown_messages(tx, []) == {}
