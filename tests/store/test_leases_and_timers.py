"""Leases with fencing numbers, facts, and timers that run once."""

from datetime import timedelta
from threading import Barrier, Thread

from maild.store import Store, mailboxes, meta, timers
from maild.tickets.timers import Timer, TimerKind
from tests.store.rows import MINUTE, NOW

DUE = Timer(TimerKind.AUTO_CLOSE, NOW)


def _lease(store: Store, holder: str, now: object = NOW) -> int | None:
    with store.begin_quick() as tx:
        return meta.take_lease(tx, "leader", holder, now, MINUTE)  # type: ignore[arg-type]


def test_a_lease_has_one_holder_and_a_new_number_with_each_new_one(store: Store) -> None:
    first = _lease(store, "a")

    assert first is not None
    assert _lease(store, "b") is None
    assert _lease(store, "a", NOW + MINUTE / 2) == first
    assert _lease(store, "b", NOW + MINUTE) is None
    assert _lease(store, "b", NOW + 2 * MINUTE) == first + 1
    assert _lease(store, "a", NOW + 2 * MINUTE) is None
    assert _lease(store, "a", NOW + 3 * MINUTE) == first + 2


def test_a_lease_that_is_given_back_is_free_at_once_and_only_its_holder_gives_it(store: Store) -> None:
    _lease(store, "a")
    with store.begin() as tx:
        meta.free_lease(tx, "leader", "b", NOW)
    assert _lease(store, "b") is None

    with store.begin() as tx:
        meta.free_lease(tx, "leader", "a", NOW)
    assert _lease(store, "b") is not None


def test_of_many_that_ask_at_once_one_gets_the_lease(store: Store) -> None:
    start, got = Barrier(4), []

    def ask(holder: str) -> None:
        start.wait(10)
        got.append(_lease(store, holder))

    threads = [Thread(target=ask, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(each is not None for each in got) == [False, False, False, True]


def test_a_fact_that_is_set_once_stays(store: Store) -> None:
    with store.begin() as tx:
        assert meta.set_once(tx, "note:a_b", "first") == "first"
        assert meta.set_once(tx, "note:a_b", "second") == "first"
        meta.set_once(tx, "noteXc", "other")

        assert meta.all_with(tx, "note:") == {"a_b": "first"}
        assert meta.all_with(tx, "note_") == {}
        assert [meta.forget(tx, "note:a_b"), meta.forget(tx, "note:a_b"), meta.get(tx, "note:a_b")] == [
            True,
            False,
            None,
        ]


def test_how_far_a_mailbox_was_read_is_known_per_validity(store: Store) -> None:
    with store.begin() as tx:
        assert not mailboxes.seen_any(tx, "a", "INBOX")
        mailboxes.save(tx, "a", "INBOX", 2**32 - 1, 41, (), NOW)
        mailboxes.save(tx, "a", "INBOX", 2**32 - 1, 42, ((40, 2), (41, 1)), NOW)

        assert mailboxes.load(tx, "a", "INBOX", 2**32 - 1) == (42, ((40, 2), (41, 1)))
        assert mailboxes.load(tx, "a", "INBOX", 7) is None
        assert mailboxes.seen_any(tx, "a", "INBOX")


def test_a_timer_that_is_due_is_taken_once_by_whoever_is_first(store: Store) -> None:
    with store.begin() as tx:
        for number in range(1001, 1021):
            timers.mirror(tx, number, (), (DUE,))
    start, taken = Barrier(2), []

    def take() -> None:
        start.wait(10)
        for number in range(1001, 1021):
            with store.begin() as tx:
                if timers.take(tx, number, DUE):
                    taken.append(number)

    threads = [Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(taken) == list(range(1001, 1021))
    with store.read() as tx:
        assert timers.due(tx, NOW, 100) == []


def test_only_what_is_due_is_given_oldest_first(store: Store) -> None:
    late, later = Timer(DUE.kind, NOW - MINUTE), Timer(DUE.kind, NOW + MINUTE)
    with store.begin() as tx:
        for number, timer in ((1001, DUE), (1002, late), (1003, later)):
            timers.mirror(tx, number, (), (timer,))

    with store.read() as tx:
        assert timers.due(tx, NOW, 100) == [(1002, late), (1001, DUE)]
        assert timers.due(tx, NOW, 1) == [(1002, late)]


def test_a_timer_that_was_moved_or_cancelled_meanwhile_is_not_taken(store: Store) -> None:
    with store.begin() as tx:
        timers.mirror(tx, 1001, (), (DUE,))
        timers.mirror(tx, 1001, (DUE,), (Timer(DUE.kind, NOW + timedelta(days=1)),))
        timers.mirror(tx, 1002, (), (DUE,))
        timers.mirror(tx, 1002, (DUE,), ())

        assert [timers.take(tx, number, DUE) for number in (1001, 1002, 1003)] == [False, False, False]
        assert timers.due(tx, NOW, 100) == []
