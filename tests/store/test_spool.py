"""The spool: who gets which mail, and who may still file it."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from maild.errors import MaildError
from maild.store import Store, inbound
from tests.store.rows import ENVELOPE, LEASE, NOW, claimed, spooled

LATER = NOW + LEASE + timedelta(seconds=1)


def test_the_oldest_mails_come_first_and_no_more_than_asked_for(store: Store) -> None:
    ids = spooled(store, "a@x.test", "b@x.test", "c@x.test")

    assert claimed(store, "w1", limit=2) == ids[:2]
    assert claimed(store, "w1b", limit=2) == ids[2:]
    assert claimed(store, "w1c", limit=2) == []


def test_an_envelope_comes_out_as_it_went_in(store: Store) -> None:
    given = replace(
        ENVELOPE,
        mail_from="jane@customer.test",
        rcpt_to=("support@acme.test", "übung@acme.test"),
        peer="192.0.2.7",
        authenticated_as="scanner",
        trusted=True,
        quiet=True,
        origin="INBOX 7",
    )
    with store.begin() as tx:
        inbound.insert(tx, [("0" * 64, 10, given)])

    with store.begin_quick() as tx:
        [received] = inbound.claim(tx, "w1", NOW, LEASE, 1)

    assert received.envelope == given
    assert (received.source, received.size, received.attempts) == ("0" * 64, 10, 1)


def test_a_leased_mail_is_nobody_elses_until_the_lease_runs_out(store: Store) -> None:
    ids = spooled(store, "a@x.test")

    assert claimed(store, "w1") == ids
    assert claimed(store, "w2", NOW + LEASE - timedelta(seconds=1)) == []
    assert claimed(store, "w2", NOW + LEASE) == ids


def test_a_mail_whose_handling_ended_uncleanly_comes_alone(store: Store) -> None:
    first, second, third = spooled(store, "a@x.test", "b@x.test", "c@x.test")
    claimed(store, "w1", limit=2)

    assert claimed(store, "w2", LATER) == [first]
    assert claimed(store, "w3", LATER) == [second]
    assert claimed(store, "w4", LATER) == [third]


def test_what_a_worker_left_of_its_own_broken_batch_is_its_again(store: Store) -> None:
    first, _ = spooled(store, "a@x.test", "b@x.test")
    claimed(store, "w1")

    assert claimed(store, "w1") == [first]


def test_a_senders_later_mail_waits_while_an_earlier_one_is_with_another_worker(store: Store) -> None:
    first, second, other = spooled(store, "jane@x.test", "jane@x.test", "carl@x.test")

    assert claimed(store, "w1", limit=1) == [first]
    assert claimed(store, "w2") == [other]
    with store.begin() as tx:
        inbound.settle(tx, first, "filed", NOW)
    assert claimed(store, "w2") == [second]


def test_one_worker_gets_all_mails_of_a_sender_in_order(store: Store) -> None:
    ids = spooled(store, "jane@x.test", "jane@x.test", "jane@x.test")

    assert claimed(store, "w1") == ids


def test_a_senders_later_mail_waits_for_one_that_must_come_alone(store: Store) -> None:
    older, first, _ = spooled(store, "carl@x.test", "jane@x.test", "jane@x.test")
    with store.begin() as tx:
        inbound.settle(tx, older, "held", NOW)
    claimed(store, "w1", limit=1)
    with store.begin() as tx:
        inbound.give_back(tx, [first], "w1", until=NOW, uncount=False)
        inbound.retry(tx, older)

    assert claimed(store, "w2") == [older]
    assert claimed(store, "w2") == [older]  # its own, once more: it was not settled
    with store.begin() as tx:
        inbound.settle(tx, older, "filed", NOW)
    assert claimed(store, "w2") == [first]


def test_a_mail_given_back_uncounted_is_as_if_it_had_not_been_touched(store: Store) -> None:
    ids = spooled(store, "a@x.test", "b@x.test")
    claimed(store, "w1")

    with store.begin() as tx:
        inbound.give_back(tx, ids, "w1", until=NOW, uncount=True)

    with store.begin_quick() as tx:
        again = inbound.claim(tx, "w2", NOW, LEASE, 10)
    assert [(each.id, each.attempts) for each in again] == [(number, 1) for number in ids]


def test_nobody_gives_back_what_is_another_workers(store: Store) -> None:
    ids = spooled(store, "a@x.test")
    claimed(store, "w1")

    with store.begin() as tx:
        inbound.give_back(tx, ids, "w2", until=NOW, uncount=True)

    assert claimed(store, "w3") == []


def test_a_worker_that_lost_its_claim_may_not_file_the_mail(store: Store) -> None:
    [number] = spooled(store, "a@x.test")
    claimed(store, "frozen")
    claimed(store, "quick", LATER)

    with store.begin() as tx:
        held = [inbound.still_mine(tx, number, worker) for worker in ("frozen", "quick", "nobody")]
        inbound.settle(tx, number, "filed", NOW)
        after = inbound.still_mine(tx, number, "quick")

    assert held == [False, True, False]
    assert after is False


def test_two_mails_of_one_identity_cannot_both_be_handled(store: Store) -> None:
    with store.begin() as tx:
        inbound.keep_identity(tx, "key", 1, 1001)

    with pytest.raises(MaildError), store.begin() as tx:
        inbound.keep_identity(tx, "key", 2, 1002)

    with store.read() as tx:
        known = inbound.find_identity(tx, "key")
    assert known is not None
    assert known.inbound == 1


def test_a_released_mail_may_be_handled_once_more(store: Store) -> None:
    [number] = spooled(store, "a@x.test")
    claimed(store, "w1")
    with store.begin() as tx:
        inbound.keep_identity(tx, "key", number, None)
        inbound.settle(tx, number, "held", NOW, reason="spam")

    with store.begin() as tx:
        assert inbound.retry(tx, number, released_by="alice")

    with store.begin_quick() as tx:
        [received] = inbound.claim(tx, "w1", NOW, LEASE, 10)
        assert (received.attempts, received.released_by) == (1, "alice")
        assert inbound.find_identity(tx, "key") is None


def test_only_what_was_set_aside_is_released_or_forgotten(store: Store) -> None:
    waiting, filed, held = spooled(store, "a@x.test", "b@x.test", "c@x.test")
    with store.begin() as tx:
        inbound.settle(tx, filed, "filed", NOW, ticket=1001)
        inbound.settle(tx, held, "held", NOW)

    with store.begin() as tx:
        assert [inbound.retry(tx, each) for each in (waiting, filed, 99)] == [False, False, False]
        assert [inbound.forget(tx, each, NOW) for each in (waiting, filed, held, held)] == [False, False, True, False]
        assert inbound.waiting(tx) == 1


def _claim_side_by_side(store: Store, count: int) -> list[list[int]]:
    """What `count` workers with a connection each got, claiming until nothing was left for them."""
    start = Barrier(count)
    got: list[list[int]] = [[] for _ in range(count)]

    def work(place: int) -> None:
        start.wait(10)
        while more := _settled(store, f"w{place}"):
            got[place] += more

    threads = [Thread(target=work, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return got


def _settled(store: Store, worker: str) -> list[int]:
    mine = claimed(store, worker, limit=3)
    with store.begin() as tx:
        for number in mine:
            assert inbound.still_mine(tx, number, worker)
            inbound.settle(tx, number, "filed", NOW)
    return mine


def test_workers_side_by_side_never_share_a_mail(store: Store) -> None:
    ids = spooled(store, *(f"{place}@x.test" for place in range(60)))

    got = _claim_side_by_side(store, 3)

    assert sorted(number for each in got for number in each) == ids


def test_a_claim_that_is_not_committed_yet_keeps_others_off_its_mails(postgresql_store: Store) -> None:
    ids = spooled(postgresql_store, "a@x.test", "b@x.test", "c@x.test")

    with postgresql_store.begin_quick() as first, postgresql_store.begin_quick() as second:
        one = inbound.claim(first, "w1", NOW, LEASE, 2)
        two = inbound.claim(second, "w2", NOW, LEASE, 2)

    assert [each.id for each in one] == ids[:2]
    assert [each.id for each in two] == ids[2:]


def test_a_senders_order_holds_while_another_workers_claim_is_not_committed_yet(postgresql_store: Store) -> None:
    first, _, other = spooled(postgresql_store, "jane@x.test", "jane@x.test", "carl@x.test")

    with postgresql_store.begin_quick() as one, postgresql_store.begin_quick() as two:
        mine = inbound.claim(one, "w1", NOW, LEASE, 1)
        theirs = inbound.claim(two, "w2", NOW, LEASE, 10)

    assert [each.id for each in mine] == [first]
    assert [each.id for each in theirs] == [other]


READ_ROWS = """
    SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = 'inbound'
"""


def test_a_claim_reads_what_it_takes_though_postgresql_never_counted_the_spool(postgresql_store: Store) -> None:
    with postgresql_store.begin() as tx:
        inbound.insert(tx, [("0" * 64, 10, replace(ENVELOPE, mail_from=f"{n % 50}@x.test")) for n in range(2000)])
        tx.execute(sa.text("DELETE FROM pg_statistic WHERE starelid = 'inbound'::regclass"))

    with postgresql_store.begin_quick() as tx:
        taken = inbound.claim(tx, "w1", NOW, LEASE, 8)
        read = tx.execute(sa.text(READ_ROWS)).scalar_one()

    assert [each.id for each in taken] == list(range(1, 9))
    assert read < 100  # eight are asked for and taken; 2,000 wait
