"""`maild ticket do`: the same commands as by mail, with the same permissions."""

import pytest

from maild.desk.act import WrongLines
from maild.errors import PermanentError
from tests.desk_driver import PROVEN, DeskDriver, written

JANE = "Jane Doe <jane@customer.test>"


def _opened(desk: DeskDriver) -> None:
    desk.receive(written(author=JANE))
    desk.relay.take()


@pytest.mark.parametrize("text", ["Hello Jane.", "#reply Hello Jane.", "#note one\n#reply\n\nHello Jane."])
def test_who_may_not_answer_by_mail_may_not_answer_here(desk: DeskDriver, text: str) -> None:
    _opened(desk)

    with pytest.raises(WrongLines, match="may not"):
        desk.do(1001, text, "dora")

    assert not desk.relay.sent
    assert len(desk.messages()) == 1


def test_who_may_note_by_mail_may_note_here(desk: DeskDriver) -> None:
    _opened(desk)

    desk.do(1001, "#note\n\nIt is the fuse.", "dora")

    assert desk.messages()[-1].visibility == "internal"
    assert not desk.relay.to("jane@customer.test")


def test_one_wrong_line_stops_all_of_them(desk: DeskDriver) -> None:
    _opened(desk)

    with pytest.raises(WrongLines, match="#assign"):
        desk.do(1001, "#tag vpn\n#asign bob\n\nHello Jane.", "alice")

    assert desk.ticket().tags == ()
    assert not desk.relay.sent


def test_what_is_so_already_writes_nothing(desk: DeskDriver) -> None:
    _opened(desk)
    desk.do(1001, "#take", "alice")
    before = desk.history()

    desk.do(1001, "#take", "alice")

    assert desk.history() == before


def test_a_ticket_that_is_not_there_is_named(desk: DeskDriver) -> None:
    with pytest.raises(PermanentError, match="TICK-4711"):
        desk.do(4711, "#close", "alice")


@pytest.mark.parametrize("text", ["#1 of our printers is broken", "##close", "# 5 things to do", "#"])
def test_an_agent_whose_mail_only_looks_like_a_command_opens_a_ticket_like_anybody(desk: DeskDriver, text: str) -> None:
    done = desk.receive(written(author="alice@acme.test", body=f"{text}\n", headers=PROVEN), trusted=True)

    assert (done.state, desk.ticket().requester.address) == ("filed", "alice@acme.test")


@pytest.mark.parametrize("text", ["#close", "\u200b#close", "＃close", "\u00a0# close"])
def test_an_agents_command_that_belongs_to_no_ticket_comes_back(desk: DeskDriver, text: str) -> None:
    desk.receive(written(author="alice@acme.test", body=f"{text}\n", headers=PROVEN), trusted=True)

    assert [each.event for each in desk.relay.take()] == ["commands_refused"]
    assert desk.tickets() == []
