"""What scripts of others read: every `--json` has the documented keys, with documented kinds of values."""

import json
import re

import pytest

from tests.cli.conftest import Call
from tests.desk_driver import written
from tests.servers.product import Desk

pytestmark = pytest.mark.usefixtures("used")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TICKET = {
    "number", "subject", "status", "phase", "priority", "category", "requester", "assignee", "teams", "tags",
    "created_at", "updated_at", "first_response_at", "resolved_at", "closed_at", "due", "breached", "messages",
}  # fmt: skip
MESSAGE = {
    "id", "at", "direction", "visibility", "kind", "from", "to", "cc", "subject", "text", "message_id", "via",
    "raw_sha256", "raw_size", "attachments",
}  # fmt: skip
EXPLAINED = {
    "file", "kind", "kind_because", "from", "from_name", "to", "cc", "subject", "date", "message_id", "sender",
    "ticket", "text", "new_text", "attachments", "bounced", "language", "commands", "errors", "actions",
}  # fmt: skip


def test_ticket_list_is_an_array_of_tickets_with_every_documented_key(call: Call) -> None:
    tickets = call("ticket", "list", "--json").json

    assert len(tickets) == 1
    assert set(tickets[0]) == TICKET
    assert tickets[0]["number"] == "TICK-1001"
    assert tickets[0]["requester"] == {"name": "Jane Doe", "address": "jane@customer.test"}
    assert set(tickets[0]["due"]) == {"first_response", "next_response", "resolution"}
    assert tickets[0]["messages"] == 1


def test_absent_values_are_null_and_times_are_utc_with_z(call: Call) -> None:
    ticket = call("ticket", "list", "--json").json[0]

    assert [ticket[key] for key in ("assignee", "category", "resolved_at", "closed_at")] == [None] * 4
    assert TIME.fullmatch(ticket["created_at"])
    assert TIME.fullmatch(ticket["updated_at"])


def test_a_query_that_fits_nothing_gives_an_empty_array(call: Call) -> None:
    assert call("ticket", "list", "status:closed", "--json").json == []


def test_ticket_show_is_the_ticket_with_messages_events_and_people(call: Call) -> None:
    ticket = call("ticket", "show", "TICK-1001", "--json").json

    assert set(ticket) == TICKET | {"events", "participants", "links", "references"}
    message = ticket["messages"][0]
    assert set(message) >= MESSAGE
    assert (message["direction"], message["visibility"], message["from"]) == ("in", "public", "jane@customer.test")
    assert message["message_id"] == "<first@client.test>"
    assert re.fullmatch("[0-9a-f]{64}", message["raw_sha256"])
    assert message["raw_size"] > 0
    assert TIME.fullmatch(message["at"])


def test_every_event_of_a_ticket_says_who_what_and_why(call: Call) -> None:
    events = call("ticket", "show", "1001", "--json").json["events"]

    assert [each["kind"] for each in events][:2] == ["opened", "message"]
    assert all(set(each) == {"at", "actor", "kind", "old", "new", "reason", "cause"} for each in events)
    assert all(each["cause"] == "inbound:1" for each in events)


def test_files_of_a_message_are_named_with_size_and_digest(call: Call) -> None:
    mail = (
        b"From: jane@customer.test\r\nTo: support@acme.test\r\nSubject: a file\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nSee file.\r\n"
        b"--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
        b"\r\n%PDF-1.4\r\n--x--\r\n"
    )
    call("ingest", "--wait", "-r", "support@acme.test", source=mail)

    files = call("ticket", "show", "1002", "--json").json["messages"][0]["attachments"]

    assert [set(each) for each in files] == [{"name", "content_type", "size", "sha256"}]
    assert (files[0]["name"], files[0]["content_type"], files[0]["size"]) == ("a.pdf", "application/pdf", 8)


def test_outbox_list_shows_what_waits_to_leave(call: Call) -> None:
    rows = call("outbox", "list", "--json").json

    keys = {"id", "state", "attempts", "next_at", "to", "message_id", "ticket", "event", "last_reply"}
    assert all(set(row) == keys for row in rows)
    acknowledgement = next(row for row in rows if row["event"] == "acknowledgement")
    assert acknowledgement["to"] == "jane@customer.test"
    assert acknowledgement["ticket"] == "TICK-1001"
    assert acknowledgement["attempts"] == 0
    assert TIME.fullmatch(acknowledgement["next_at"])


def test_quarantine_list_shows_what_waits_for_a_person(call: Call) -> None:
    rows = call("quarantine", "list", "--json").json

    keys = {"id", "at", "reason", "attempts", "message_id", "from", "size", "sha256", "source"}
    assert [set(row) - {"state"} for row in rows] == [keys]
    assert (rows[0]["from"], rows[0]["message_id"]) == ("eve@evil.test", "<spam@client.test>")
    assert re.fullmatch("[0-9a-f]{64}", rows[0]["sha256"])
    assert TIME.fullmatch(rows[0]["at"])


def test_counts_are_bare_numbers_for_monitoring(call: Call) -> None:
    waiting, held = call("outbox", "list", "--count").out, call("quarantine", "list", "--count").out

    assert waiting.strip() == str(len(call("outbox", "list", "--json").json))
    assert held.strip() == "1"


def test_quarantine_show_raw_gives_the_very_bytes(call: Call) -> None:
    mail = written(author="eve@evil.test", headers="X-Spam-Flag: YES\n", body="a bell \x07 and £\r\n")
    call("ingest", "--wait", "-r", "support@acme.test", source=mail)

    assert call("quarantine", "show", "3", "--raw").out.encode() == mail


def test_explain_gives_one_object_a_mail_on_a_line_of_its_own(used: Desk, call: Call) -> None:
    for name in ("a", "b"):
        (used.folder / f"{name}.eml").write_bytes(written(subject=f"mail {name}"))

    lines = call("explain", "--json", "a.eml", "b.eml").out.splitlines()

    found = [json.loads(line) for line in lines]
    assert [each["file"] for each in found] == ["a.eml", "b.eml"]
    assert all(set(each) >= EXPLAINED for each in found)
    assert set(found[0]["sender"]) == {"role", "trust", "because"}
    assert set(found[0]["ticket"]) == {"number", "because"}
    assert found[0]["ticket"]["number"] is None
    assert any("open a ticket for jane@customer.test" in action for action in found[0]["actions"])


def test_explain_writes_nothing(call: Call) -> None:
    before = (call("ticket", "list", "--json").out, call("outbox", "list", "--count").out)

    call("explain", "--json", source=written(subject="only asked"))

    assert (call("ticket", "list", "--json").out, call("outbox", "list", "--count").out) == before
