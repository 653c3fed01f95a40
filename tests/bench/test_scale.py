"""Every statement of a busy hour touches few rows, on a desk that the planner takes for one of a million tickets."""

from pathlib import Path

import pytest

from bench import scale
from bench.scale import Asked
from maild.store import fulltext
from tests.servers import postgresql

pytestmark = pytest.mark.servers
TICKETS = 4_000  # with some 25,000 mails sent, and 50,000 events


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Asked], list[str]]:
    return _a_busy_hour(tmp_path_factory.mktemp("scale"))


def _a_busy_hour(folder: Path) -> tuple[list[Asked], list[str]]:
    world, have = scale.grown(folder, postgresql.fresh_database(), TICKETS)
    log = postgresql.running_cluster().folder / "log"
    try:
        return scale.looked_at(world, log, scale.TICKETS / have)
    finally:
        world.drop()


def test_no_statement_reads_a_large_table_or_walks_along_an_index(asked: tuple[list[Asked], list[str]]) -> None:
    _, wrong = asked

    assert wrong == []


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("SELECT inbound.id, inbound.attempts", "ix_inbound_state_id"),
        ("SELECT outbox.id, EXISTS", "ix_outbox_open"),
        ("SELECT timers.ticket", "ix_timers_state_due_at"),
        ("SELECT identities.key", "pk_identities"),
        ("SELECT count(*) AS count_1 FROM outbox WHERE outbox.recipien", "ix_outbox_recipient_created_at"),
        ("FROM inbound WHERE inbound.likene", "ix_inbound_likeness_received_at"),
        ("UPDATE tickets", "pk_tickets"),
    ],
)
def test_the_hot_statements_were_seen_and_took_their_index(
    asked: tuple[list[Asked], list[str]], words: str, way: str
) -> None:
    seen, _ = asked

    ways = set().union(*(each.ways for each in seen if words in each.name))

    assert way in ways, sorted(each.name for each in seen)


def test_the_newest_fifty_tickets_are_taken_from_the_end_of_an_index(asked: tuple[list[Asked], list[str]]) -> None:
    seen, _ = asked

    assert any("ix_tickets_updated_at_number" in each.ways and each.touched <= 50 for each in seen)


def test_a_search_by_mail_that_asks_the_index_of_words_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a large desk for words that were said lately, but seldom: the newest messages are read through, then the
    index tells of those before them."""
    really = fulltext._expected
    monkeypatch.setattr(fulltext, "_expected", lambda tx, wanted: (really(tx, wanted)[0], 500))

    seen, wrong = _a_busy_hour(tmp_path)

    assert [each.ways for each in seen if " @@ " in each.text and "EXPLAIN" not in each.text]
    assert wrong == []


def test_a_statement_that_reads_a_whole_table_would_be_found() -> None:
    reads = Asked("SELECT count(*) FROM outbox")
    reads.add({"Node Type": "Aggregate", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "outbox"}]})
    walks = Asked("SELECT 1")
    walks.add({"Node Type": "Index Scan", "Index Name": "x", "Actual Rows": 1, "Rows Removed by Filter": 5_000})

    walks.add({"Node Type": "Index Only Scan", "Index Name": "y", "Index Cond": "(outbox.created_at > $1)"})

    assert scale.faults([reads, walks], {"outbox"}, {"x": "id", "y": "recipient"}) == [
        "reads outbox: SELECT count(*) FROM outbox",
        "walks along y: SELECT 1",
        "touches 5,001 rows: SELECT 1",
    ]
