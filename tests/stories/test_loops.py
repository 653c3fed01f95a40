"""Two robots never make a loop: seeded days against responders of six kinds, and one desk against another."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from maild.mail.model import Mailbox
from tests.desk_driver import DeskDriver, Sent, written

ROBOT = "robot@other.test"


class Robot(NamedTuple):
    """A responder: what it sends back for one of our mails, and when it begins."""

    name: str
    answer: object


def _vacation(sent: Sent, count: int) -> tuple[bytes, str]:
    headers = f"Auto-Submitted: auto-replied\nIn-Reply-To: {sent['Message-ID']}\n"
    return written(author=ROBOT, subject=f"Re: {sent['Subject']}", body="I am away.\n", headers=headers), ""


def _bare_out_of_office(sent: Sent, count: int) -> tuple[bytes, str]:
    body = f"I am out of the office until day {count}.\n"
    return written(author=ROBOT, subject=f"Out of office no {count}", body=body, to=sent["Reply-To"]), ROBOT


def _other_helpdesk(sent: Sent, count: int) -> tuple[bytes, str]:
    subject = f"[Request #{4000 + count}] {sent['Subject']}"
    return written(author=ROBOT, subject=subject, body=f"We have your request, number {4000 + count}.\n"), ROBOT


def _null_bounce(sent: Sent, count: int) -> tuple[bytes, str]:
    body = f"<{ROBOT}>: 550 5.1.1 no such user, try {count}\n"
    mail = written(author="MAILER-DAEMON@other.test", subject="Undelivered Mail Returned to Sender", body=body)
    return mail, ""


def _bounce_with_a_sender(sent: Sent, count: int) -> tuple[bytes, str]:
    body = f"Your message could not be delivered ({count}): mailbox unavailable\n"
    return written(author=ROBOT, subject="Delivery failed", body=body), ROBOT


def _list(sent: Sent, count: int) -> tuple[bytes, str]:
    headers = "List-Id: <all.other.test>\nPrecedence: list\n"
    return written(
        author=ROBOT, subject=f"[all] {sent['Subject']}", body=f"{sent.text[:200]} {count}\n", headers=headers
    ), ROBOT


RESPONDERS = (_vacation, _bare_out_of_office, _other_helpdesk, _null_bounce, _bounce_with_a_sender, _list)


@pytest.mark.parametrize("respond", RESPONDERS, ids=lambda each: each.__name__.strip("_"))
def test_ten_days_with_a_responder_stay_quiet(tmp_path: Path, sqlite_url: str, respond) -> None:  # type: ignore[no-untyped-def]
    desk = DeskDriver(tmp_path, sqlite_url)
    desk.receive(written(author=ROBOT, subject="A first question"), mail_from=ROBOT)
    sent_at: list[float] = []
    start = desk.clock()
    answered = 0

    for _ in range(10 * 24):
        for mail in [each for each in desk.relay.take() if each.rcpt_to == ROBOT]:
            sent_at.append((desk.clock() - start).total_seconds())
            answered += 1
            source, sender = respond(mail, answered)
            desk.receive(source, mail_from=sender, rcpt_to=(mail.mail_from or "support@acme.test",))
        desk.clock.advance(hours=1)
        desk.tick()

    assert len([each for each in sent_at if each < 3600]) <= 3
    assert len(sent_at) <= 10
    desk.close()


@pytest.mark.parametrize("respond", RESPONDERS, ids=lambda each: each.__name__.strip("_"))
def test_no_responder_reopens_a_resolved_ticket_and_a_person_is_still_heard(
    tmp_path: Path,
    sqlite_url: str,
    respond,  # type: ignore[no-untyped-def]
) -> None:
    desk = DeskDriver(tmp_path, sqlite_url)
    desk.receive(written(author=f"Robby <{ROBOT}>", subject="A first question"), mail_from=ROBOT)
    desk.do(1001, "#resolve", "alice")
    resolved = desk.relay.to(ROBOT)[-1]
    desk.relay.take()

    source, sender = respond(resolved, 1)
    desk.receive(source, mail_from=sender)
    desk.receive(written(author="Jane <jane@customer.test>", subject="Hello"))

    assert desk.ticket(1001).status == "resolved"
    assert [each.event for each in desk.relay.to("jane@customer.test")] == ["acknowledgement"]
    desk.close()


def test_two_desks_pointed_at_each_other_fall_silent(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = DeskDriver(tmp_path / "a", f"sqlite:///{tmp_path}/a/maild.db")
    other = DeskDriver(tmp_path / "b", f"sqlite:///{tmp_path}/b/maild.db", config=_CONFIG_OF_THE_OTHER)
    one.receive(written(author="Other Desk <help@other.test>", subject="Hello desk"))
    traffic: Counter[str] = Counter()

    for _ in range(10 * 24):
        for desk, address, peer in ((one, "help@other.test", other), (other, "support@acme.test", one)):
            for mail in [each for each in desk.relay.take() if each.rcpt_to == address]:
                traffic[address] += 1
                peer.receive(mail.content, mail_from=mail.mail_from, rcpt_to=(address,))
            desk.clock.advance(hours=1)
            desk.tick()

    assert sum(traffic.values()) <= 3
    one.close()
    other.close()


_CONFIG_OF_THE_OTHER = """
[desk]
name = "Other Desk"
address = "help@other.test"

[database]
url = "{url}"

[[agents]]
name = "otto"
email = "otto@other.test"
"""


def test_the_same_words_over_and_over_are_held_and_admins_told_once(desk: DeskDriver) -> None:
    for number in range(8):
        desk.receive(written(subject=f"Alarm {number}", body="The same words again."))

    assert len(desk.tickets()) == 3
    assert [each.event for each in desk.relay.to("root@acme.test")] == ["quarantined"]


def test_a_ticket_is_not_reopened_for_ever(desk: DeskDriver) -> None:
    desk.receive(written(author="Jane <jane@customer.test>"))
    for number in range(8):
        desk.do(1001, "#resolve", "alice")
        if desk.ticket().status == "resolved":
            resolved = [
                each for each in desk.relay.to("jane@customer.test") if each.event in ("resolved", "acknowledgement")
            ][-1]
            desk.answer(resolved, f"Still broken, take {number}.", author="Jane <jane@customer.test>")
            desk.clock.advance(hours=2)

    assert desk.ticket().status == "resolved"
    assert Mailbox("jane@customer.test", "Jane") == desk.ticket().requester
