"""Two daemons on one PostgreSQL and one mailbox: either dies or freezes at any moment (fault F28)."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import psycopg

from tests.faults.fault import Trial
from tests.faults.house import ForkedRunning, House, house
from tests.faults.mailboxes import DESK, FROM_THE_FIRST, all_is_there, deliver, letters
from tests.servers import dovecot, postgresql
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.product import eventually

ROLES = "imap,worker,delivery,scheduler"
TAKEN_OVER_WITHIN = 15.0


def two_daemons(trial: Trial) -> None:
    """F28: two on one PostgreSQL, killed and frozen in turn: each act once; a second one on SQLite is refused."""
    with house(trial, folder=trial.folder / "sqlite") as home, home.desk.running():
        done = home.desk.call("run")
        trial.must(f"the second one on SQLite ends with 2: {done.returncode}", hold=done.returncode == 2)
    if postgresql.missing():
        return
    with house(trial, database=postgresql.fresh_database()) as home:
        _kill_in_turn(trial, home)
        home.verdict()
    if not dovecot.missing():
        _one_mailbox(trial)


def _kill_in_turn(trial: Trial, home: House) -> None:
    """One listens and works, the other works; the second one dies and freezes."""
    rounds = trial.length(3, 40)
    with home.desk.running():
        source = home.senders(trial.length(40, 600), pace=0.2)
        for number in range(rounds):
            other = home.desk.start("--only", "worker,delivery,scheduler")
            before = source.codes[250]
            eventually(partial(source.has_taken, before + 1), "mails taken", 60)
            if number % 2:
                other.send(signal.SIGSTOP)
                time.sleep(trial.length(1, 20))  # the fault itself
                other.send(signal.SIGCONT)
            time.sleep(home.random.uniform(0.05, 1.0))  # the random moment itself
            other.kill()
        with home.desk.running("--only", "worker,delivery,scheduler"):
            home.settle()
    trial.see(f"{rounds} deaths and freezes of a second daemon")


def _one_mailbox(trial: Trial) -> None:
    """Whoever reads the mailbox is killed or frozen, then a mail comes: the other one must read it within seconds."""
    with _at_a_mailbox(trial) as (home, server):
        running = {process.pid: process for process in (home.desk.start("--only", ROLES) for _ in range(2))}
        rounds, took = trial.length(2, 12), list[float]()
        try:
            for number in range(rounds):
                took.append(_next_reader(home, server, running, number))
        finally:
            for process in running.values():
                process.kill()
        with home.desk.running("--only", ROLES):
            home.settle()
        trial.see(f"{rounds} times the reader of the mailbox killed or frozen: read on after {_listed(took)} s")
        trial.must(f"read on within {TAKEN_OVER_WITHIN:.0f} s", hold=max(took) <= TAKEN_OVER_WITHIN)
        home.verdict()


def _listed(seconds: list[float]) -> str:
    return ", ".join(f"{each:.0f}" for each in sorted(seconds))


@contextmanager
def _at_a_mailbox(trial: Trial) -> Iterator[tuple[House, Dovecot]]:
    with running_dovecot() as server:
        server._folder("one", "INBOX")
        extra = server.account("one", DESK, **FROM_THE_FIRST, idle=True)
        database = postgresql.fresh_database()
        with house(trial, database=database, extra=extra, folder=trial.folder / "mailbox") as home:
            with home.desk.running("--only", ROLES):  # old mails come quietly; these shall come after the first look
                eventually(lambda: _reader(home) and _looked_at(home), "a first look at the mailbox", 60)
            yield home, server


def _next_reader(home: House, server: Dovecot, running: dict[int, ForkedRunning], number: int) -> float:
    """The seconds until a mail is there that came after its reader was lost; then there are two again."""
    reader = eventually(lambda: _reader(home, running), "a reader of the mailbox", 60)
    frozen = number % 2 == 1
    os.kill(reader, signal.SIGSTOP if frozen else signal.SIGKILL)
    deliver(home, server, "one", letters(2, home.random, 100 * number))
    began = time.monotonic()
    all_is_there(home)
    seconds = time.monotonic() - began
    if frozen:
        os.kill(reader, signal.SIGCONT)
    else:
        running.pop(reader).kill()
        fresh = home.desk.start("--only", ROLES)
        running[fresh.pid] = fresh
    return seconds


def _reader(home: House, running: dict[int, ForkedRunning] | None = None) -> int:
    """The process that has the mailbox's lease now, one of these; 0 when there is none."""
    query = "SELECT split_part(holder, '/', 2)::int FROM leases WHERE name LIKE 'imap:%' AND until > now()"
    pid = _one(home, query)
    return pid if running is None or pid in running else 0


def _looked_at(home: House) -> bool:
    return bool(_one(home, "SELECT count(*) FROM mailboxes"))


def _one(home: House, query: str) -> int:
    with psycopg.connect(home.desk.database.replace("+psycopg", "")) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
