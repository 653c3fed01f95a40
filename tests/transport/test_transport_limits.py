"""How an admin writes a relay's limit and the number of connections, and what the daemon makes of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from maild.config import Config, load_text
from maild.desk.room import open_room
from maild.errors import ConfigError
from maild.outbox.backoff import Rate, rate_of
from maild.parts import deliverers, meters
from maild.resources import data_dir

DESK = '[desk]\nname = "Acme"\naddress = "support@acme.test"\n[delivery]\n'
MINUTELY, HOURLY = Rate(60, timedelta(minutes=1)), Rate(1000, timedelta(hours=1))


def config(text: str, folder: Path = Path()) -> Config:
    return load_text(DESK + text, "maild.toml", folder)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("60/m", MINUTELY),
        (" 1000 / H ", HOURLY),
        ("20/10s", Rate(20, timedelta(seconds=10))),
        ("100000/1d", Rate(100_000, timedelta(days=1))),
    ],
)
def test_a_limit_is_read(text: str, rate: Rate) -> None:
    assert rate_of(text) == rate


@pytest.mark.parametrize("text", ["60", "60/", "/m", "0/m", "5/0s", "-1/m", "60/y", "100001/d", "9" * 5000, "1/m2", 60])
def test_a_limit_that_is_none_is_told_in_words(text: object) -> None:
    with pytest.raises(ValueError, match=r"mails per time such as"):
        rate_of(text)


def test_one_limit_holds_for_each_relay_and_several_for_theirs_in_order() -> None:
    relays = 'url = ["smtp://a", "smtp://b"]\n'

    assert config(relays).delivery.rates == (None, None)
    assert config(f'{relays}rate = "60/m"\n').delivery.rates == (MINUTELY, MINUTELY)
    assert config(f'{relays}rate = ["60/m", "1000/h"]\n').delivery.rates == (MINUTELY, HOURLY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('rate = ["60/m", "60/m", "60/m"]', "6: delivery.rate: must be one limit for each relay, or one for each of the 2"),
        ('rate = "often"', "6: delivery.rate: must be mails per time such as"),
        ("connections = 0", "6: delivery.connections: must be at least 1"),
        ("connections = 21", "6: delivery.connections: must be at most 20"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_line(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told.replace(".", r"\.")):
        config(f'url = ["smtp://a", "smtp://b"]\n{text}\n')


def test_connections_are_claimed_under_names_of_their_own(tmp_path: Path) -> None:
    given = config('url = "null:"\nrate = "1/m"\nconnections = 3\n', tmp_path)
    room = open_room(given, data_dir("migrations"))
    senders = deliverers(given, room, given.delivery.connections)
    room.store.close()

    assert len({sender._name for sender in senders}) == 3
    assert [meter.rate if meter else None for meter in meters(given)] == [Rate(1, timedelta(minutes=1))]
