"""Listener, worker and delivery as processes of their own on PostgreSQL: none waits for its next poll."""

import smtplib
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers import postgresql
from tests.servers.product import Desk, eventually

pytestmark = pytest.mark.servers
POLLING_SELDOM = """
import maild.desk.deliver, maild.desk.work
maild.desk.deliver.POLL_SECONDS = maild.desk.work.POLL_SECONDS = 60.0
from maild.cli import main
main()
"""
MAILS = 5
SOON = 1.0  # two hops of half a second, with all that is done between them


def test_a_mail_goes_through_three_processes_without_waiting_for_any_poll(tmp_path: Path) -> None:
    desk = Desk(tmp_path, delivery="maildir:out", database=postgresql.fresh_database())
    desk.command = [sys.executable, "-c", POLLING_SELDOM]
    with ExitStack() as processes:
        for role in ("delivery", "worker", "smtp"):
            processes.enter_context(desk.running("--only", role))
        took = [_answered(desk, number) for number in range(MAILS)]

    assert min(took) < SOON, took
    assert max(took) < 20, took


def _answered(desk: Desk, number: int) -> float:
    """Seconds from the 250 for a customer's mail to the answer in his mailbox."""
    customer = f"jane{number}@customer.test"
    mail = f"From: {customer}\r\nTo: support@acme.test\r\nSubject: Printer {number}\r\n\r\nIt burns.\r\n"
    with smtplib.SMTP("127.0.0.1", desk.port, timeout=20) as client:
        client.sendmail(customer, ["support@acme.test"], mail.encode())
        began = time.monotonic()
    eventually(lambda: _has_mail(desk, customer), f"an answer to {customer}")
    return time.monotonic() - began


def _has_mail(desk: Desk, customer: str) -> bool:
    return any(customer.encode() in path.read_bytes() for path in (desk.folder / "out" / "new").glob("*"))
