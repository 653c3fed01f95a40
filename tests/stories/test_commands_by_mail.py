"""Every command of the registry by mail: from four mail clients, and on a ticket that one may not see (SPEC AG-2, AG-3)."""

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path

import pytest

from maild.commands import COMMANDS, Command
from maild.commands.told import told
from maild.desk.receive import Done
from tests.commands.desk import NINA, SAM, Case, desk_with_words, opened
from tests.commands.examples import EXAMPLES
from tests.commands.mail_clients import CLIENTS, html_mail, mail_of_two_forms, plain_mail
from tests.conftest import DATABASES
from tests.desk_driver import PROVEN, DeskDriver, written
from tests.servers import postgresql

NAME = attrgetter("name")


@pytest.fixture(scope="module", params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskDriver]:
    """One desk for all commands: each has tickets of its own."""
    folder: Path = tmp_path_factory.mktemp("commands")
    url = postgresql.fresh_database() if request.param == "postgresql" else f"sqlite:///{folder}/maild.db"
    driver = desk_with_words(folder, url)
    yield driver
    driver.close()


def outcome(desk: DeskDriver, case: Case, done: Done) -> list[str]:
    """All that came of a mail, in words without numbers: events here and on the other ticket, mails, answers."""
    events = [
        f"{place} {event.actor} {told(event.change, desk.room.book)} ({event.reason})"
        for place, number, since in (("own", case.own, case.seq), ("other", case.other, case.other_seq))
        for event in desk.history(number)
        if event.seq > since
    ]
    sent = desk.relay.take()
    mails = sorted(f"{each.rcpt_to} got {each.event}" for each in sent)
    outside = sorted(each.text for each in sent if not each.rcpt_to.endswith("@acme.test"))
    return [_unnumbered(row, case) for row in (f"{done.state} {done.reason}", *events, *mails, *outside)]


def _unnumbered(row: str, case: Case) -> str:
    row = (
        row.replace(case.customer, "CUSTOMER").replace(f"TICK-{case.own}", "OWN").replace(f"TICK-{case.other}", "OTHER")
    )
    row = " ".join(row.split())  # a paragraph more or less is the client's taste
    return re.sub(
        r"k[a-z0-9]{27,}|TICK-\d+|message \d+|\(message \d+\)|ref [a-z0-9]{20,}|c\d+@customer\.test", "N", row
    )


@pytest.mark.parametrize("command", COMMANDS, ids=NAME)
def test_a_command_does_the_same_from_every_mail_client(desk: DeskDriver, command: Command) -> None:
    example = EXAMPLES[command.name]
    desk.clock.advance(hours=1)
    plain = opened(desk, example)
    files = example.files

    done = desk.receive(plain_mail(plain.text(example), plain.notice, author=SAM, files=files), trusted=True)
    expected = outcome(desk, plain, done)

    assert done.state == "filed", done.reason
    assert len(expected) > 1, "it changes something, or somebody is told"
    for client in CLIENTS if desk.config.database_url.startswith("sqlite") else _one_of(CLIENTS, command):
        case = opened(desk, example)
        source = html_mail(client, case.text(example), case.notice, author=SAM, files=files)
        assert outcome(desk, case, desk.receive(source, trusted=True)) == expected, client


def _one_of(clients: Iterable[str], command: Command) -> list[str]:
    """Mails are read in the same way whatever database is behind: there one client after the other takes its turn."""
    names = list(clients)
    return [names[COMMANDS.index(command) % len(names)]]


@pytest.mark.parametrize("command", COMMANDS, ids=NAME)
def test_on_a_ticket_that_one_may_not_see_no_command_does_anything(desk: DeskDriver, command: Command) -> None:
    example = EXAMPLES[command.name]
    desk.clock.advance(hours=1)
    case = opened(desk, example)
    subject = f"Re: [TICK-{case.own}] Printer on fire"
    mail = written(author=NINA, subject=subject, body=case.text(example) + "\n", headers=PROVEN)

    desk.receive(mail, trusted=True)

    sent = desk.relay.take()
    assert [(each.rcpt_to, each.event) for each in sent] == [("nina@acme.test", "commands_refused")]
    assert f"there is no ticket TICK-{case.own}" in sent[0].text
    news = [event.change.kind for event in desk.history(case.own) if event.seq > case.seq]
    assert news == ["refused"]
    assert [event for event in desk.history(case.other) if event.seq > case.other_seq] == []


ADDRESSED = [name for name, example in EXAMPLES.items() if "@" in example.text and not example.files]


@pytest.mark.parametrize("name", ADDRESSED)
def test_addresses_that_a_client_made_links_of_are_read_from_its_plain_text(desk: DeskDriver, name: str) -> None:
    example = EXAMPLES[name]
    desk.clock.advance(hours=1)
    plain, case = opened(desk, example), opened(desk, example)
    expected = outcome(
        desk, plain, desk.receive(plain_mail(plain.text(example), plain.notice, author=SAM), trusted=True)
    )

    source = mail_of_two_forms("outlook", case.text(example), case.notice, author=SAM)

    assert outcome(desk, case, desk.receive(source, trusted=True)) == expected


def test_every_command_has_an_example_and_every_example_a_command() -> None:
    assert set(EXAMPLES) == {each.name for each in COMMANDS}
