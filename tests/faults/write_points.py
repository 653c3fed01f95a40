"""`kill -9` at every single write, flush, rename and word on the wire of one role (faults F01 to F03; I1 to I5).

No seed chooses here: the points are counted up until a whole run passes without being hit.
"""

import time
from collections.abc import Callable
from functools import partial

from tests.faults.fault import Trial
from tests.faults.house import ForkedRunning, House, has_left, house
from tests.faults.source import Source
from tests.faults.watched import FILES, TALKS, WRITES, watched
from tests.servers import postgresql
from tests.servers.product import eventually

MOST_POINTS = 400
LARGE = (500_000,)  # bytes: written to the spool folder in several blocks, kept beside the database
A_RUN = 60
Done = Callable[[], bool]


def while_accepting(trial: Trial) -> None:
    """F01: two mails, one with a large file, are sent while the listener is killed at its N-th call."""
    _on_both(trial, "smtp", _sends)


def while_handling(trial: Trial) -> None:
    """F02: a backlog is there, and the worker is killed at its N-th call."""
    _on_both(trial, "worker", _has_backlog)


def while_sending(trial: Trial) -> None:
    """F03: notices wait, and the deliverer is killed at its N-th call."""
    _on_both(trial, "delivery", _has_notices)


def _on_both(trial: Trial, role: str, prepare: Callable[[House], Done]) -> None:
    for name in ("sqlite", "postgresql"):
        if name == "postgresql" and (trial.short or postgresql.missing()):
            continue
        url = "sqlite:///maild.db" if name == "sqlite" else postgresql.fresh_database()
        with house(trial, database=url, folder=trial.folder / name) as home:
            calls = (*(WRITES if name == "sqlite" else FILES), *TALKS)
            counts = [f"{call} {_every_point(trial, home, role, call, prepare)}" for call in calls]
            trial.see(f"{name}, {role}: killed at each of {', '.join(counts)}")
            with home.desk.running():
                home.settle()
            home.verdict()


def _every_point(trial: Trial, home: House, role: str, call: str, prepare: Callable[[House], Done]) -> int:
    """How many points there were. The short form takes every one of the first few."""
    most = trial.length(2, MOST_POINTS)
    for number in range(1, most + 1):
        done = prepare(home)
        with watched(home.desk, f"{call}:signal=KILL:when={number}", "--only", role, ready=False) as process:
            if not _was_hit(process, done):
                return number - 1
        home.seen.look(home.ask)
    return most


def _was_hit(process: ForkedRunning, done: Done) -> bool:
    """True when it died; False when all was done and it still lives."""
    until = time.monotonic() + A_RUN
    while time.monotonic() < until:
        if process.forked.poll() is not None:
            return True
        if done():
            return False
        time.sleep(0.02)
    raise AssertionError("neither killed nor done")


def _sends(home: House) -> Done:
    _nothing_left(home, "smtp", lambda: all(_took_both(source) for source in home.sources))
    source = home.senders(1, threads=1, files=LARGE)
    return partial(_took_both, source)


def _nothing_left(home: House, role: str, done: Done) -> None:
    """What the point before left over is done by an unhurt daemon: else it gathers, and every later point is hit."""
    if not done():
        with home.desk.running("--only", role):
            eventually(done, f"an end of what was left for {role}", A_RUN)


def _took_both(source: Source) -> bool:
    return len(source.taken) == 2 and all(letter.acknowledged for letter in source.taken)


def _has_backlog(home: House) -> Done:
    """The mails are taken by an unhurt listener first."""
    _nothing_left(home, "worker", partial(_all_are_messages, home))
    _taken_whole(home)
    return partial(_all_are_messages, home)


def _has_notices(home: House) -> Done:
    """The mails are taken and handled by an unhurt daemon first."""
    _nothing_left(home, "delivery", partial(_all_has_left, home))
    _taken_whole(home, "smtp,worker")
    with home.desk.running("--only", "worker"):
        eventually(partial(_all_are_messages, home), "all mails handled", A_RUN)
    return partial(_all_has_left, home)


def _taken_whole(home: House, roles: str = "smtp") -> None:
    with home.desk.running("--only", roles):
        source = home.senders(1, threads=1, files=LARGE)
        eventually(partial(_took_both, source), "two mails taken", A_RUN)


def _all_has_left(home: House) -> bool:
    home.seen.look(home.ask)
    return has_left(home.seen)


def _all_are_messages(home: House) -> bool:
    home.seen.look(home.ask)
    taken = sum(letter.acknowledged for each in home.sources for letter in each.taken)
    return home.seen.messages + len(home.seen.quarantine) >= taken
