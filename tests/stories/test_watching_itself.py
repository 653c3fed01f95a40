"""maild tells its admins when it is in trouble itself, seldom again, and once when it is over (SPEC IN-8)."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from maild.desk import watch
from maild.errors import RelayError
from maild.mail.envelope import Envelope, Via
from tests.desk_driver import DeskDriver, written


def test_mails_that_do_not_leave_are_told_once_and_their_end_once(desk: DeskDriver) -> None:
    desk.relay.refuse("*", *[RelayError("connection refused")] * 3)
    desk.receive(written())

    for _ in range(3):
        desk.clock.advance(minutes=45)
        watch.look(desk.room, None)
    desk.deliverer.drain()
    desk.clock.advance(minutes=1)
    for _ in range(10):
        desk.clock.advance(minutes=10)
        desk.deliverer.drain()
    watch.look(desk.room, None)
    desk.deliverer.drain()

    assert [each.event for each in desk.relay.to("root@acme.test")] == ["trouble", "recovered"]
    assert "wait to leave" in desk.relay.to("root@acme.test")[0].text


def test_a_trouble_that_stays_is_told_again_after_four_hours_and_then_each_day(desk: DeskDriver) -> None:
    desk.acceptor.submit(written(), Envelope(Via.SMTP, desk.clock())).result(timeout=10)
    began = desk.clock()
    told: list[float] = []
    while desk.clock() - began < timedelta(days=3):
        desk.clock.advance(minutes=15)
        watch.look(desk.room, None)
        desk.deliverer.drain()
        left = [each for each in desk.relay.take() if each.rcpt_to == "root@acme.test"]
        told += [(desk.clock() - began) / timedelta(hours=1) for each in left if each.event == "trouble"]
        if len(told) == 2 and left:
            assert "told first at 2026-03-02T09:15:00Z" in left[0].text
    desk.worker.drain()
    watch.look(desk.room, None)
    desk.deliverer.drain()

    assert told == [0.25, 4.25, 28.25, 52.25]
    assert [each.event for each in desk.relay.to("root@acme.test")] == ["recovered"]


def test_a_backlog_is_told_by_the_webhook_too(desk: DeskDriver) -> None:
    heard: list[dict[str, str]] = []

    class Alarm(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Alarm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    desk.acceptor.submit(written(), Envelope(Via.SMTP, desk.clock())).result(timeout=10)
    desk.clock.advance(minutes=11)
    found = watch.look(desk.room, f"http://127.0.0.1:{server.server_port}/alarm")
    server.shutdown()
    server.server_close()

    assert [each.name for each in found] == ["backlog"]
    assert [(each["event"], each["name"]) for each in heard] == [("trouble", "backlog")]
