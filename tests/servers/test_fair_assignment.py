"""Several processes give tickets to people at once: nobody gets more than his turn (SPEC AS-1)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

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


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path, delivery="null:", database=postgresql.fresh_database(), extra=MORE)


def test_four_processes_on_one_database_give_everybody_the_same(desk: Desk) -> None:
    # given: many mails wait
    for number in range(MAILS):
        (desk.folder / f"{number}.eml").write_bytes(written(author=f"c{number}@customer.test", subject=f"No. {number}"))
    desk.cli("ingest", *sorted(str(path) for path in desk.folder.glob("*.eml")), "--recipient", "support@acme.test")

    # when: all processes take from them at once
    with ExitStack() as running:
        for _ in range(PROCESSES):
            running.enter_context(desk.running("--only", "worker"))
        eventually(lambda: len(desk.tickets()) == MAILS, "all mails are tickets", 120)

    # then
    counts = Counter(ticket["assignee"] for ticket in desk.tickets())
    assert set(counts) == {"alice", *NAMES}
    assert max(counts.values()) - min(counts.values()) <= 1
