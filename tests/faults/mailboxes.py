"""A mailbox on a real Dovecot behind a line that breaks (faults F21 to F23), and mail that comes several ways (F27)."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from random import Random

from tests.faults.fault import Trial
from tests.faults.house import House, house
from tests.faults.source import Letter, conversations
from tests.faults.wire import Wire
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.product import eventually

DESK = "support@acme.test"
FROM_THE_FIRST: dict[str, str | bool | int] = {"start": "all", "poll": "2s", "after": "flag"}
NOTICED_WITHIN = 120.0
OTHER_WITHIN = 15.0
SMALL = 20_000


@contextmanager
def behind_a_wire(trial: Trial, *, idle: bool = False) -> Iterator[tuple[House, Dovecot, Wire]]:
    """One mailbox `one` through the wire, one mailbox `two` straight."""
    with running_dovecot() as server, Wire(("127.0.0.1", server.port)) as wire:
        words = {**FROM_THE_FIRST, "idle": idle}
        extra = server.account("one", DESK, **words, port=wire.port) + server.account("two", DESK, **words)
        for user in ("one", "two"):
            server._folder(user, "INBOX")
        with house(trial, extra=extra) as home:
            with home.desk.running():  # old mails come quietly; these shall come after the first look
                eventually(lambda: _looked_at(home) == 2, "a first look at both mailboxes", 60)
            yield home, server, wire


def _looked_at(home: House) -> int:
    with closing(sqlite3.connect(home.desk.folder / "maild.db", timeout=20)) as database:
        found: int = database.execute("SELECT count(DISTINCT account) FROM mailboxes").fetchone()[0]
        return found


def deliver(home: House, server: Dovecot, user: str, letters: list[Letter]) -> None:
    """Into the mailbox: from now on each must become one message."""
    for letter in letters:
        server.deliver(user, letter.source)
        letter.answers.append(250)
    home.in_mailboxes += letters


def letters(count: int, random: Random, start: int) -> list[Letter]:
    """Small ones: a mail that is larger than what comes through between two cuts can never arrive."""
    some = [first for first, _ in conversations(6 * count, random, 10 * start)]
    return [letter for letter in some if len(letter.source) < SMALL][:count]


def cut_inside_literals(trial: Trial) -> None:
    """F21: the line is cut after a random number of bytes, again and again; the other mailbox goes on."""
    with behind_a_wire(trial) as (home, server, wire):
        wanted = trial.length(12, 200)

        def cut() -> int | None:
            return home.random.randrange(1_000, 40_000) if wire.cuts < wanted else None

        wire.cut_after = cut
        with home.desk.running():
            number = 0
            while wire.cuts < wanted:
                deliver(home, server, "one", letters(4, home.random, number))
                deliver(home, server, "two", letters(1, home.random, 50_000 + number))
                number += 4
                cuts = wire.cuts
                _orall_is_there(home, partial(_more_cuts, wire, cuts))
            all_is_there(home)
        trial.see(f"{wire.cuts} cuts over {wire.connections} connections, {len(home.letters)} mails")
        home.verdict()


def silent_in_idle(trial: Trial) -> None:
    """F22: the line in IDLE ends with a word, then is open and dead; mail is seen, and another mailbox never waits."""
    with behind_a_wire(trial, idle=True) as (home, server, wire), home.desk.running() as daemon:
        for number in range(trial.length(2, 10)):
            deliver(home, server, "one", letters(1, home.random, number))
            all_is_there(home)
            server.kick("one")  # BYE
        deliver(home, server, "one", letters(1, home.random, 100))
        all_is_there(home)
        wire.swallow.set()
        began, cpu, before = time.monotonic(), _cpu_seconds(daemon.pid), wire.connections
        other = _seconds_until_read(home, server, "two", 200)
        deliver(home, server, "one", letters(1, home.random, 300))
        eventually(lambda: wire.connections > before, "a new connection", 180)
        seconds = time.monotonic() - began
        used = (_cpu_seconds(daemon.pid) - cpu) / max(seconds, 1)
        wire.swallow.clear()
        wire.cut_all()
        all_is_there(home)
        trial.see(
            f"{trial.length(2, 10)} times BYE; the dead line was noticed after {seconds:.0f} s, {used:.1%} of a core"
        )
        trial.see(f"meanwhile a mail to another mailbox was read after {other:.1f} s")
        trial.must(f"noticed within {NOTICED_WITHIN:.0f} s", hold=seconds <= NOTICED_WITHIN)
        trial.must(f"the other mailbox is read within {OTHER_WITHIN:.0f} s", hold=other <= OTHER_WITHIN)
        trial.must("no spin", hold=used < 0.05)
        home.verdict()


def _seconds_until_read(home: House, server: Dovecot, user: str, number: int) -> float:
    began = time.monotonic()
    deliver(home, server, user, letters(1, home.random, number))
    all_is_there(home)
    return time.monotonic() - began


def uids_begin_anew(trial: Trial) -> None:
    """F23: UIDVALIDITY is renewed while mail comes; all is listed again, nothing is taken twice."""
    with behind_a_wire(trial) as (home, server, _wire), home.desk.running():
        for number in range(trial.length(2, 3)):
            deliver(home, server, "one", letters(trial.length(4, 40), home.random, 100 * number))
            all_is_there(home)
            server.new_uidvalidity("one")
        deliver(home, server, "one", letters(3, home.random, 1000))
        all_is_there(home)
        home.verdict()


def the_same_by_every_way(trial: Trial) -> None:
    """F27: one mail by SMTP, from two mailboxes and by `ingest`, all at once: one message each."""
    with behind_a_wire(trial) as (home, server, _wire), home.desk.running():
        count = trial.length(5, 60)
        source = home.senders(count, threads=4)
        eventually(lambda: len(source.taken) == 2 * count, "the senders' list", 60)
        taken = list(source.taken)
        threads = [threading.Thread(target=_into, args=(server, user, taken)) for user in ("one", "two")]
        threads.append(threading.Thread(target=_ingest, args=(home, taken)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        home.settle()
        eventually(lambda: _marked(server, "one") == _marked(server, "two") == len(taken), "both mailboxes read", 120)
        home.settle()
        home.verdict()


def _marked(server: Dovecot, user: str) -> int:
    return server.flags(user).count("$MaildKept")


def _into(server: Dovecot, user: str, taken: list[Letter]) -> None:
    for letter in taken:
        server.deliver(user, letter.source)


def _ingest(home: House, taken: list[Letter]) -> None:
    folder = home.desk.folder / "again"
    folder.mkdir()
    for letter in taken:
        (folder / f"{letter.token}.eml").write_bytes(letter.source)
    home.desk.cli("ingest", "--recipient", "support@acme.test", *map(str, sorted(folder.iterdir())))


def _more_cuts(wire: Wire, before: int) -> bool:
    return wire.cuts > before


def _orall_is_there(home: House, happened: Callable[[], bool]) -> None:
    eventually(lambda: happened() or _is_there(home), "a cut or the mails", 60)


def _is_there(home: House) -> bool:
    home.seen.look(home.ask)
    return home.seen.messages + len(home.seen.quarantine) >= len(home.letters)


def all_is_there(home: House) -> None:
    """Waits until each mail of the mailboxes is a message."""
    eventually(lambda: _is_there(home), "every mail of the mailbox", 240)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
