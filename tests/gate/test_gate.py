"""May a mail change a ticket, may it be answered: each check speaks alone, and in order."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from maild.gate import ANSWER_CHECKS, CHECKS, Case, Way, weigh_answer, weigh_change
from maild.gate.answering import NO_REPLY
from maild.mail.envelope import Envelope, Via
from maild.mail.model import Kind, Mailbox
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase
from tests.mail.mails import mail, read

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAIL = read(mail())
CASE = Case(MAIL, Envelope(Via.SMTP, NOW, "jane@customer.test", ("support@acme.test",)), None)
JANE = Mailbox("jane@customer.test", "Jane")


def ticket(phase: Phase) -> Ticket:
    return Ticket(1001, "x", phase.value, phase, "normal", None, JANE, "support@acme.test", NOW, NOW)


def kind(of: Kind) -> Case:
    return replace(CASE, mail=replace(MAIL, kind=of, kind_because="a header"))


def author(address: str) -> Case:
    return replace(CASE, mail=replace(MAIL, author=Mailbox(address)))


def test_a_persons_mail_is_filed_and_answered() -> None:
    verdict = weigh_change(CASE)

    assert (verdict.way, verdict.name) == (Way.FILE, "")
    assert weigh_answer(CASE) is None


CHANGING = {
    "own-mail": (Way.IGNORE, replace(CASE, is_own=True)),
    "blocked": (Way.IGNORE, replace(CASE, is_blocked=True)),
    "robot": (Way.KEEP, kind(Kind.AUTO_REPLY)),
    "only-on-cc": (Way.IGNORE, replace(CASE, only_cc="ignore")),
    "spam": (Way.HOLD, kind(Kind.SPAM)),
    "too-many-tickets": (Way.HOLD, replace(CASE, tickets_last_hour=100)),
    "too-many-reopens": (Way.HOLD, replace(CASE, ticket=ticket(Phase.CLOSED), reopens_last_day=5)),
    "same-text": (Way.HOLD, replace(CASE, same_text_last_hour=3)),
}


def test_every_check_about_changing_has_its_case_here_in_order() -> None:
    assert tuple(CHANGING) == tuple(check.name for check in CHECKS)


@pytest.mark.parametrize("name", CHANGING)
def test_each_check_speaks_alone(name: str) -> None:
    way, case = CHANGING[name]

    verdict = weigh_change(case)

    assert (verdict.way, verdict.name) == (way, name)
    assert verdict.because
    assert [check.name for check in CHECKS if check.ask(case)] == [name]


def test_the_first_check_that_speaks_decides() -> None:
    everything = replace(
        kind(Kind.SPAM),
        is_own=True,
        is_blocked=True,
        only_cc="ignore",
        tickets_last_hour=999,
        same_text_last_hour=99,
    )

    assert weigh_change(everything).name == "own-mail"
    assert weigh_change(replace(everything, is_own=False)).name == "blocked"
    assert weigh_change(replace(everything, is_own=False, is_blocked=False)).name == "only-on-cc"
    assert weigh_change(replace(everything, is_own=False, is_blocked=False, only_cc="ticket")).name == "spam"


@pytest.mark.parametrize("of", [Kind.AUTO_REPLY, Kind.VACATION, Kind.BOUNCE, Kind.RECEIPT, Kind.REPORT])
def test_robots_are_kept_and_change_nothing(of: Kind) -> None:
    verdict = weigh_change(kind(of))

    assert verdict.way is Way.KEEP
    assert verdict.because == f"{of.value.replace('_', '-')}: a header"


@pytest.mark.parametrize("of", [Kind.NORMAL, Kind.CALENDAR, Kind.LIST])
def test_machines_with_content_and_people_are_filed(of: Kind) -> None:
    assert weigh_change(kind(of)).way is Way.FILE


@pytest.mark.parametrize(
    "case",
    [
        replace(CASE, tickets_last_hour=99),
        replace(CASE, tickets_last_hour=999, ticket=ticket(Phase.ACTIVE)),
        replace(CASE, tickets_last_hour=999, envelope=replace(CASE.envelope, quiet=True)),
        replace(CASE, reopens_last_day=4, ticket=ticket(Phase.RESOLVED)),
        replace(CASE, reopens_last_day=99, ticket=ticket(Phase.WAITING)),
        replace(CASE, reopens_last_day=99, ticket=ticket(Phase.CLOSED), is_staff=True),
        replace(CASE, same_text_last_hour=2),
        replace(CASE, same_text_last_hour=99, is_staff=True),
        replace(CASE, same_text_last_hour=99, envelope=replace(CASE.envelope, quiet=True)),
        replace(CASE, only_cc="ignore", ticket=ticket(Phase.ACTIVE)),
        replace(CASE, only_cc="quiet"),
    ],
)
def test_below_its_bound_and_outside_its_place_a_check_is_silent(case: Case) -> None:
    assert weigh_change(case).way is Way.FILE


ANSWERING = {
    "nobody": replace(CASE, mail=replace(MAIL, author=None)),
    "quiet-import": replace(CASE, envelope=replace(CASE.envelope, quiet=True)),
    "ourselves": replace(CASE, is_ours=True),
    "null-sender": replace(CASE, envelope=replace(CASE.envelope, mail_from="")),
    "not-a-person": kind(Kind.LIST),
    "auto-submitted": replace(CASE, mail=replace(MAIL, auto_submitted=True)),
    "bulk": replace(CASE, mail=replace(MAIL, bulk=True)),
    "no-reply-address": author("no-reply@shop.test"),
    "unreachable": replace(CASE, is_unreachable=True),
    "hourly-cap": replace(CASE, automatic_last_hour=3),
    "daily-cap": replace(CASE, automatic_last_day=6),
}


def test_every_check_about_answering_has_its_case_here_in_order() -> None:
    assert tuple(ANSWERING) == tuple(check.name for check in ANSWER_CHECKS)


@pytest.mark.parametrize("name", ANSWERING)
def test_each_reason_not_to_answer_speaks_alone(name: str) -> None:
    assert [check.name for check in ANSWER_CHECKS if check.ask(ANSWERING[name])] == [name]
    assert (weigh_answer(ANSWERING[name]) or "").startswith(f"{name}: ")


def test_an_unknown_envelope_sender_is_not_the_null_sender() -> None:
    assert weigh_answer(replace(CASE, envelope=replace(CASE.envelope, mail_from=None))) is None


def test_only_people_and_their_invitations_are_answered() -> None:
    assert [each for each in Kind if weigh_answer(kind(each)) is None] == [Kind.NORMAL, Kind.CALENDAR]


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@shop.test",
        "noreply@shop.test",
        "no_reply@shop.test",
        "no.reply@shop.test",
        "NoReply@shop.test",
        "noreply-123@shop.test",
        "noreply+abc@shop.test",
        "do-not-reply@shop.test",
        "do_not_reply@shop.test",
        "donotreply@shop.test",
        "DoNotReply.eu@shop.test",
        "mailer-daemon@mx.test",
        "MAILER-DAEMON@mx.test",
        "mailerdaemon@mx.test",
        "postmaster@mx.test",
        "bounce@shop.test",
        "bounces+jane=x.test@shop.test",
        "bounce-123_html@shop.test",
        "abuse@isp.test",
        "root@host.test",
        "listserv@uni.test",
        "majordomo@uni.test",
        "list-request@uni.test",
        "owner-list@uni.test",
        "list-owner@uni.test",
        "list-bounces@uni.test",
    ],
)
def test_addresses_that_nobody_reads_get_no_automatic_mail(address: str) -> None:
    assert (weigh_answer(author(address)) or "").startswith("no-reply-address")


@pytest.mark.parametrize(
    "address",
    [
        "bounceman@people.test",
        "abusev@people.test",
        "rooted@people.test",
        "postmasters@people.test",
        "rootsandwings@people.test",
        "jane@noreply.test",
        "jane@no-reply-company.test",
        "noreplying@people.test",
        "nora.reply@people.test",
        "donot@people.test",
        "owner@shop.test",
        "owner.of.cats@people.test",
        "owners-club@people.test",
        "homeowner@people.test",
        "shopowner@people.test",
        "request@people.test",
        "prequest@people.test",
        "jane.root@people.test",
        "abuser@people.test",
        "trampoline-bouncer@people.test",
    ],
)
def test_people_with_such_names_are_answered(address: str) -> None:
    assert weigh_answer(author(address)) is None


@pytest.mark.parametrize(
    "pump",
    [
        "a" * 200_000,
        "a-" * 100_000,
        "noreply" * 30_000,
        "no-reply-" + "a" * 200_000,
        "-request" * 30_000,
        "x" * 64 + "-request" * 30_000,
        "bounce" + "s" * 200_000,
        "mailer-daemon" + "." * 200_000,
    ],
)
def test_the_pattern_takes_time_in_line_with_the_address(pump: str) -> None:
    begin = time.process_time()

    NO_REPLY.match(pump)

    assert time.process_time() - begin < 0.2
