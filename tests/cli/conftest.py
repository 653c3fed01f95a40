"""A desk in a folder, spoken to by commands that are processes of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.desk_driver import written
from tests.servers.product import Desk

ENVELOPE = ("--sender", "jane@customer.test", "--recipient", "support@acme.test", "--wait")


@pytest.fixture
def product(tmp_path: Path) -> Desk:
    """A desk that nobody has started yet; its mails would go to a folder."""
    return Desk(tmp_path, delivery="maildir:out")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with one ticket, its acknowledgement in the outbox, and one mail in quarantine."""
    desk = Desk(tmp_path_factory.mktemp("used"), delivery="maildir:out")
    desk.cli("ingest", *ENVELOPE, source=written(message_id="<first@client.test>"))
    spam = written(author="eve@evil.test", headers="X-Spam-Flag: YES\n", message_id="<spam@client.test>")
    desk.cli("ingest", "--sender", "eve@evil.test", "--recipient", "support@acme.test", "--wait", source=spam)
    return desk


@pytest.fixture(scope="module")
def answer_of(used: Desk) -> Callable[..., Any]:
    """What a command of the used desk prints as JSON."""

    def ask(*words: str) -> Any:
        return json.loads(used.cli(*words, "--json"))

    return ask
