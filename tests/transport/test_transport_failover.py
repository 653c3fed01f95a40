"""Several relays: an unusable one is passed over, an answer is never asked for twice."""

import pytest
from relay_scripted import ScriptedRelay

from maild.errors import PermanentError, RelayError
from maild.transport import TransportOptions, open_relays

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
