"""How many connections send at once: as many as the relay's slowness makes worth their while."""

import threading
from datetime import timedelta
from pathlib import Path
from random import Random

from maild.config import load_text
from maild.daemon import templates
from maild.desk.deliver import Deliverer, Policy
from maild.desk.room import open_room
from maild.outbox.pace import Pace
from maild.resources import data_dir


class Stopwatch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def sent(pace: Pace, watch: Stopwatch, *milliseconds: int, place: int = 0) -> None:
    for each in milliseconds:
        with pace.mail(place):
            watch.now += each / 1000


def wanted(pace: Pace, of: int = 5) -> int:
    return sum(pace.wants(place) for place in range(of))


def test_the_first_connection_always_sends() -> None:
    assert wanted(Pace()) == 1


def test_a_relay_nearby_gets_one_connection() -> None:
    pace = Pace(watch := Stopwatch())
    sent(pace, watch, *[4] * 50)

    assert wanted(pace) == 1


def test_one_slow_mail_does_not_change_that() -> None:
    pace = Pace(watch := Stopwatch())
    sent(pace, watch, *[4] * 50, 200, 4)

    assert wanted(pace) == 1


def test_each_50_ms_of_a_slow_relay_are_worth_a_connection_more() -> None:
    pace = Pace(watch := Stopwatch())
    sent(pace, watch, *[120] * 50)

    assert wanted(pace) == 3


def test_a_relay_that_became_quick_again_is_left_with_one() -> None:
    pace = Pace(watch := Stopwatch())
    sent(pace, watch, *[220] * 50, *[4] * 20)

    assert wanted(pace) == 1


def test_while_one_mail_hangs_the_others_do_not_wait_for_it() -> None:
    pace = Pace(watch := Stopwatch())
    with pace.mail(0):
        watch.now += 0.25
        assert wanted(pace) == 5
        with pace.mail(1):
            assert wanted(pace) == 5


def test_a_mail_that_fails_counts_as_well() -> None:
    pace = Pace(watch := Stopwatch())
    for _ in range(50):
        try:
            with pace.mail(0):
                watch.now += 0.06
                raise OSError("the relay is gone")
        except OSError:
            pass

    assert wanted(pace) == 2


class Relay:
    """Knows whether a connection is open."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


def test_a_connection_that_is_not_wanted_is_closed(tmp_path: Path, sqlite_url: str) -> None:
    given = load_text(
        f'[desk]\nname = "Acme"\naddress = "a@b.test"\n[database]\nurl = "{sqlite_url}"\n', "maild.toml", tmp_path
    )
    room = open_room(given, data_dir("migrations"))
    policy, relay, stop = Policy((timedelta(minutes=1),), timedelta(days=5)), Relay(), threading.Event()
    spare = Deliverer(room, relay, templates(given), policy, "spare", Random(1), pace=Pace(), place=1)  # type: ignore[arg-type]

    thread = threading.Thread(target=spare.run, args=(stop,))
    thread.start()
    try:
        assert relay.closed.wait(10)
    finally:
        stop.set()
        thread.join(10)
        room.store.close()
