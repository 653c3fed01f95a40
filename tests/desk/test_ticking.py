"""A tick does each thing once, however many are due, whatever raises, whoever else ticks, wherever the clock goes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from maild.commands.script import Reasoned
from maild.desk.change import Act, carry_out
from maild.desk.leader import LENGTH, Lease
from maild.desk.tick import AGAIN, BATCH, Superseded, Ticked, tick
from maild.mail.model import Mailbox
from maild.store import Tx, schema, timers
from maild.store import tickets as rows
from maild.tickets.calendars import Calendar
from maild.tickets.events import Opened, Refused, Reminded, SlaReached, StatusChanged
from maild.tickets.promises import Policy
from maild.tickets.workflow import Phase
from tests.desk_driver import DeskDriver, written
from tests.servers import postgresql

NEVER = Calendar("never", UTC, ((),) * 7)
SOME = 5
WISHES = '[tickets]\nsilent_after = "2d"\nclose_resolved_after = "7d"\nremind_waiting_after = ["3d", "7d"]\n'


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[DeskDriver]:
    """On both databases: an assignee is reminded when the customer heard nothing for two days."""
    driver = DeskDriver(tmp_path, database_url, extra=WISHES)
    yield driver
    driver.close()


@pytest.fixture
def small(tmp_path: Path, sqlite_url: str) -> Iterator[DeskDriver]:
    """The same on SQLite."""
    driver = DeskDriver(tmp_path, sqlite_url, extra=WISHES)
    yield driver
    driver.close()


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[DeskDriver]:
    """The same on PostgreSQL, where others may hold a row."""
    driver = DeskDriver(tmp_path, postgresql.fresh_database(), extra=WISHES)
    yield driver
    driver.close()


def opened(desk: DeskDriver, count: int = SOME, *words: str) -> list[int]:
    """Tickets of so many customers, all of one moment."""
    done = [desk.keep(written(author=f"c{place}@customer.test", subject=f"No. {place}")) for place in range(count)]
    numbers = [each.ticket for each in done if each.ticket is not None]
    for number in numbers:
        for word in words:
            desk.do(number, word, "alice")
    desk.relay.take()
    return numbers


def begun(number: int, now: datetime) -> Act:
    """A ticket without a mail."""
    jane = Mailbox(f"c{number}@customer.test", "Jane")
    opening = Opened("Printer on fire", jane, "new", Phase.NEW, "normal", "support@acme.test")
    return Act(number, None, (Reasoned(opening, ""),), "system:test", f"test:{number}", now, quiet=True)


def ticked(desk: DeskDriver) -> list[Ticked]:
    return tick(desk.room, desk.clock())


def reminders(desk: DeskDriver, numbers: list[int]) -> dict[int, int]:
    return {number: sum(isinstance(each.change, Reminded) for each in desk.history(number)) for number in numbers}


def broken_for_low(desk: DeskDriver) -> Policy:
    """A calendar without an hour for low tickets, as a slip in the file would have it."""
    (_, usual), *_ = desk.room.book.policies
    bad = replace(usual, name="bad", calendar=NEVER)
    desk.room.book = replace(desk.room.book, policies=(("priority:low", bad), ("", usual)))
    return usual


def unreadable(tx: Tx, number: int) -> None:
    tx.execute(sa.update(schema.tickets).where(schema.tickets.c.number == number).values(clocks={"policy": "?"}))


def test_what_raises_waits_an_hour_and_the_others_do_not_notice(desk: DeskDriver) -> None:
    # given: five tickets are due at once, and one of them cannot be handled
    numbers = opened(desk)
    desk.do(numbers[2], "#priority low", "alice")
    desk.clock.advance(days=2)
    ticked_before = desk.history(numbers[2])
    usual = broken_for_low(desk)
    # when
    done = ticked(desk)
    # then
    assert [each.ticket for each in done if each.refused] == [numbers[2]]
    assert reminders(desk, numbers) == {number: number != numbers[2] for number in numbers}
    (refusal,) = desk.history(numbers[2])[len(ticked_before) :]
    assert (refusal.actor, type(refusal.change)) == ("system:clock", Refused)
    assert "NoBusinessTime" in refusal.change.what  # type: ignore[union-attr]
    # and: it rests, until an hour is over and the slip is mended
    assert ticked(desk) == []
    desk.room.book = replace(desk.room.book, policies=(("", usual),))
    assert ticked(desk) == []
    desk.clock.now += AGAIN
    assert [each.refused for each in ticked(desk)] == [False]
    assert set(reminders(desk, numbers).values()) == {1}


def test_admins_hear_of_it_once_an_hour_and_the_history_once(small: DeskDriver) -> None:
    desk = small
    numbers = opened(desk, 3, "#priority low")
    desk.clock.advance(days=2)
    broken_for_low(desk)
    mails = []
    for _ in range(4):  # every half hour for two hours
        desk.tick()
        mails.append(len([each for each in desk.relay.take() if each.event == "trouble"]))
        desk.clock.advance(minutes=30)

    assert mails == [1, 0, 1, 0]
    refusals = [each for each in desk.history(numbers[0]) if isinstance(each.change, Refused)]
    assert len(refusals) == 1


def test_the_mail_to_admins_names_the_ticket_and_what_is_wrong(small: DeskDriver) -> None:
    desk = small
    opened(desk, 2, "#priority low")
    desk.clock.advance(days=2)
    broken_for_low(desk)

    desk.tick()

    (mail,) = [each for each in desk.relay.to("root@acme.test") if each.event == "trouble"]
    assert "2 timers could not be run" in mail.text.replace("\n", " ")
    assert "TICK-1001" in mail.text and "NoBusinessTime" in mail.text


def test_a_row_that_nobody_can_read_stops_nobody(desk: DeskDriver) -> None:
    numbers = opened(desk, 3)
    desk.clock.advance(days=2)
    with desk.room.store.begin() as tx:
        unreadable(tx, numbers[1])

    done = ticked(desk)

    assert {each.ticket for each in done if each.refused} == {numbers[1]}
    assert reminders(desk, numbers[::2]) == {numbers[0]: 1, numbers[2]: 1}
    assert ticked(desk) == []


def test_more_than_a_batch_is_done_in_one_tick_each_once(small: DeskDriver) -> None:
    desk, count = small, BATCH + 5
    numbers = list(range(2001, 2001 + count))
    with desk.room.store.begin() as tx:
        for number in numbers:
            carry_out(tx, desk.room, begun(number, desk.clock()))
    desk.clock.advance(days=2)

    ticked(desk)
    ticked(desk)

    assert Counter(reminders(desk, numbers).values()) == {1: count}
    told = [each for each in desk.outbox() if each.event == "reminder"]
    # nobody owns them, so each is told to all three agents
    assert len(told) == 3 * count and len({(each.ticket, each.recipient) for each in told}) == 3 * count


def test_what_was_missed_while_maild_did_not_run_is_told_once_and_then_as_ever(desk: DeskDriver) -> None:
    (number,) = opened(desk, 1)
    desk.clock.advance(days=31)

    desk.tick()

    silent = [each.change for each in desk.history(number) if isinstance(each.change, Reminded)]
    assert silent == [Reminded("silent", times=15)]
    assert [each.event for each in desk.relay.to("alice@acme.test") if each.event == "reminder"] == ["reminder"]
    days = []
    for day in range(4):
        desk.clock.advance(days=1)
        desk.tick()
        days += [day + 1] * (reminders(desk, [number])[number] - 1 - len(days))
    assert days == [1, 3], "every second day again, as if maild had run all along"


def test_a_customer_who_was_not_reminded_in_time_gets_one_mail_for_all(small: DeskDriver) -> None:
    desk = small
    (number,) = opened(desk, 1, "#waiting")
    desk.clock.advance(days=11)

    desk.tick()

    told = [each for each in desk.relay.to("c0@customer.test") if each.event == "waiting_reminder"]
    assert len(told) == 1
    assert [each.change for each in desk.history(number) if isinstance(each.change, Reminded)] == [
        Reminded("waiting", times=2)
    ]


def test_two_timers_of_one_ticket_in_one_transaction_see_each_other(small: DeskDriver) -> None:
    desk = small
    (number,) = opened(desk, 1)
    desk.clock.advance(days=4)  # four days: a reminder that stands for two, and promises broken meanwhile

    desk.tick()

    assert reminders(desk, [number]) == {number: 1}
    reached = [each.change for each in desk.history(number) if isinstance(each.change, SlaReached)]
    breaches = [each.target for each in reached if each.is_breach]
    assert sorted(breaches) == ["first_response", "resolution"]
    assert [each.seq for each in desk.history(number)] == list(range(1, desk.ticket(number).seq + 1))


@pytest.mark.parametrize("steps", [(-1, 48, -47), (48, -48, 1), (-1, 1, 48, -48)])
def test_wherever_the_clock_is_set_each_thing_happens_once(small: DeskDriver, steps: tuple[int, ...]) -> None:
    """An hour back, two days ahead, and back again, with a tick at every stop (RELIABILITY F30)."""
    desk = small
    numbers = opened(desk, 3, "#resolve")
    desk.clock.advance(days=6, hours=23, minutes=59)
    for hours in steps:
        desk.tick()
        desk.clock.advance(hours=hours)
    desk.tick()
    desk.clock.advance(days=3)
    desk.tick()

    closings = {n: [each for each in desk.history(n) if _closes(each.change)] for n in numbers}
    assert {len(each) for each in closings.values()} == {1}
    assert len([each for each in desk.outbox() if each.event == "closed" and each.audience == "customer"]) == 3


def _closes(change: object) -> bool:
    return isinstance(change, StatusChanged) and change.new == "closed"


def test_a_clock_that_was_ahead_leaves_no_lease_that_nobody_can_take(small: DeskDriver) -> None:
    desk = small
    desk.clock.advance(days=2)
    dead, next_one = Lease(desk.room, "scheduler", "a"), Lease(desk.room, "scheduler", "b")
    assert dead.hold()
    # when: its holder dies while the clock is two days ahead
    desk.clock.advance(days=-2)
    # then
    assert not next_one.hold()
    desk.clock.now += LENGTH
    assert next_one.hold()


def test_who_was_frozen_and_lost_the_lead_does_nothing_on_return(desk: DeskDriver) -> None:
    numbers = opened(desk, 3)
    desk.clock.advance(days=2)
    frozen, awake = Lease(desk.room, "scheduler", "frozen"), Lease(desk.room, "scheduler", "awake")
    assert frozen.hold() and not awake.hold()
    desk.clock.now += LENGTH
    assert awake.hold()

    # when: it comes back behind its own question
    class OnReturn:
        def hold(self) -> bool:
            return True

        def holds(self, tx: Tx) -> bool:
            return frozen.holds(tx)

    with pytest.raises(Superseded):
        tick(desk.room, desk.clock(), OnReturn())

    # then
    assert set(reminders(desk, numbers).values()) == {0}
    assert not frozen.hold() and tick(desk.room, desk.clock(), frozen) == []
    tick(desk.room, desk.clock(), awake)
    assert set(reminders(desk, numbers).values()) == {1}


def test_who_loses_the_lead_in_the_middle_of_a_transaction_takes_it_back(desk: DeskDriver) -> None:
    numbers = opened(desk, 3)
    desk.clock.advance(days=2)

    class Lost:
        """Asked at the beginning it leads, at the end no longer."""

        def __init__(self) -> None:
            self.answers = [True, False]

        def hold(self) -> bool:
            return True

        def holds(self, tx: Tx) -> bool:
            return self.answers.pop(0)

    with pytest.raises(Superseded):
        tick(desk.room, desk.clock(), Lost())

    assert set(reminders(desk, numbers).values()) == {0}
    ticked(desk)
    assert set(reminders(desk, numbers).values()) == {1}


def test_a_ticket_that_somebody_holds_is_left_for_the_next_tick_and_the_others_are_done(shared: DeskDriver) -> None:
    desk = shared
    numbers = opened(desk, 3)
    desk.clock.advance(days=2)
    with desk.room.store.begin() as tx:
        assert rows.load(tx, numbers[0], lock=True)
        ticked(desk)
        assert reminders(desk, numbers) == {numbers[0]: 0, numbers[1]: 1, numbers[2]: 1}

    ticked(desk)
    assert set(reminders(desk, numbers).values()) == {1}


def test_what_is_due_is_gone_through_page_by_page(small: DeskDriver) -> None:
    desk = small
    numbers = opened(desk, 7)
    now = desk.clock() + timedelta(days=2)
    with desk.room.store.read() as tx:
        everything = timers.due(tx, now, 1000)
        pages, last = [], None
        while page := timers.due(tx, now, 2, last):
            pages += page
            last = page[-1]

    assert pages == everything
    assert {number for number, _ in everything} == set(numbers)
    assert everything[0][1].due_at > datetime(2026, 3, 2, tzinfo=UTC)
