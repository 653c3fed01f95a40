"""Processes are killed in part, ended, reloaded and frozen under load (faults F04 to F07)."""

import os
import signal
import time
from functools import partial

from tests.faults.fault import Trial
from tests.faults.house import House, house
from tests.servers.process import Running
from tests.servers.product import eventually

DRAINS_WITHIN = 20.0


def readers_are_killed(trial: Trial) -> None:
    """F04: the children in which mails are read die, one after another; it costs an attempt, never a mail."""
    with house(trial) as home, home.desk.running() as daemon:
        source = home.senders(trial.length(30, 300))
        for number in range(trial.length(5, 60)):
            eventually(partial(source.has_taken, 5 * number), "more mails", 90)
            victims = eventually(lambda: _readers(daemon), "a reader", 30)
            os.kill(home.random.choice(victims), signal.SIGKILL)
        home.settle()
        verdict = home.verdict()
        trial.see(f"{trial.length(5, 60)} readers killed, {verdict.set_aside} mails set aside")
        trial.must("no mail is set aside for a death that it did not cause", hold=verdict.set_aside == 0)


def ended_under_load(trial: Trial) -> None:
    """F05: SIGTERM while 20 senders talk; exit 0 in time, and nobody is cut after his dot."""
    with house(trial) as home:
        source = home.senders(trial.length(60, 600), threads=20)
        rounds, slowest = trial.length(3, 20), 0.0
        for number in range(rounds):
            daemon = home.desk.start()
            eventually(partial(source.has_taken, 10 * number), "senders at work", 60)
            began = time.monotonic()
            trial.must("exit 0 on SIGTERM", hold=daemon.stop() == 0)
            slowest = max(slowest, time.monotonic() - began)
        trial.see(f"{rounds} ends, the slowest in {slowest:.1f} s, {source.cut_after_dot} cut after the dot")
        trial.must(f"an end within {DRAINS_WITHIN:.0f} s", hold=slowest <= DRAINS_WITHIN)
        trial.must("nobody is cut after the dot", hold=source.cut_after_dot == 0)
        with home.desk.running():
            home.settle()
        home.verdict()


def reloaded_under_load(trial: Trial) -> None:
    """F06: SIGHUP with right and broken files in turn; no line is lost, the old settings stay in force."""
    with house(trial) as home, home.desk.running() as daemon:
        right = home.desk.config.read_text()
        source = home.senders(trial.length(40, 400))
        rounds = trial.length(6, 50)
        for number in range(rounds):
            home.desk.config.write_text(right if number % 2 else right + "\n[desk]\nname = 1\n")
            _reload(home, daemon)
        home.desk.config.write_text(right)
        home.settle()
        cut = source.codes[None]
        trial.see(f"{rounds} reloads, {cut} lines cut")
        trial.must("no line is lost", hold=cut == 0)
        home.verdict()


def _reload(home: House, daemon: Running) -> None:
    log = home.desk.folder / "maild.log"
    before = log.read_text(errors="replace").count("reloaded")
    os.kill(daemon.pid, signal.SIGHUP)
    eventually(lambda: log.read_text(errors="replace").count("reloaded") > before, "an answer to SIGHUP", 20)


def frozen_and_woken(trial: Trial) -> None:
    """F07: SIGSTOP, as when a laptop sleeps; leases run out, and nothing is done twice."""
    with house(trial) as home, home.desk.running() as daemon:
        source = home.senders(trial.length(20, 200))
        for number in range(trial.length(2, 5)):
            eventually(partial(source.has_taken, 8 * (number + 1)), "senders at work", 60)
            os.kill(daemon.pid, signal.SIGSTOP)
            time.sleep(trial.length(4, 90))  # the fault itself
            os.kill(daemon.pid, signal.SIGCONT)
        home.settle()
        home.verdict()


def _readers(daemon: Running) -> list[int]:
    return daemon.left_over()
