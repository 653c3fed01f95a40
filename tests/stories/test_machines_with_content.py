"""Machines that carry content: contact forms, monitoring, logos in signatures."""

from base64 import encodebytes
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk_driver import DeskDriver, written

EXTRA = """
[senders]
own_lists = ["support.acme.test"]
[[form_senders]]
sender = "wordpress@shop.test"
customer = "field"
field = "E-Mail"
name_field = "Name"

[[form_senders]]
sender = "forms.test"

[[alerts]]
name = "nagios"
sender = "nagios@acme.test"
key = 'Service Alert: (\\S+) is'
recovery = 'is OK'
"""
FORM = "A message from your site.\n\nName: Jane Doe\nE-Mail: jane@customer.test\nText: The printer burns.\n"


@pytest.fixture
def machines(tmp_path: Path, database_url: str) -> Iterator[DeskDriver]:
    """A desk that knows forms and monitoring."""
    driver = DeskDriver(tmp_path, database_url, extra=EXTRA)
    yield driver
    driver.close()


def test_a_contact_forms_mail_is_the_ticket_of_the_customer_in_its_text(machines: DeskDriver) -> None:
    machines.receive(written(author="wordpress@shop.test", body=FORM, headers="Precedence: bulk\n"))

    ticket = machines.ticket()
    assert (ticket.requester.address, ticket.requester.name) == ("jane@customer.test", "Jane Doe")
    assert [each.event for each in machines.relay.to("jane@customer.test")] == ["acknowledgement"]


def test_a_form_of_a_known_domain_speaks_for_reply_to(machines: DeskDriver) -> None:
    machines.receive(written(author="no-reply@forms.test", headers="Reply-To: jane@customer.test\n"))

    assert machines.ticket().requester.address == "jane@customer.test"


def test_a_form_cannot_speak_for_an_agent(machines: DeskDriver) -> None:
    machines.receive(written(author="Jane <jane@customer.test>"))

    done = machines.receive(
        written(author="x@forms.test", subject="[TICK-1001]", body="#close\n", headers="Reply-To: alice@acme.test\n")
    )

    assert done.state == "held"
    assert machines.ticket().status == "new"


def test_reply_to_of_anybody_else_is_not_who_he_is(machines: DeskDriver) -> None:
    machines.receive(written(author="carl@customer.test", headers="Reply-To: jane@customer.test\n"))

    assert machines.ticket().requester.address == "carl@customer.test"


def test_alarms_of_one_service_join_one_ticket_and_its_recovery_resolves_it(machines: DeskDriver) -> None:
    for number in range(30):
        machines.receive(
            written(author="nagios@acme.test", subject="Service Alert: db1/disk is CRITICAL", body=str(number))
        )
    machines.receive(written(author="nagios@acme.test", subject="Service Alert: web7/http is CRITICAL"))

    machines.receive(written(author="nagios@acme.test", subject="Service Alert: db1/disk is OK"))

    assert machines.ticket(1001).status == "resolved"
    assert machines.ticket(1001).messages == 31
    assert machines.ticket(1002).status == "new"
    machines.receive(written(author="nagios@acme.test", subject="Service Alert: db1/disk is CRITICAL", body="again"))
    assert machines.ticket(1003).status == "new"


def _with_logo(number: int) -> bytes:
    logo = encodebytes(b"\x89PNG" + b"logo" * 300).decode()
    body = (
        f"--b\nContent-Type: text/plain\n\nMail {number}\n--b\nContent-Type: image/png; name=logo.png\n"
        f"Content-Transfer-Encoding: base64\nContent-ID: <l{number}>\n\n{logo}\n--b--\n"
    )
    plain = b"Content-Type: text/plain; charset=utf-8"
    return written(body=body).replace(plain, b"Content-Type: multipart/related; boundary=b", 1)


def test_a_logo_that_comes_with_every_mail_is_not_shown_as_a_file(desk: DeskDriver) -> None:
    for number in range(4):
        desk.receive(_with_logo(number))

    shown = [each.text.count("logo.png") for each in desk.relay.to("alice@acme.test")]
    assert shown == [1, 1, 0, 0]


def test_our_own_list_in_front_of_the_desk_makes_nobody_a_machine(machines: DeskDriver) -> None:
    headers = "Precedence: list\nList-Id: Support <support.acme.test>\nList-Unsubscribe: <mailto:x@acme.test>\n"

    machines.receive(written(author="jane@customer.test", headers=headers))
    machines.receive(written(author="carl@customer.test", headers=headers.replace("support.acme", "other.acme")))

    assert [each.event for each in machines.relay.to("jane@customer.test")] == ["acknowledgement"]
    assert not machines.relay.to("carl@customer.test")
    assert len(machines.tickets()) == 2
