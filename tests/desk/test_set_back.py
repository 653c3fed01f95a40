"""What waits when the wall clock is set back: nothing that was due, or nearly, waits for the hours to pass again."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from maild.desk.recover import end_waits_by_another_clock
from maild.errors import RelayError, TransientError
from maild.mail.envelope import Envelope, Via
from maild.pulse import Pulse
from maild.store import inbound, outbox, schema
from tests.desk_driver import DeskDriver, written

JANE = "Jane Doe <jane@customer.test>"
LEASE, WAIT = timedelta(minutes=15), timedelta(hours=8)


def _set_back(desk: DeskDriver, **length: float) -> None:
    desk.clock.advance(**{unit: -amount for unit, amount in length.items()})
    end_waits_by_another_clock(desk.room, LEASE, WAIT)


def test_a_mail_that_was_written_just_before_leaves_at_once(desk: DeskDriver) -> None:
    desk.keep(written(author=JANE))

    _set_back(desk, hours=1)
    desk.deliverer.drain()

    assert {row.state for row in desk.outbox()} == {"sent"}


@pytest.mark.parametrize("length", [timedelta(hours=1), timedelta(days=2)])
def test_a_mail_that_was_to_be_tried_again_soon_is_tried_again_now(desk: DeskDriver, length: timedelta) -> None:
    desk.relay.refuse("jane@customer.test", TransientError("451 later"))
    desk.receive(written(author=JANE))

    _set_back(desk, seconds=length.total_seconds())
    desk.deliverer.drain()

    assert {row.state for row in desk.outbox()} == {"sent"}


def test_a_mail_that_was_tried_while_the_clock_was_days_ahead_does_not_wait_for_them(desk: DeskDriver) -> None:
    desk.relay.refuse("jane@customer.test", TransientError("451 later"), TransientError("451 later"))
    desk.receive(written(author=JANE))
    desk.clock.advance(days=2)
    desk.deliverer.drain()

    _set_back(desk, days=2)
    desk.deliverer.drain()

    assert {row.state for row in desk.outbox()} == {"sent"}


def test_a_relay_that_rests_is_asked_again(desk: DeskDriver) -> None:
    desk.relay.refuse("jane@customer.test", RelayError("421 not now"))
    desk.receive(written(author=JANE))
    assert desk.deliverer.deliver_once() == 0

    _set_back(desk, hours=1)
    desk.deliverer.drain()

    assert {row.state for row in desk.outbox()} == {"sent"}


def test_a_claim_of_another_host_ends_when_one_of_now_would(desk: DeskDriver) -> None:
    desk.acceptor.submit(written(), Envelope(Via.SMTP, desk.clock())).result(10)
    with desk.room.store.begin() as tx:
        assert len(inbound.claim(tx, "elsewhere/1/worker/1", desk.clock(), LEASE, 9)) == 1

    _set_back(desk, hours=1)
    desk.clock.advance(minutes=16)

    assert len(desk.worker.drain()) == 1


def test_what_quiet_hours_put_off_leaves_when_they_end(desk: DeskDriver) -> None:
    desk.keep(written(author=JANE))
    ends = desk.clock() + timedelta(hours=8)
    with desk.room.store.begin() as tx:
        tx.execute(sa.update(schema.outbox).values(next_at=ends))

    _set_back(desk, hours=1)

    assert {row.next_at for row in desk.outbox()} == {ends}


def test_a_retry_whose_time_is_near_and_true_stays(desk: DeskDriver) -> None:
    desk.relay.refuse("jane@customer.test", TransientError("451 later"))
    desk.receive(written(author=JANE))

    assert end_waits_by_another_clock(desk.room, LEASE, WAIT) == 0


def test_a_claim_may_last_as_long_as_the_config_gives_it(tmp_path: Path, sqlite_url: str) -> None:
    desk = DeskDriver(tmp_path, sqlite_url, extra='[leases]\noutbox = "1h"\n')
    desk.keep(written(author=JANE))
    broke: list[object] = []
    pulse = Pulse(desk.room, desk.config, lambda *found: broke.append(found))
    pulse.look()
    with desk.room.store.begin() as tx:
        outbox.claim(tx, "other/1/delivery/1", desk.clock(), desk.config.leases.outbox, timedelta(minutes=1), 20)

    desk.clock.advance(minutes=-5)
    pulse.look()

    assert {row.leased_until - desk.clock() for row in desk.outbox()} == {timedelta(hours=1)}
    assert not broke
    desk.close()
