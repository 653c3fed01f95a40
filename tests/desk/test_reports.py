"""Numbers that a manager asks for: promises kept and broken, and why."""

import json
from pathlib import Path

import pytest

from maild.desk import by_hand
from maild.reports import Table, as_csv, as_html, as_text, sla_json, sla_table
from tests.desk_driver import DeskDriver, written

PROMISES = """
[[sla]]
name = "standard"
[sla.targets.normal]
first_response = "4h"
resolution = "2d"
"""


@pytest.fixture
def desk(tmp_path: Path, database_url: str):  # type: ignore[no-untyped-def]
    driver = DeskDriver(tmp_path, database_url, extra=PROMISES)
    yield driver
    driver.close()


def test_promises_are_counted_as_kept_or_broken_and_causes_by_what_agents_said(desk: DeskDriver) -> None:
    from datetime import timedelta

    for who in ("ann", "ben", "cid", "dan"):
        desk.receive(written(author=f"{who}@customer.test"))
    desk.do(1001, "#resolve\n\nDone.", "alice")
    desk.clock.advance(hours=5)
    desk.tick()
    desk.do(1002, "#cause waited for the vendor\n\nWe are on it.", "alice")
    desk.do(1003, "#spam", "alice")

    found = sla_json(by_hand.kept_promises(desk.room, timedelta(days=7)))

    assert found["promises"] == [
        {"priority": "normal", "target": "first_response", "kept": 1, "broken": 2},
        {"priority": "normal", "target": "resolution", "kept": 1, "broken": 0},
    ]
    assert found["causes"] == [{"cause": "waited for the vendor", "count": 1}, {"cause": "(not said)", "count": 1}]
    text = as_text(sla_table(by_hand.kept_promises(desk.room, timedelta(days=7))))
    assert "normal, first response" in text
    assert "50.0" in text
    json.dumps(found)


def test_a_table_reads_the_same_in_every_form() -> None:
    table = Table("Report", ("what", "count"), (("=1+1", "2"), ("<b>", "30")))

    assert as_text(table).splitlines() == ["Report", "  what  count", "  =1+1      2", "  <b>      30"]
    assert as_csv(table) == "what,count\r\n'=1+1,2\r\n<b>,30\r\n"
    assert "<td>&lt;b&gt;</td><td>30</td>" in as_html(table)
