"""Every command of the registry by mail: from four mail clients, and on a ticket that one may not see (SPEC AG-2, AG-3)."""

import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import pytest

from maild.commands import COMMANDS, Command, read_script
from maild.commands.lines import split_reason
from maild.commands.told import told
from maild.desk.receive import Done
from maild.mail.model import Hints, Limits
from maild.mail.parse import understand
from tests.commands.desk import NINA, SAM, Case, desk_with_words, opened
from tests.commands.examples import EXAMPLES
from tests.commands.mail_clients import CLIENTS, html_mail, mail_of_two_forms, plain_mail
from tests.conftest import DATABASES
from tests.desk_driver import PROVEN, DeskDriver, Sent, written
from tests.servers import postgresql

NAME = attrgetter("name")
HINTS = Hints(
    frozenset({"support@acme.test"}), ("Acme Support",), "##- Please type your reply above this line -##", "TICK"
)
NOTICE = Sent(
    "support@acme.test",
    "sam@acme.test",
    b"Reply-To: support+x@acme.test\r\nSubject: [TICK-1001] Printer on fire\r\nMessage-ID: <n.1@acme.test>\r\n\r\n"
    b"##- Please type your reply above this line -##\r\n\r\nNew ticket TICK-1001\r\n\r\n> The printer burns.\r\n",
)


@pytest.fixture(scope="module")
def quick_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskDriver]:
    """The same on SQLite alone, for what is decided before anything is written."""
    folder: Path = tmp_path_factory.mktemp("quick")
    driver = desk_with_words(folder, f"sqlite:///{folder}/maild.db")
    yield driver
    driver.close()


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


def _read(source: bytes) -> tuple[list[tuple[str, str, str]], list[str]]:
    """(words, arguments and reasons of the commands, the words below them) of a mail's new text."""
    script = read_script(understand(source, HINTS, Limits()).new_text)
    return [(line.word, *split_reason(line.argument)) for line in script.lines], script.text.split()


@pytest.mark.parametrize("command", COMMANDS, ids=NAME)
@pytest.mark.parametrize("client", CLIENTS)
def test_all_clients_say_the_same_as_plain_text(client: str, command: Command) -> None:
    text = EXAMPLES[command.name].text.replace("{own}", "1001").replace("{other}", "1002")

    plain = _read(plain_mail(text, NOTICE, author=SAM))
    lines, words = _read(html_mail(client, text, NOTICE, author=SAM))

    assert plain[0][0][0] == command.name
    assert (lines, words) == plain
    assert _read(mail_of_two_forms(client, text, NOTICE, author=SAM)) == plain


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
    for client in _turns(desk, command):
        case = opened(desk, example)
        source = html_mail(client, case.text(example), case.notice, author=SAM, files=files)
        assert outcome(desk, case, desk.receive(source, trusted=True)) == expected, client


def _turns(desk: DeskDriver, command: Command) -> tuple[str, ...]:
    """Clients take turns, other ones on each database; that all four say the same is shown without a desk, above."""
    names, place = list(CLIENTS), COMMANDS.index(command)
    first, second = names[place % 4], names[(place + 2) % 4]
    return (first, second) if desk.config.database_url.startswith("sqlite") else (names[(place + 1) % 4],)


@pytest.mark.parametrize("command", COMMANDS, ids=NAME)
def test_on_a_ticket_that_one_may_not_see_no_command_does_anything(quick_desk: DeskDriver, command: Command) -> None:
    desk = quick_desk
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
    if case.other != case.own:
        assert [event for event in desk.history(case.other) if event.seq > case.other_seq] == []


def test_every_command_has_an_example_and_every_example_a_command() -> None:
    assert set(EXAMPLES) == {each.name for each in COMMANDS}


def _acknowledged(desk: DeskDriver) -> tuple[Case, Sent, str]:
    desk.clock.advance(hours=1)
    case = opened(desk, EXAMPLES["take"])
    desk.receive(plain_mail("#resolve\n\nDone.", case.notice, author=SAM), trusted=True)
    sent = desk.relay.take()
    return case, next(each for each in sent if each.rcpt_to == case.customer), f"Jane Doe <{case.customer}>"


@pytest.mark.parametrize(
    ("line", "status", "rating"),
    [
        ("#solved", "closed", None),
        ("#Solved\n#rate 5 Quick!", "closed", 5),
        ("#broken\n\nIt burns again.", "open", None),
        ("#rate 4 good", "resolved", 4),
    ],
)
def test_customers_say_by_a_line_what_they_may(
    quick_desk: DeskDriver, line: str, status: str, rating: int | None
) -> None:
    case, answer, jane = _acknowledged(quick_desk)

    quick_desk.answer(answer, line, author=jane)

    ticket = quick_desk.ticket(case.own)
    assert (ticket.status, ticket.rating) == (status, rating)


def test_a_customers_question_for_the_status_is_answered_to_him_alone(quick_desk: DeskDriver) -> None:
    case, answer, jane = _acknowledged(quick_desk)

    quick_desk.answer(answer, "#status", author=jane)

    sent = [each for each in quick_desk.relay.take() if not each.rcpt_to.endswith("@acme.test")]
    assert [(each.rcpt_to, each.event) for each in sent] == [(case.customer, "your_status")]
    assert quick_desk.ticket(case.own).status == "resolved"


@pytest.mark.parametrize("line", ["#solved", "#rate 1 awful"])
def test_a_line_under_a_guessed_subject_is_only_text(quick_desk: DeskDriver, line: str) -> None:
    case, _, jane = _acknowledged(quick_desk)

    quick_desk.receive(written(author=jane, subject=f"Re: [TICK-{case.own}] Printer on fire", body=f"{line}\n"))

    ticket = quick_desk.ticket(case.own)
    assert (ticket.status, ticket.rating) == ("open", None)
    assert quick_desk.messages(case.own)[-1].new_text == line


@pytest.mark.parametrize("field", ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes"])
@pytest.mark.parametrize("line", ["#solved", "#broken", "#rate 1", "#status"])
def test_a_robots_line_does_nothing(quick_desk: DeskDriver, line: str, field: str) -> None:
    case, answer, jane = _acknowledged(quick_desk)

    quick_desk.answer(answer, line, author=jane, extra=f"{field}\n")

    ticket = quick_desk.ticket(case.own)
    assert (ticket.status, ticket.rating) == ("resolved", None)
    assert not [each for each in quick_desk.relay.take() if each.rcpt_to == case.customer]


@pytest.mark.parametrize("line", ["#take", "#note he never pays", "#assign bob", "#delete TICK-{own}", "#undo"])
def test_an_agents_command_is_only_text_from_a_customer(quick_desk: DeskDriver, line: str) -> None:
    case, answer, jane = _acknowledged(quick_desk)

    quick_desk.answer(answer, case.filled(line), author=jane)

    ticket = quick_desk.ticket(case.own)
    assert (ticket.status, ticket.deleted, ticket.assignee) == ("open", False, "sam")
    assert quick_desk.messages(case.own)[-1].new_text == case.filled(line)


@pytest.mark.parametrize("dash", ["--", "—", "–"])
def test_the_words_of_a_ticket_for_somebody_else_never_reach_this_customer(quick_desk: DeskDriver, dash: str) -> None:
    quick_desk.clock.advance(hours=1)
    case = opened(quick_desk, EXAMPLES["take"])
    text = f"#for ida@customer.test {dash} she called\n\nHello Ida, your QUOKKA is here."

    quick_desk.receive(plain_mail(text, case.notice, author=SAM), trusted=True)

    told_ = [each.rcpt_to for each in quick_desk.relay.take() if "QUOKKA" in each.everything]
    assert told_ == ["ida@customer.test"]


@pytest.mark.parametrize(
    "text",
    [
        "#note He never pays QUOKKA.\n#reply Dear Jane, all is well.",
        "#take\n\nDear Jane, all is well.\n#note he never pays QUOKKA",
        "#close -- this customer shouted at all of us on the phone today and so we\nshould not answer him QUOKKA",
        "#take\n#show TICK-99999\n\nDear Jane, all is well QUOKKA.",
    ],
)
def test_a_mail_that_could_tell_a_customer_too_much_comes_back(quick_desk: DeskDriver, text: str) -> None:
    quick_desk.clock.advance(hours=1)
    case = opened(quick_desk, EXAMPLES["take"])

    quick_desk.receive(plain_mail(text, case.notice, author=SAM), trusted=True)

    sent = quick_desk.relay.take()
    assert [(each.rcpt_to, each.event) for each in sent] == [("sam@acme.test", "commands_refused")]
    assert "QUOKKA" in sent[0].text
    assert quick_desk.ticket(case.own).seq == case.seq
