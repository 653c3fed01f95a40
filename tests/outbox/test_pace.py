"""How many connections send at once: as many as the slowness of mails makes worth their while."""

from contextlib import suppress

import pytest

from maild.outbox.pace import Pace


class Stopwatch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def wanted(pace: Pace) -> int:
    return sum(pace.wants(place) for place in range(5))


def test_the_first_connection_always_sends() -> None:
    assert wanted(Pace()) == 1


@pytest.mark.parametrize(
    ("milliseconds", "connections"),
    [
        pytest.param([4] * 50, 1, id="a relay nearby gets one"),
        pytest.param([*[4] * 50, 200, 4], 1, id="one slow mail does not change that"),
        pytest.param([120] * 50, 3, id="each 50 ms are worth one more"),
        pytest.param([*[220] * 50, *[4] * 20], 1, id="a relay that became quick again is left with one"),
    ],
)
@pytest.mark.parametrize("failure", [None, OSError("the relay is gone")], ids=["sent", "failed"])
def test_connections_follow_what_a_mail_takes_sent_or_not(
    milliseconds: list[int], connections: int, failure: OSError | None
) -> None:
    pace = Pace(watch := Stopwatch())
    for each in milliseconds:
        with suppress(OSError), pace.mail(0):
            watch.now += each / 1000
            if failure is not None:
                raise failure

    assert wanted(pace) == connections


def test_while_one_mail_hangs_the_others_do_not_wait_for_it() -> None:
    pace = Pace(watch := Stopwatch())
    with pace.mail(0):
        watch.now += 0.25
        assert wanted(pace) == 5
        with pace.mail(1):
            assert wanted(pace) == 5
