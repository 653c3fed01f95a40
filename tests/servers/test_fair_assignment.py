"""Several processes give tickets to people at once: nobody gets more than his turn (SPEC AS-1)."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.desk_driver import written
from tests.servers import postgresql
from tests.servers.product import Desk, eventually

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
PROCESSES, MAILS = 4, 80
NAMES = ("bob", "carol", "dora")  # and alice, whom every desk of these tests has
STAFF = "\n".join(f'[[agents]]\nname = "{name}"\nemail = "{name}@acme.test"' for name in NAMES)
MORE = f"""
{STAFF}

[worker]
readers = 1
batch = 1

[[assignment]]
strategy = "round-robin"
"""


def test_four_processes_on_one_database_give_everybody_the_same(tmp_path: Path) -> None:
    desk = Desk(tmp_path, delivery="null:", database=postgresql.fresh_database(), extra=MORE)
    for number in range(MAILS):
        (tmp_path / f"{number}.eml").write_bytes(written(author=f"c{number}@customer.test", subject=f"No. {number}"))
    mails = sorted(str(path) for path in tmp_path.glob("*.eml"))
    with ExitStack() as running:
        for _ in range(PROCESSES):
            running.enter_context(desk.running("--only", "worker"))
        # given: each process has a mail in its hands and waits for the turn
        with connected(desk) as holder:
            holder.execute("SELECT turn FROM rotations WHERE agent = '' FOR UPDATE")
            desk.cli("ingest", *mails, "--recipient", "support@acme.test")
            eventually(lambda: len(workers(desk)) == PROCESSES, "every process has a mail", 15)
        # when: all of them may go on at once
        eventually(lambda: len(desk.tickets()) == MAILS, "all mails are tickets", 120)

    # then
    counts = Counter(ticket["assignee"] for ticket in desk.tickets())
    assert set(counts) == {"alice", *NAMES}
    assert max(counts.values()) - min(counts.values()) <= 1


def connected(desk: Desk) -> "psycopg.Connection[tuple[str]]":
    """A client of the desk's database; what it locks is free when it is closed."""
    return psycopg.connect(desk.database.replace("+psycopg", ""))


def workers(desk: Desk) -> set[str]:
    """Who has a mail in his hands."""
    with connected(desk) as connection:
        rows = connection.execute("SELECT DISTINCT leased_by FROM inbound WHERE leased_by IS NOT NULL")
        return {row[0] for row in rows}
