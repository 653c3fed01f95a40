"""What the edges may ask: is this recipient ours, is there room, is the password right."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.desk.front_door import FrontDoor
from maild.errors import TransientError
from maild.mail.tokens import TokenKind, plus_address
from maild.store import Store
from tests.desk_driver import DeskDriver

BLOCKED = '[senders]\nblock = ["evil.test", "mallory@customer.test"]\nallow = ["good@evil.test"]\n'


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str) -> Iterator[DeskDriver]:
    driver = DeskDriver(tmp_path, sqlite_url, extra=BLOCKED)
    yield driver
    driver.close()


@pytest.fixture
def door(desk: DeskDriver) -> FrontDoor:
    return FrontDoor(desk.room, desk.acceptor, {"alice": "correct horse", "bob": ""})


@pytest.mark.parametrize(
    "address",
    [
        "support@acme.test",
        "SUPPORT@Acme.Test",
        "support+anything@acme.test",
        "postmaster@acme.test",
        "Postmaster@ACME.test",
    ],
)
def test_our_addresses_in_every_writing_are_recipients(door: FrontDoor, address: str) -> None:
    assert door.is_recipient(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "@", "support", "@acme.test", "sales@acme.test", "support@acme.test.", "support@evil.test",
        "support%evil.test@acme.test", "support@evil.test@acme.test", "@relay.test:support@acme.test", " support@acme.test",
        "support@acme.test\x00", "support@acme.test@evil.test", "alice@acme.test", "s\u0131pport@acme.test",
        "support@ac\u043ce.test", "+support@acme.test", "postmaster@evil.test", "xsupport@acme.test", "\udcff@acme.test",
    ],
)  # fmt: skip
def test_nobody_else_is_a_recipient(door: FrontDoor, address: str) -> None:
    assert not door.is_recipient(address)


def test_a_signed_reply_address_is_a_recipient(door: FrontDoor, desk: DeskDriver) -> None:
    token = desk.room.book.signer.sign(TokenKind.PUBLIC, 1001, "jane@customer.test", desk.clock())

    assert door.is_recipient(plus_address("support@acme.test", token))


def test_the_block_list_names_addresses_and_domains_and_the_allow_list_excepts(door: FrontDoor) -> None:
    blocked = ["x@evil.test", "X@EVIL.test", "mallory@customer.test", "good@evil.test", "jane@customer.test", ""]

    assert [door.is_blocked(each) for each in blocked] == [True, True, True, False, False, False]


@pytest.mark.parametrize("name", ["alice", "Alice", "alice@acme.test"])
def test_an_agent_logs_in_by_name_or_address(door: FrontDoor, name: str) -> None:
    assert door.login(name, "correct horse") == "alice"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice", ""), ("alice", "Correct horse"), ("alice", "correct horse "), ("alice", "\udcff"), ("alice", "\x00"),
        ("bob", ""), ("dora", ""), ("dora", "x"), ("nobody", ""), ("nobody", "correct horse"), ("", ""), ("\udcff", "x"),
    ],
)  # fmt: skip
def test_every_other_login_is_refused(door: FrontDoor, name: str, password: str) -> None:
    assert door.login(name, password) is None


def test_a_store_that_is_away_means_no_room_and_is_asked_again_later(desk: DeskDriver) -> None:
    class Away(Store):
        def read(self) -> object:  # type: ignore[override]
            raise TransientError("the database is not usable now")

    whole = desk.room.store
    assert FrontDoor(desk.room, desk.acceptor, {}).has_room()

    desk.room.store = Away(whole._engine, whole._quick, whole.url)
    assert not FrontDoor(desk.room, desk.acceptor, {}).has_room()

    desk.room.store = whole
    assert FrontDoor(desk.room, desk.acceptor, {}).has_room()
