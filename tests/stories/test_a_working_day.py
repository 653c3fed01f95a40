"""A working day of two agents, a lead and a manager with mail only; every mail of it is kept in `tests/golden/mails`."""

import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from maild.mail.tokens import FOUND
from tests.conftest import DATABASES
from tests.desk_driver import Sent
from tests.golden.day import play
from tests.golden.people import (
    ALICE,
    BOB,
    CARL,
    CUSTOMERS,
    JANE,
    MONA,
    OUTSIDE,
    PAULA,
    QUENTIN,
    STAFF,
    SVEN,
    VENDOR,
    Person,
)
from tests.golden.players import Anchors, Day, as_a_client_reads, html_of
from tests.golden.written import kept, on_disk
from tests.servers import postgresql

# Who stands on To and Cc of one mail and so reads the other's name and address: colleagues whose tickets were merged,
# and whom a customer copied himself (OUT-6). Nobody reads the other's words: our mails repeat only an agent's.
KNOW_EACH_OTHER = ({JANE, CARL}, {PAULA, QUENTIN})
TO_CUSTOMERS = {"acknowledgement", "answer", "outreach", "resolved", "closed", "merged", "your_status", "unsubscribed"}
TO_AGENTS = {
    "new_ticket", "customer_reply", "supplier_reply", "note", "answer_copy", "assignment", "change", "transcript",
    "commands_refused", "digest", "held",
}  # fmt: skip
# What a supervisor is asked about TICK-1001, and the lines of #history that answer it: (when, who, what).
ASKED = (
    ("10:00", "jane@customer.test (customer)", "new ticket of jane@customer.test: Printer on fire"),
    ("10:09", "alice", "assignee: nobody → alice"),
    ("10:12", "alice", "wrote a note: “@bob have you seen such a thing before?"),
    ("10:15", "bob", "wrote a note: “Yes, the same model in May"),
    ("10:18", "alice", "priority: normal → high · why: quokka: fire"),
    ("10:18", "alice", "status: new → waiting"),
    ("10:21", "jane@customer.test (customer)", "status: waiting → open"),
    ("10:27", "alice", "TICK-1002 merged into TICK-1001 · why: the same printer, says quokka"),
    ("10:33", "alice", "wrote to the supplier: “Your model P12 burns. Is there a new fan?”"),
    ("10:36", "help@vendor.test (supplier)", "the supplier wrote: “Yes, a fan for 12 EUR, and a free cormorant.”"),
    ("10:42", "alice", "answered the customer: “The new fan is in. Please try again.”"),
    ("10:42", "alice", "40 minutes spent"),
    ("10:45", "jane@customer.test (customer)", "status: resolved → open"),
    ("10:57", "jane@customer.test (customer)", "status: resolved → closed"),
    ("11:00", "jane@customer.test (customer)", "rated 2 of 5: It took three visits. Ask the platypus."),
)


@pytest.fixture(scope="module", params=DATABASES)
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day, played once on each database."""
    folder = tmp_path_factory.mktemp("day")
    url = f"sqlite:///{folder}/maild.db" if request.param == "sqlite" else postgresql.fresh_database()
    played = play(folder, url)
    yield played
    played.desk.close()


def read_by(mail: Sent) -> str:
    """All that its reader could find: fields, both forms, links as they are decoded."""
    fields = [str(make_header(decode_header(str(value)))) for value in mail.mail.values()]
    links = [" ".join(as_a_client_reads(href)) for _, href in Anchors(html_of(mail)).found]
    return "\n".join([mail.everything, *fields, *links])


def to_outside(day: Day) -> list[tuple[Person, Sent]]:
    """Every mail that leaves the desk's own people, with its reader."""
    return [(each, mail) for each in OUTSIDE for mail in day.to(each)]


def friends(reader: Person) -> set[Person]:
    """Who may be named in his mails."""
    return {reader}.union(*(group for group in KNOW_EACH_OTHER if reader in group))


def strange(day: Day, mail: Sent) -> list[str]:
    """Where a click or an answer would lead that is not signed for who stands on To."""
    signer = day.desk.room.book.signer
    reader = mail["To"].rpartition("<")[2].rstrip(">")
    places = [mail["Reply-To"], *(as_a_client_reads(href)[0] for _, href in Anchors(html_of(mail)).found)]
    tokens = [(place, signer.verify(text)) for place in places for text in FOUND.findall(place)]
    return [place for place, token in tokens if token is None or not signer.is_for(token, reader)]


def test_every_mail_of_the_day_is_as_it_was_when_somebody_read_it(day: Day) -> None:
    # Changed on purpose? `python -m tests.golden.rewrite`, then read what changed.
    now, then = kept(day.mails), on_disk()

    assert [name for name in sorted(now.keys() | then.keys()) if now.get(name) != then.get(name)] == []
    assert now == then


def test_the_day_shows_every_kind_of_mail_that_work_by_mail_has(day: Day) -> None:
    told = {mail.event for mail in day.mails}

    assert TO_CUSTOMERS | TO_AGENTS | {"supplier_message"} <= told


def test_a_rating_is_told_to_the_one_whose_work_it_was(day: Day) -> None:
    rated = [mail for mail in day.to(ALICE) if mail.event == "rated"]

    assert "was rated 2 of 5" in rated[0].text and "It took three visits." in rated[0].text


def test_the_work_is_done(day: Day) -> None:
    found = {number: day.desk.ticket(number) for number in range(1001, 1017)}

    printer = found[1001]
    assert (printer.status, printer.priority, printer.assignee, printer.rating) == ("closed", "high", "alice", 2)
    assert (printer.minutes, [todo.done for todo in printer.todos]) == (60, [True])
    assert [found[number].merged_into for number in (1002, 1003)] == [1001, 1001]
    assert (found[1004].status, found[1004].rating, found[1004].language) == ("closed", 5, "de")
    assert (found[1005].status, found[1005].assignee) == ("closed", "bob")
    assert QUENTIN.address not in [each.address for each in found[1005].participants]
    assert (found[1006].status, found[1007].assignee) == ("resolved", "bob")
    assert {found[number].status for number in range(1008, 1013)} == {"resolved"}
    assert {found[number].requester.address for number in range(1013, 1017)} == {
        each.address for each in CUSTOMERS[-4:]
    }


def test_every_customer_of_an_incident_gets_a_mail_of_his_own_about_his_own_ticket(day: Day) -> None:
    ends = [mail for mail in day.mails if mail.event == "answer" and "All shops work again" in mail.text]
    assert len({mail.rcpt_to for mail in ends}) == len({mail["X-Maild-Ticket"] for mail in ends}) == len(ends) == 5
    assert {mail["Cc"] for mail in ends} == {""}


def test_who_is_given_a_ticket_reads_what_the_customer_wrote_last(day: Day) -> None:
    assert "may I have a second curlew keyboard?" in day.last(BOB, "assignment").text


def test_no_word_of_the_desks_own_people_and_no_address_of_theirs_leaves_the_desk(day: Day) -> None:
    secrets = [each.canary for each in STAFF] + [each.address for each in STAFF] + ["#assign", "Assigned to", "thread@"]

    found = {
        (reader.name, mail.event, word) for reader, mail in to_outside(day) for word in secrets if word in read_by(mail)
    }

    assert found == set()


def test_nobody_outside_reads_the_words_of_another(day: Day) -> None:
    words = {each: each.canary for each in OUTSIDE if each.canary}

    found = {
        (reader.name, mail.event, other.name)
        for reader, mail in to_outside(day)
        for other, word in words.items()
        if other != reader and word in read_by(mail)
    }

    assert found == set()


def test_nobody_outside_learns_who_another_is_unless_they_know_each_other(day: Day) -> None:
    found = {
        (reader.name, mail.event, other.name)
        for reader, mail in to_outside(day)
        for other in set(OUTSIDE) - friends(reader)
        if other.address in read_by(mail) or other.name in read_by(mail)
    }

    assert found == set()


def test_subjects_alone_go_with_a_ticket_to_whoever_works_on_it_or_was_merged_into_it(day: Day) -> None:
    """A merged stranger's answers and the supplier's mails stand under the ticket's subject: Jane's three words."""
    assert "Printer on fire" in day.to(SVEN)[-1]["Subject"]
    assert "Printer on fire" in day.to(VENDOR)[-1]["Subject"]


def test_every_address_to_write_to_is_signed_for_the_one_on_to(day: Day) -> None:
    wrong = {(mail.rcpt_to, mail.event) for mail in day.mails if mail.rcpt_to != SVEN.address and strange(day, mail)}

    assert wrong == set()


def test_a_merged_stranger_has_links_of_his_own(day: Day) -> None:
    assert [mail.event for mail in day.to(SVEN) if strange(day, mail)] == []


def test_a_supervisor_learns_who_did_what_when_and_why_from_history_alone(day: Day) -> None:
    history = day.to(MONA)[-1].text
    acts: dict[tuple[str, str], str] = {}
    act = ("", "")
    for row in history.splitlines():
        found = re.fullmatch(r"  2026-03-02 (\d\d:\d\d) · (.+), by (?:mail \d+|the clock)", row)
        act = (found[1], found[2]) if found else act
        acts[act] = acts.get(act, "") + row + "\n"

    assert [asked for asked in ASKED if asked[2] not in acts.get(asked[:2], "")] == []


def test_a_text_mail_has_few_links_and_its_html_all(day: Day) -> None:
    for mail in day.mails:
        if mail.event in ("new_ticket", "customer_reply", "change", "answer_copy", "note"):
            inside = {href for _, href in Anchors(html_of(mail)).found}
            shown = re.findall(r"mailto:\S+", mail.text)
            assert len(shown) <= 3
            assert set(shown) <= inside


def test_lines_of_text_mails_fit_a_screen(day: Day) -> None:
    said = {
        row
        for mail in day.mails
        for row in mail.text.splitlines()
        if "mailto:" not in row and not row.startswith((">", "  "))
    }

    assert [row for row in sorted(said) if len(row) > 92] == []


def test_the_kept_mails_have_no_token_and_no_strange_file_beside_them() -> None:
    there = on_disk()

    assert there
    assert [name for name, text in there.items() if FOUND.search(text)] == []
    assert {path.suffix for path in Path(__file__).parents[1].joinpath("golden/mails").iterdir()} == {".txt"}
