"""Several relays: an unusable one is passed over, an answer is never asked for twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from relay_scripted import ScriptedRelay

from maild.errors import AmbiguousError, MaildError, PermanentError, RelayError, TransientError
from maild.outbox.backoff import Rate, RateReached
from maild.transport import Meter, TransportOptions, open_relays
from maild.transport.failover import Failover
from maild.transport.meter import Metered

OPTIONS = TransportOptions(timeout=5, after_dot=5, helo="desk.test")
CONTENT = b"Subject: x\r\n\r\nHello\r\n"


def nothing() -> None:
    """No mark is needed here."""


def test_the_next_relay_takes_what_the_first_cannot() -> None:
    with ScriptedRelay({"banner": "421 busy"}) as first, ScriptedRelay() as second:
        relays = open_relays((first.url(), second.url()), OPTIONS)
        relays.send("", "mira@shop.test", CONTENT, nothing)
        relays.close()

    assert (len(first.contents), len(second.contents)) == (0, 1)


def test_a_refusal_is_an_answer_and_no_reason_to_ask_the_next() -> None:
    with ScriptedRelay({"RCPT": "550 5.1.1 unknown"}) as first, ScriptedRelay() as second:
        relays = open_relays((first.url(), second.url()), OPTIONS)
        with pytest.raises(PermanentError):
            relays.send("", "mira@shop.test", CONTENT, nothing)
        relays.close()

    assert second.connections == 0


def test_when_every_relay_is_unusable_each_ones_trouble_is_told() -> None:
    with ScriptedRelay({"banner": "421 busy"}) as first, ScriptedRelay({"banner": "554 closed"}) as second:
        relays = open_relays((first.url(), second.url()), OPTIONS)
        with pytest.raises(RelayError, match=r"421 busy.*554 closed"):
            relays.send("", "mira@shop.test", CONTENT, nothing)
        relays.close()


class Clock:
    """Monotonic seconds that stand until a test moves them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Way:
    """A relay that meets each mail with the next of its errors, then takes all."""

    def __init__(self, *errors: MaildError) -> None:
        self.errors = list(errors)
        self.asked = 0

    def send(self, mail_from: str, rcpt_to: str, content: bytes, before_dot: Callable[[], None]) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        before_dot()
        return "250 taken"

    def close(self) -> None:
        return None


def sent(way: Failover | Metered) -> None:
    way.send("", "mira@shop.test", CONTENT, nothing)


def test_a_relay_that_failed_is_passed_over_for_a_while_and_then_asked_first_again() -> None:
    clock, first, second = Clock(), Way(RelayError("refused"), RelayError("refused")), Way()
    relays = Failover((first, second), clock)

    asked = []
    for seconds in (0, 1, 3.9, 0.2, 5, 24.8, 0.2):
        clock.now += seconds
        sent(relays)
        asked.append(first.asked)

    assert asked == [1, 1, 1, 2, 2, 2, 3]  # after 5 seconds, then after 30
    assert second.asked == 6


def test_a_relay_that_rests_is_asked_when_no_other_is_usable() -> None:
    first, second = Way(RelayError("refused")), Way()
    relays = Failover((first, second), Clock())
    sent(relays)
    second.errors = [RelayError("refused, too")]

    sent(relays)

    assert (first.asked, second.asked) == (2, 2)


@pytest.mark.parametrize("error", [TransientError("451"), PermanentError("550"), AmbiguousError("lost")])
def test_an_answer_or_a_doubt_never_goes_to_a_second_relay(error: MaildError) -> None:
    first, second = Way(error), Way()

    with pytest.raises(type(error)):
        sent(Failover((first, second), Clock()))

    assert second.asked == 0


def test_no_span_of_time_sees_more_mails_than_the_relays_limit() -> None:
    clock = Clock()
    meter = Meter(Rate(3, timedelta(minutes=1)), clock)

    left = []
    for _ in range(2000):
        if not meter.take():
            left.append(clock.now)
        clock.now += 0.37

    assert all(later - earlier >= 60 for earlier, later in zip(left, left[3:], strict=False))
    assert len(left) == 3 * 13  # 740 seconds


def test_a_mail_above_the_limit_learns_how_long_it_waits_and_no_relay_is_asked() -> None:
    clock, way = Clock(), Way()
    relay = Metered(way, Meter(Rate(2, timedelta(minutes=1)), clock))
    sent(relay)
    clock.now += 20
    sent(relay)

    with pytest.raises(RateReached) as caught:
        sent(relay)
    assert caught.value.wait == timedelta(seconds=40)
    clock.now += 40
    sent(relay)

    assert way.asked == 3


def test_all_connections_of_a_process_share_a_relays_limit() -> None:
    meter = Meter(Rate(2, timedelta(minutes=1)), Clock())
    one, other = Metered(Way(), meter), Metered(Way(), meter)
    sent(one)
    sent(other)

    for each in (one, other):
        with pytest.raises(RateReached):
            sent(each)


def test_where_the_first_relay_has_reached_its_limit_the_next_one_takes_over_and_nobody_rests() -> None:
    clock = Clock()
    narrow, wide = Way(), Way()
    limits = [Meter(Rate(count, timedelta(minutes=1)), clock) for count in (1, 2)]
    relays = Failover((Metered(narrow, limits[0]), Metered(wide, limits[1])), clock)
    for _ in range(3):
        sent(relays)

    clock.now += 10
    with pytest.raises(RateReached) as caught:
        sent(relays)
    clock.now += 50
    sent(relays)

    assert caught.value.wait == timedelta(seconds=50)
    assert (narrow.asked, wide.asked) == (2, 2)


def test_a_limit_beside_a_relay_that_failed_is_no_reason_to_wait_for_the_limit() -> None:
    clock = Clock()
    limited = Metered(Way(), Meter(Rate(1, timedelta(days=1)), clock))
    relays = Failover((limited, Way(RelayError("a"), RelayError("refused"))), clock)
    sent(relays)

    with pytest.raises(RelayError) as caught:
        sent(relays)

    assert type(caught.value) is RelayError
