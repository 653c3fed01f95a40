"""The daemon as a process: one at a time, reloaded, drained; and the demo that needs nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.desk_driver import written
from tests.servers.product import Desk, eventually

BOB = '\n[[agents]]\nname = "bob"\nemail = "bob@acme.test"\n'


def log_of(desk: Desk) -> str:
    return (desk.folder / "maild.log").read_text(errors="replace")


def test_one_daemon_at_a_time_reloads_what_is_right_keeps_what_is_wrong_and_drains(product: Desk) -> None:
    good = product.config.read_text()
    with product.running() as daemon:
        second = product.call("run")
        assert (second.returncode, second.stdout) == (2, b"")
        assert b"another maild runs on this SQLite database" in second.stderr
        assert len(second.stderr.splitlines()) == 1

        product.config.write_text(good + BOB + '\n[[agents]]\nname = "carl"\nemail = "no address"\n')
        os.kill(daemon.pid, signal.SIGHUP)
        eventually(lambda: "not reloaded: " in log_of(product), "a broken file is refused")
        assert "agents" in log_of(product).partition("not reloaded: ")[2]
        product.config.write_text(good)
        _take_in(product, "before the reload")
        told = eventually(lambda: _told(product), "alice is told")
        assert told == {"alice@acme.test"}

        product.config.write_text(good + BOB)
        os.kill(daemon.pid, signal.SIGHUP)
        eventually(lambda: "INFO maild reloaded" in log_of(product), "a good file is taken")
        _take_in(product, "after the reload")
        eventually(lambda: _told(product) == {"alice@acme.test", "bob@acme.test"}, "bob is told, too")

    assert product.call("ticket", "list").returncode == 0, "after the drain the store is free"
    assert "Traceback" not in log_of(product)


def _take_in(desk: Desk, subject: str) -> None:
    words = ("ingest", "--sender", "jane@customer.test", "--recipient", "support@acme.test")
    desk.cli(*words, source=written(subject=subject))


def _told(desk: Desk) -> set[str]:
    rows = desk.json("outbox", "list", "--all")
    return {row["to"] for row in rows if row["event"] == "new_ticket"}


def test_a_daemon_with_nothing_to_do_ends_with_0_on_ctrl_c(product: Desk) -> None:
    daemon = product.start("--only", "scheduler")
    try:
        os.kill(daemon.pid, signal.SIGINT)
        os.waitid(os.P_PID, daemon.pid, os.WEXITED | os.WNOWAIT)

        assert daemon.stop() == 0, product.log
    finally:
        daemon.kill()


def test_the_demo_plays_to_its_end_with_nothing_configured(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "maild", "demo", "--once"]

    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, timeout=90, env={**os.environ, "PYTHONPATH": root}, check=False
    )

    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "Eight days pass" in out
    assert "closed" in out.partition("Eight days pass")[2]
    assert "support@acme.test" in out
    assert list(tmp_path.iterdir()) == [], "nothing is left in the folder where it was called"
